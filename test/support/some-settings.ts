import fc from "fast-check";
import { linkModes } from "../../hal/ethernet.ts";
import type { ScanSettings } from "../../src/model/scan.ts";
import { factorySettings, type Settings, type StaticIpv4 } from "../../src/model/settings.ts";

/** A complete static configuration in 10.77.0.0/24. */
export function someStatic(change: Partial<StaticIpv4> = {}): StaticIpv4 {
  return {
    method: "static",
    address: "10.77.0.20",
    prefixLength: 24,
    gateway: "10.77.0.1",
    dns: ["10.77.0.2", "10.77.0.3"],
    wins: ["10.77.0.4"],
    domain: "lab.example",
    ...change,
  };
}

/** Factory settings with a static LAN. */
export function someStaticSettings(change: Partial<StaticIpv4> = {}): Settings {
  const factory = factorySettings();
  return { ...factory, lan: { ...factory.lan, ipv4: someStatic(change) } };
}

/** A static configuration of 10.`net`.0.0/16 that passes every check. */
function staticIpv4(net: number, port: "lan" | "wan"): fc.Arbitrary<StaticIpv4> {
  const host = fc.integer({ min: 2, max: 250 }).map((n) => `10.${net}.0.${n}`);
  const servers = (max: number) => fc.array(host, { maxLength: max });
  return fc.record({
    method: fc.constant("static" as const),
    address: host,
    prefixLength: fc.constantFrom(16, 24),
    gateway: fc.constant(`10.${net}.0.1`),
    dns: fc.array(host, { minLength: 1, maxLength: 2 }),
    wins: port === "lan" ? servers(2) : fc.constant([]),
    domain: port === "lan" ? fc.option(fc.constantFrom("a", "lab.example"), { nil: null }) : fc.constant(null),
  });
}

const dhcp = fc.constant({ method: "dhcp" as const });
const link = fc.constantFrom(...linkModes);
const dns6 = fc.array(fc.constantFrom("2001:db8::2", "2001:db8::3"), { maxLength: 2 });

/** VLANs, and routes by LAN, WAN and one of the VLANs; gateways may be no neighbours of a port that has a lease. */
const anyScan: fc.Arbitrary<ScanSettings> = fc.record({
  revision: fc.option(fc.nat(), { nil: null }),
  vlans: fc
    .subarray([21, 22, 4093])
    .map((tags) =>
      tags.map((tag) => ({ id: `vlan-${tag}`, tag, address: `10.1.${tag % 256}.2`, prefixLength: 24, ipv6: null })),
    ),
  routes: fc
    .subarray(["lan", "wan"] as const)
    .chain((vias) => fc.tuple(fc.constant(vias), fc.integer({ min: 1, max: 250 })))
    .map(([vias, host]) =>
      vias.map((via) => ({
        id: `route-${via}`,
        destination: via === "lan" ? "10.201.0.0/16" : "10.202.0.0/16",
        gateway: via === "lan" ? `10.77.0.${host}` : `10.88.0.${host}`,
        via,
      })),
    ),
});

/** Settings that pass every check. */
export const anySettings: fc.Arbitrary<Settings> = fc.record({
  mode: fc.constantFrom("ipv4+v6" as const, "ipv6-only" as const),
  lan: fc.record({
    vlan: fc.constantFrom(0, 1, 20, 4094),
    link,
    ipv4: fc.oneof(dhcp, staticIpv4(77, "lan")),
    ipv6: fc.oneof(
      fc.record({ method: fc.constant("auto" as const), dns: dns6 }),
      fc.record({
        method: fc.constant("static" as const),
        address: fc.constantFrom("2001:db8::20", "2001:db8::21"),
        prefixLength: fc.constantFrom(64, 56),
        gateway: fc.constantFrom("2001:db8::1", "fe80::1"),
        dns: fc.array(fc.constantFrom("2001:db8::2", "2001:db8::3"), { minLength: 1, maxLength: 2 }),
      }),
    ),
  }),
  wan: fc.option(fc.record({ link, ipv4: fc.oneof(dhcp, staticIpv4(88, "wan")) }), { nil: null }),
  proxy: fc.option(
    fc.record({
      host: fc.constantFrom("proxy.example", "10.77.0.9"),
      port: fc.integer({ min: 1, max: 65535 }),
      user: fc.option(fc.constantFrom("user", "domain\\user"), { nil: null }),
      passwordRef: fc.constant(null),
    }),
    { nil: null },
  ),
  scan: anyScan,
});
