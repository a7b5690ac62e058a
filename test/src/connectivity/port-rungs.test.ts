import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { Evidence } from "../../../src/connectivity/evidence.ts";
import type { Settings } from "../../../src/model/settings.ts";
import * as box from "./evidence.ts";

const { evidence, lan6, withLan, withWan, lanStatic, withProxy, split, ipv6Only, staticIpv4 } = box;

const wanStatic: Settings = {
  ...lanStatic(),
  wan: { link: "auto", ipv4: staticIpv4({ address: "192.0.2.20", gateway: "192.0.2.1" }) },
};

function withWanStatic(change: Parameters<typeof staticIpv4>[0]): Settings {
  return { ...lanStatic(), wan: { link: "auto", ipv4: staticIpv4(change) } };
}

const settingsRows: readonly box.Row[] = [
  ["address 0/8", evidence({ settings: lanStatic({ address: "0.1.2.3" }) }), "Invalid LAN IP configuration", "E07"],
  ["broadcast", evidence({ settings: lanStatic({ address: "10.77.0.255" }) }), "Invalid LAN IP configuration", "E07"],
  ["off-subnet", evidence({ settings: lanStatic({ gateway: "10.78.0.1" }) }), "Invalid LAN IP configuration", "E07"],
  ["own gateway", evidence({ settings: lanStatic({ gateway: "10.77.0.20" }) }), "Invalid LAN IP configuration", "E07"],
  ["gateway 127/8", evidence({ settings: lanStatic({ gateway: "127.0.0.1" }) }), "Invalid LAN IP configuration", "E09"],
  ["WAN 224/4", evidence({ settings: withWanStatic({ address: "230.0.0.1" }) }), "Invalid WAN IP configuration", "E08"],
  ["WAN 127/8", evidence({ settings: withWanStatic({ address: "127.0.0.2" }) }), "Invalid WAN IP configuration", "E11"],
  [
    "IPv6 loopback",
    evidence({
      settings: {
        ...ipv6Only,
        lan: {
          ...ipv6Only.lan,
          ipv6: { method: "static", address: "::1", prefixLength: 64, gateway: "fe80::1", dns: ["2001:db8::53"] },
        },
      },
    }),
    "Invalid LAN IP configuration",
    "E09",
  ],
  ["proxy octet", evidence({ settings: withProxy({ host: "10.77.0.256" }) }), "Invalid proxy IP", "E03"],
  ["proxy port", evidence({ settings: withProxy({ port: 0 }) }), "Invalid proxy IP", "E03"],
  ["IPv6 proxy", evidence({ settings: withProxy({ host: "2001:db8::1" }) }), "Invalid proxy IP", "E03"],
  ["IPv4 proxy", evidence({ settings: withProxy({ host: "10.77.0.9" }, ipv6Only) }), "Invalid proxy IP", "E03"],
  ["proxy user", evidence({ settings: withProxy({ user: "a:b" }) }), "Invalid proxy auth config", "E03"],
  ["user without password", evidence({ settings: withProxy({ user: "anna" }) }), "Invalid proxy auth config", "E03"],
  [
    "password without user",
    evidence({ settings: withProxy(), proxyAuth: { password: true } }),
    "Invalid proxy auth config",
    "E03",
  ],
  [
    "subnets overlap",
    evidence({ settings: withWanStatic({ address: "10.77.0.200", gateway: "10.77.0.254" }) }),
    "Duplicate LAN and WAN config",
    null,
  ],
];

const unseen = { present: false, configured: false, carrier: false, ipv4: [], lease: null };
const portRows: readonly box.Row[] = [
  ["LAN cable out", withLan({ carrier: false, ipv4: [] }), "no CARRIER on LAN interface", null],
  ["LAN interface missing", withLan({ present: false, carrier: false }), "no CARRIER on LAN interface", null],
  ["WAN cable out", withWan({ carrier: false }), "no CARRIER on WAN interface", null],
  ["WAN without orders", { ...evidence(), settings: split }, "Could not configure WAN", "E12"],
  ["LAN without orders", withLan({ configured: false, ipv4: [], lease: null }), "Could not configure LAN", "E10"],
  ["no orders, no cable", withLan({ configured: false, carrier: false }), "no CARRIER on LAN interface", null],
  ["nothing read", withLan(unseen, { networkUnread: "ip: no answer" }), "Could not configure LAN", "E10"],
  ["nothing read, split", withWan({}, { networkUnread: "ip: no answer" }), "Could not configure WAN", "E12"],
  ["duplicate before lease", withLan({ duplicate: "02:aa:bb:cc:dd:ee", ipv4: [] }), "Duplicate IP detected", null],
  [
    "LAN refused",
    withLan({ ipv4: [] }, { configurationRefused: { port: "lan", detail: "exit 4" } }),
    "Could not configure LAN",
    "E10",
  ],
  [
    "WAN refused",
    withWan({}, { configurationRefused: { port: "wan", detail: "exit 4" } }),
    "Could not configure WAN",
    "E12",
  ],
  ["no lease", withLan({ ipv4: [], lease: null }), "LAN has no IPv4 address", null],
  ["no lease on WAN", withWan({ ipv4: [] }), "WAN has no IPv4 address", null],
  [
    "static, not in the kernel",
    withLan({ ipv4: ["10.77.0.99/24"] }, { settings: lanStatic() }),
    "LAN has no IPv4 address",
    null,
  ],
  ["no router advertisement", lan6({ ipv6: [] }), "LAN has no IPv6 address", null],
  ["self-assigned", withLan({ ipv4: ["169.254.7.7/16"] }), "Invalid LAN IP configuration", "E07"],
  ["leased gateway 0.0.0.0", withLan({ gateway: "0.0.0.0" }), "Invalid LAN IP configuration", "E07"],
  ["leased 127/8", withWan({ ipv4: ["127.0.0.9/8"], gateway: "127.0.0.1" }), "Invalid WAN IP configuration", "E11"],
  ["lease without router", withLan({ gateway: null }), "LAN DHCP lease has no gateway", null],
  ["WAN lease without router", withWan({ gateway: null }), "WAN DHCP lease has no gateway", null],
  ["no IPv6 router", lan6({ gateway: null }), "LAN DHCP lease has no gateway", null],
  [
    "leased subnets overlap",
    withWan({ ipv4: ["10.77.0.9/16"], gateway: "10.77.1.1" }),
    "Duplicate LAN and WAN config",
    null,
  ],
  [
    "same gateway behind different prefixes",
    {
      ...withWan({ ipv4: ["10.77.1.9/24"], gateway: "10.77.0.1" }, { settings: { ...wanStatic, lan: box.dhcp.lan } }),
      settings: { ...split, wan: { link: "auto", ipv4: staticIpv4({ address: "10.77.1.9", gateway: "10.77.1.1" }) } },
    },
    "LAN and WAN same gateway",
    null,
  ],
  ["no DNS servers", withLan({ dns: [] }), "LAN has no DNS servers", "E05"],
  ["no DNS servers on WAN", withWan({ dns: [] }), "WAN has no DNS servers", "E05"],
];

