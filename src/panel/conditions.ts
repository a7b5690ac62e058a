import { isDeepStrictEqual } from "node:util";
import type { Facts } from "../model/facts.ts";
import type { Settings } from "../model/settings.ts";
import { checkSettings } from "../model/validate.ts";

/** When an option of a menu is offered, and which name it has. */
export interface Condition {
  /** For the drawing of the menus: what is the case, and what when it is not. */
  readonly words: string;
  readonly otherwise: string;
  readonly holds: (facts: Facts) => boolean;
}

function condition(words: string, otherwise: string, holds: Condition["holds"]): Condition {
  return { words, otherwise, holds };
}

export function all(...conditions: readonly Condition[]): Condition {
  const words = conditions.map((one) => one.words).join(", ");
  return condition(words, `not: ${words}`, (facts) => conditions.every(({ holds }) => holds(facts)));
}

export function not({ words, otherwise, holds }: Condition): Condition {
  return condition(otherwise, words, (facts) => !holds(facts));
}

export const managesIpv4 = condition("IPv4+v6 mode", "IPv6-only mode", ({ settings }) => settings.mode === "ipv4+v6");
export const managesIpv6 = not(managesIpv4);

export const lanIsDhcp = condition(
  "LAN by DHCP",
  "LAN not by DHCP",
  ({ settings }) => settings.mode === "ipv4+v6" && settings.lan.ipv4.method === "dhcp",
);
export const lanIsStatic = condition(
  "LAN static",
  "LAN not static",
  ({ settings }) => settings.mode === "ipv4+v6" && settings.lan.ipv4.method === "static",
);
export const lanIsAuto6 = condition(
  "IPv6-only mode, automatic",
  "not automatic IPv6",
  ({ settings }) => settings.mode === "ipv6-only" && settings.lan.ipv6.method === "auto",
);
export const lanIsStatic6 = condition(
  "IPv6-only mode, static",
  "not static IPv6",
  ({ settings }) => settings.mode === "ipv6-only" && settings.lan.ipv6.method === "static",
);

export const hasVlan = condition("a VLAN is set", "no VLAN", ({ settings }) => settings.lan.vlan !== 0);
export const hasProxy = condition("a proxy is set", "no proxy", ({ settings }) => settings.proxy !== null);

/** Management goes by WAN. */
export const isSplit = condition(
  "WAN is on",
  "WAN is off",
  ({ settings }) => settings.mode === "ipv4+v6" && settings.wan !== null,
);
export const wanIsDhcp = condition(
  "WAN by DHCP",
  "WAN not by DHCP",
  (facts) => isSplit.holds(facts) && facts.settings.wan?.ipv4.method === "dhcp",
);
export const wanIsStatic = condition(
  "WAN static",
  "WAN not static",
  (facts) => isSplit.holds(facts) && facts.settings.wan?.ipv4.method === "static",
);

/** The guide has LAN configured before WAN: by hand, or by a DHCP server that has answered. */
export const lanIsConfigured = condition(
  "LAN has an address",
  "LAN has no address",
  (facts) => lanIsStatic.holds(facts) || facts.network.lan.ipv4.length > 0,
);

/** The last settings that reached the platform, with what the platform orders for scans now; null when there are none. */
export function lastGoodNow({ lastGood, settings }: Facts): Settings | null {
  return lastGood === null ? null : { ...lastGood, scan: settings.scan };
}

/** There are other settings that have reached the platform, and by today's rules they may be applied. */
export const canRestore = condition(
  "other settings reached the platform",
  "no other settings reached the platform",
  (facts) => {
    const good = lastGoodNow(facts);
    return good !== null && !isDeepStrictEqual(good, facts.settings) && checkSettings(good).length === 0;
  },
);
