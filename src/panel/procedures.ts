import type { Effect } from "../model/effect.ts";
import { factorySettings, type Mode, type PortName } from "../model/settings.ts";
import { lastGoodNow } from "./conditions.ts";
import { change, type Procedure, type ProcedureName } from "./procedure-parts.ts";
import { auto6Lan, static6Lan } from "./procedures/ipv6.ts";
import { portLink } from "./procedures/port-link.ts";
import { proxy } from "./procedures/proxy.ts";
import { staticIpv4, withIpv4 } from "./procedures/static-ipv4.ts";
import { vlan } from "./procedures/vlan.ts";

/** A question and its effect. */
const question = (what: string, text: string, effect: Procedure["effect"]): Procedure => ({
  begin: null,
  fields: [],
  confirm: { id: `confirm/${what}`, text },
  effect,
});

const enableDhcp = (port: PortName): Procedure => {
  const label = port.toUpperCase();
  return question(`dhcp-${port}`, `REALLY ENABLE DHCP ON ${label}?`, (_, { settings }) =>
    change(withIpv4(settings, port, { method: "dhcp" }), `dhcp-${port}`, `ENABLING DHCP ON ${label}`),
  );
};

/** Asks nothing: nothing is changed. */
const renewDhcp = (port: PortName): Procedure => {
  const text = `RENEWING DHCP ON ${port.toUpperCase()}`;
  const progress = { what: "change", id: `renew-dhcp-${port}`, text } as const;
  return { begin: null, fields: [], confirm: null, effect: () => ({ type: "renew-lease", port, progress }) };
};

const reset = (mode: Mode, id: string, text: string): Effect => change(factorySettings(mode), id, text, "forget");

/** The mode is a part of the factory's settings, so that all others go with it. */
const resetToMode = (mode: Mode, name: string): Procedure =>
  question("reset-mode", `REALLY RESET TO ${name}?`, () => reset(mode, "reset-mode", `RESETTING TO ${name} MODE`));

export const procedures: Readonly<Record<ProcedureName, Procedure>> = {
  reboot: question("reboot", "REALLY REBOOT SYSTEM?", () => ({ type: "reboot" })),
  shutdown: question("shutdown", "REALLY SHUTDOWN SYSTEM?", () => ({ type: "shutdown" })),
  "enable-dhcp-lan": enableDhcp("lan"),
  "renew-dhcp-lan": renewDhcp("lan"),
  "static-lan": staticIpv4("lan"),
  vlan,
  "static6-lan": static6Lan,
  "auto6-lan": auto6Lan,
  "enable-dhcp-wan": enableDhcp("wan"),
  "renew-dhcp-wan": renewDhcp("wan"),
  "static-wan": staticIpv4("wan"),
  "disable-wan": question("disable-wan", "REALLY DISABLE WAN?", (_, { settings }) =>
    change({ ...settings, wan: null }, "disable-wan", "DISABLING WAN INTERFACE"),
  ),
  proxy,
  "disable-proxy": question("disable-proxy", "REALLY DISABLE PROXY?", (_, { settings }) =>
    change({ ...settings, proxy: null }, "disable-proxy", "DISABLING PROXY SUPPORT"),
  ),
  "lan-link": portLink("lan"),
  "wan-link": portLink("wan"),
  restore: question("restore", "REALLY RESTORE LAST GOOD?", (_, facts) =>
    change(lastGoodNow(facts) ?? facts.settings, "restore", "RESTORING LAST GOOD SETTINGS"),
  ),
  "reset-all": question("reset-all", "REALLY RESET ALL SETTINGS?", (_, { settings }) =>
    reset(settings.mode, "reset-all", "RESETTING ALL SETTINGS"),
  ),
  "reset-to-ipv6": resetToMode("ipv6-only", "IPv6 ONLY"),
  "reset-to-ipv4": resetToMode("ipv4+v6", "IPv4+v6"),
};
