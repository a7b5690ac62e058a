import type { BenchPatch } from "../sim/bench-document.ts";
import { factorySettings, type ProxySettings, type Settings, type StaticIpv4 } from "../src/model/settings.ts";
import { connectTimeoutMs, resolveTimeoutMs } from "../src/uplink/exchange.ts";

/** A fault of the guide's tables and how the bench's world provokes it. */
export interface FaultRow {
  readonly message: string;
  /** What the box is set to; the factory's settings where nothing is said. `proxy` is the bench's. */
  readonly settings?: (proxy: Pick<ProxySettings, "host" | "port">) => Settings;
  /** The password that goes with the proxy's user. */
  readonly password?: string;
  readonly world?: BenchPatch;
  /**
   * What naming it takes at least: `facts`: nothing, the box knows it already; `curl`: the same request by curl alone; a
   * number: the limit of what does not answer, ms.
   */
  readonly floor: "facts" | "curl" | number;
}

const factory = factorySettings();
const staticIpv4: StaticIpv4 = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.53"],
  wins: [],
  domain: null,
};
const withLan = (change: Partial<StaticIpv4>) => (): Settings => ({
  ...factory,
  lan: { ...factory.lan, ipv4: { ...staticIpv4, ...change } },
});
const split = (): Settings => ({ ...factory, wan: { link: "auto", ipv4: { method: "dhcp" } } });
const splitStatic = (change: Partial<StaticIpv4>) => (): Settings => ({
  ...split(),
  wan: {
    link: "auto",
    ipv4: { ...staticIpv4, address: "10.78.0.20", gateway: "10.78.0.1", dns: ["10.78.0.53"], ...change },
  },
});
const proxied =
  (change: Partial<ProxySettings> = {}) =>
  ({ host, port }: Pick<ProxySettings, "host" | "port">): Settings => ({
    ...factory,
    proxy: { host, port, user: null, passwordRef: null, ...change },
  });

const platform = (answer: NonNullable<BenchPatch["platform"]>["answer"]): BenchPatch => ({ platform: { answer } });

/** From the lowest rung to the highest. */
export const faultRows: readonly FaultRow[] = [
  { message: "Invalid LAN IP configuration", settings: withLan({ gateway: "10.99.0.1" }), floor: "facts" },
  {
    message: "Invalid WAN IP configuration",
    settings: splitStatic({ gateway: "10.99.0.1" }),
    // Here a WAN that the kernel refused leaves the way by LAN open: nothing is looked for until a poll fails.
    world: platform("refused"),
    floor: "curl",
  },
  { message: "Invalid proxy IP", settings: proxied({ host: "10.77.0.300" }), floor: "facts" },
  {
    message: "Invalid proxy auth config",
    settings: proxied({ user: "anna" }),
    world: { proxy: { auth: "basic" } },
    floor: "curl",
  },
  { message: "no CARRIER on LAN interface", world: { lan: { cable: false } }, floor: "facts" },
  { message: "no CARRIER on WAN interface", settings: split, world: { wan: { cable: false } }, floor: "facts" },
  // The answers of the name server go to the other machine.
  {
    message: "Duplicate IP detected",
    settings: withLan({}),
    world: { lan: { duplicate: true } },
    floor: resolveTimeoutMs,
  },
  { message: "LAN has no IPv4 address", world: { lan: { dhcp: "off" } }, floor: "facts" },
  { message: "WAN has no IPv4 address", settings: split, world: { wan: { dhcp: "off" } }, floor: "facts" },
  { message: "LAN DHCP lease has no gateway", world: { lan: { dhcp: "no-router" } }, floor: "facts" },
  { message: "WAN DHCP lease has no gateway", settings: split, world: { wan: { dhcp: "no-router" } }, floor: "facts" },
  {
    message: "Duplicate LAN and WAN config",
    settings: split,
    // The simulated network gets a packet through such a configuration all the same: nothing is looked for until a poll fails.
    world: { wan: { subnet: "10.77.0.0/24" }, platform: { answer: "refused" } },
    floor: "curl",
  },
  { message: "LAN has no DNS servers", world: { lan: { dhcp: "no-dns" } }, floor: "facts" },
  { message: "WAN has no DNS servers", settings: split, world: { wan: { dhcp: "no-dns" } }, floor: "facts" },
  { message: "LAN DNS server not reachable", world: { lan: { dns: "off" } }, floor: resolveTimeoutMs },
  { message: "WAN DNS server not reachable", settings: split, world: { wan: { dns: "off" } }, floor: resolveTimeoutMs },
  { message: "LAN DNS can't resolve QG URL", world: { lan: { dns: "servfail" } }, floor: "facts" },
  { message: "WAN DNS can't resolve QG URL", settings: split, world: { wan: { dns: "servfail" } }, floor: "facts" },
  { message: "LAN DNS can't resolve proxy", settings: proxied(), world: { lan: { dns: "refuse" } }, floor: "facts" },
  {
    message: "WAN DNS can't resolve proxy",
    settings: (proxy) => ({ ...split(), proxy: proxied()(proxy).proxy }),
    world: { wan: { dns: "refuse" } },
    floor: "facts",
  },
  { message: "unexpected proxy HTTP/403", settings: proxied(), world: { proxy: { answer: "403" } }, floor: "curl" },
  {
    message: "unexpected proxy HTTP/407",
    settings: proxied({ user: "bench" }),
    password: "wrong",
    world: { proxy: { auth: "basic", answer: "407" } },
    floor: "curl",
  },
  { message: "unexpected proxy HTTP/503", settings: proxied(), world: { proxy: { answer: "503" } }, floor: "curl" },
  { message: "Error connect to server (07)", world: platform("refused"), floor: "curl" },
  { message: "Timeout was reached (28)", world: platform("hang"), floor: connectTimeoutMs },
  { message: "Failed receiving peer data (56)", world: platform("reset"), floor: "curl" },
  { message: "SSL peer cert was not OK", world: platform("other-certificate"), floor: "curl" },
  { message: "Unexpected QG HTTP/401", world: platform("401"), floor: "curl" },
  { message: "Unexpected QG HTTP/500", world: platform("500"), floor: "curl" },
  { message: "This scan_id does not exist", world: platform("unknown-scan"), floor: "curl" },
  { message: "This Scanner is disabled", world: platform("disabled"), floor: "curl" },
  { message: "Account expired", world: platform("expired"), floor: "curl" },
];