const lease = { server: "10.77.0.2", expires: "2026-01-01T12:00:00.000Z" };
const overlapping = { ipv4: ["10.77.0.9/24"], gateway: "10.99.0.1" };
const elsewhere = { ipv4: ["10.79.0.9/24"], gateway: "10.77.0.1" };

/** What a technician reads beside the message: the addresses and the machines that it is about. */
const detailRows: readonly (readonly [fact: string, evidence: Evidence, message: string, detail: string])[] = [
  [
    "a leased router in another subnet",
    withLan({ gateway: "10.99.0.1", lease }),
    "Invalid LAN IP configuration",
    `LAN ${box.lan.ipv4[0]} gateway 10.99.0.1 from 10.77.0.2: Gateway not in the subnet`,
  ],
  [
    "WAN leased into LAN's subnet, whatever its router",
    withWan(overlapping),
    "Duplicate LAN and WAN config",
    `LAN ${box.lan.ipv4[0]} and WAN 10.77.0.9/24 overlap`,
  ],
  ["LAN's router given to WAN", withWan(elsewhere), "LAN and WAN same gateway", "LAN and WAN both use 10.77.0.1"],
  [
    "WAN's router given to LAN",
    withWan({}, { network: { lan: { ...box.lan, gateway: "192.0.2.1" }, wan: box.wan, separated: true } }),
    "LAN and WAN same gateway",
    "LAN and WAN both use 192.0.2.1",
  ],
  [
    "a leased address of another machine",
    withLan({ ipv4: [], lease: null, duplicate: "02:aa:bb:cc:dd:ee", duplicateAddress: "10.77.0.99" }),
    "Duplicate IP detected",
    "LAN 10.77.0.99 is used by 02:aa:bb:cc:dd:ee",
  ],
  [
    "a helper that does not keep management on WAN",
    withWan(
      {},
      {
        network: { lan: box.lan, wan: box.wan, separated: false },
        configurationRefused: { port: "wan", detail: "keep our own traffic on WAN: nft is missing" },
      },
    ),
    "Could not configure WAN",
    "keep our own traffic on WAN: nft is missing",
  ],
  [
    "management that is kept on a WAN that is no more",
    evidence({ network: { lan: box.lan, wan: null, separated: true } }),
    "Could not configure LAN",
    "our own traffic may not use LAN",
  ],
  [
    "a lease without DNS servers",
    withLan({ dns: [], lease }),
    "LAN has no DNS servers",
    "the lease of 10.77.0.2 names no DNS server",
  ],
  [
    "no router at all",
    lan6({ ipv6: [], gateway: null }),
    "LAN has no IPv6 address",
    "lan0: no router advertises itself",
  ],
  [
    "a router without a prefix",
    lan6({ ipv6: [] }),
    "LAN has no IPv6 address",
    "lan0: router fe80::1 advertises no prefix",
  ],
  [
    "routers that are no way out",
    lan6({ gateway: null }),
    "LAN DHCP lease has no gateway",
    "lan0: no router advertises a way out (router lifetime 0)",
  ],
];

describe("what is wrong with the settings", () => {
  it.each(settingsRows)("%s", (_, facts, message, legacyCode) => {
    expect(diagnose(facts)).toMatchObject({ message, legacyCode });
  });
});

describe("what is wrong with a port", () => {
  it.each(portRows)("%s", (_, facts, message, legacyCode) => {
    expect(diagnose(facts)).toMatchObject({ message, legacyCode });
  });

  it.each(detailRows)("%s, and who is in it", (_, facts, message, detail) => {
    expect(diagnose(facts)).toMatchObject({ message, detail });
  });
});
