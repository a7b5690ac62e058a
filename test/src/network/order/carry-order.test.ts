import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderItem } from "../../../../src/model/order.ts";
import type { Result } from "../../../../src/model/result.ts";
import { type ItemFailure, noScanSettings } from "../../../../src/model/scan.ts";
import { factorySettings, type Settings } from "../../../../src/model/settings.ts";
import { checkSettings } from "../../../../src/model/validate.ts";
import { carryOrder, type OrderContext } from "../../../../src/network/order/carry-order.ts";
import { checkScan } from "../../../../src/network/order/check-scan.ts";
import { parseOrder } from "../../../../src/network/order/schema.ts";
import { somePort } from "../../../support/some-facts.ts";
import {
  badOrders,
  item,
  manyVlans,
  routeItem,
  someOrder,
  staticItem,
  vlanItem,
} from "../../../support/some-orders.ts";
import { anySettings, someStaticSettings } from "../../../support/some-settings.ts";

const factory = factorySettings();
/** The panel's VLAN is 20, and LAN has a lease. */
const standing: Settings = { ...factory, lan: { ...factory.lan, vlan: 20 } };
const context: OrderContext = {
  standing,
  network: { lan: somePort({ vlan: 20 }), wan: null, separated: false },
  mostVlans: 4094,
};

function carry(
  document: unknown,
  change: Partial<OrderContext> = {},
): Result<Settings, { message: string; items: readonly ItemFailure[] }> {
  const parsed = parseOrder(document);
  if (!parsed.ok) return parsed;
  const carried = carryOrder(parsed.value, { ...context, ...change });
  return carried.ok ? carried : { ok: false, error: { message: "", items: carried.error } };
}

function settingsOf(items: readonly OrderItem[], change: Partial<OrderContext> = {}): Settings {
  const carried = carry(someOrder(items), change);
  if (!carried.ok) throw new Error(JSON.stringify(carried.error));
  return carried.value;
}

/** Id and message of what is wrong. */
function flawsOf(items: readonly OrderItem[], change: Partial<OrderContext> = {}) {
  const carried = carry(someOrder(items), change);
  return carried.ok ? [] : carried.error.items.map(({ id, message }) => `${id}: ${message}`);
}

describe("an order that is refused whole", () => {
  it.each(badOrders)("%s", (_, document, blamed, message) => {
    const carried = carry(document);
    if (carried.ok) throw new Error("it was accepted");
    const { items } = carried.error;
    expect(items.map(({ id }) => id)).toEqual(blamed);
    expect(items[0]?.message ?? carried.error.message).toMatch(message);
  });

  it("for one gateway on both ports, as a router in another subnet has it", () => {
    const lan = somePort({ gateway: "10.88.0.1" });
    const network = { lan, wan: null, separated: false };
    expect(flawsOf([staticItem("wan", "10.88.0.20")], { network })).toEqual([
      "wan-ipv4: LAN and WAN same gateway: 10.88.0.1",
    ]);
  });

  it("names every item that is to blame, once", () => {
    expect(flawsOf([vlanItem(20), vlanItem(4095), vlanItem(30, { address: "10.0.0.0" }), vlanItem(31)])).toEqual([
      "vlan-20: VLAN 20 is set at the panel",
      "vlan-4095: VLAN 4095: a tag is 1 to 4094",
      "vlan-30: 10.0.0.0/24: This is the network address",
    ]);
  });

  it("for 100 VLANs on a box that may have 99", () => {
    const vlans = manyVlans.slice(0, 100);
    expect(settingsOf(vlans.slice(1), { mostVlans: 99 }).scan.vlans).toHaveLength(99);
    expect(flawsOf(vlans, { mostVlans: 99 })).toEqual([`${vlans[99]?.id}: more than 99 VLANs`]);
  });

  it.each<[string, object]>([
    ["a network address", { address: "10.100.30.0" }],
    ["a broadcast address", { address: "10.100.30.255" }],
    ["leading zeros", { address: "010.100.030.020" }],
    ["a multicast address", { address: "224.0.0.5" }],
    ["no prefix", { prefixLength: 0 }],
    ["a point-to-point prefix", { prefixLength: 31 }],
    ["a broken tag", { tag: 30.5 }],
    ["a tag in a string", { tag: "30" }],
    ["IPv6 that is not in short form", { ipv6: { address: "2001:DB8::1", prefixLength: 64 } }],
    ["IPv6 of the link", { ipv6: { address: "fe80::1", prefixLength: 64 } }],
    ["IPv6 with a zone", { ipv6: { address: "fe80::1%lan0", prefixLength: 64 } }],
    ["IPv6 prefix 129", { ipv6: { address: "2001:db8::1", prefixLength: 129 } }],
  ])("for a VLAN with %s", (_, change) => {
    expect(flawsOf([vlanItem(30, change)])).toEqual([expect.stringMatching(/^vlan-30: /)]);
  });

  it.each<[string, object, RegExp]>([
    ["the default route", { destination: "0.0.0.0/0" }, /the prefix length is 1 to 32$/],
    ["host bits", { destination: "172.16.1.1/24" }, /has bits beyond its prefix length$/],
    ["no prefix length", { destination: "172.16.1.0" }, /is no IPv4 network/],
    ["two prefix lengths", { destination: "172.16.1.0/24/24" }, /is no IPv4 network/],
    ["leading zeros", { destination: "172.016.1.0/24" }, /is no IPv4 network/],
    ["IPv6", { destination: "2001:db8::/32" }, /is no IPv4 network/],
    ["loopback", { destination: "127.0.0.0/8" }, /holds addresses that no host may have$/],
    ["all there is above", { destination: "128.0.0.0/1" }, /holds addresses that no host may have$/],
    ["a gateway that is no address", { gateway: "router" }, /^route-1: router: /],
    ["a gateway that is the box itself", { gateway: "10.100.30.20", via: 30 }, /is this box itself$/],
    ["an unknown way", { via: "dmz" }, /must be lan, wan or the tag of a VLAN$/],
  ])("for a route with %s", (_, change, message) => {
    expect(flawsOf([vlanItem(30), routeItem(1, change)])).toEqual([expect.stringMatching(message)]);
  });

  it("for two routes to one network by the ports, but not for one by a VLAN as well", () => {
    const two = { destination: "172.16.1.0/24" };
    const byVlan = routeItem(3, { ...two, gateway: "10.100.30.1", via: 30 });
    expect(flawsOf([vlanItem(30), routeItem(1), byVlan])).toEqual([]);
    expect(flawsOf([routeItem(1), routeItem(2, two)])).toEqual([
      "route-2: 172.16.1.0/24 has the route route-1 already",
    ]);
  });

  it.each<[string, readonly OrderItem[], string]>([
    ["WAN", [item("w", "wan-ipv4", { method: "dhcp" })], "w: there is no WAN in IPv6-only mode"],
    ["a route by LAN", [routeItem(1)], "route-1: there is no IPv4 in IPv6-only mode"],
    ["an IPv4 proxy", [item("p", "proxy", { host: "10.77.0.9", port: 80 })], "p: 10.77.0.9: there is no IPv4 here"],
  ])("for %s in IPv6-only mode", (_, items, flaw) => {
    expect(flawsOf(items, { standing: factorySettings("ipv6-only") })).toEqual([flaw]);
  });

  it("for what was wrong before it, and says where", () => {
    const broken = someStaticSettings({ gateway: "10.99.0.1" });
    expect(flawsOf([vlanItem(30)], { standing: broken })).toEqual(["lan.ipv4.gateway: Gateway not in the subnet"]);
  });

  it("in a report that is no longer than the document, whatever is in it", () => {
    const nothings = { schema: 1, revision: 1, items: Array.from({ length: 5000 }, () => ({})) };
    const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key-${n}`, n]));
    for (const document of [nothings, someOrder([vlanItem(30, keys)]), { ...keys, ...someOrder([]) }]) {
      const carried = carry(document);
      if (carried.ok) throw new Error("it was accepted");
      const { message, items } = carried.error;
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      expect(Math.max(message.length, ...items.map((one) => one.message.length))).toBeLessThan(300);
    }
  });
});

describe("an order that is carried", () => {
  it("holds every VLAN of a port and every route", () => {
    const routes = Array.from({ length: 99 }, (_, n) => routeItem(n));
    const { scan } = settingsOf([...manyVlans, ...routes]);
    expect([scan.revision, scan.vlans.length, scan.routes.length]).toEqual([7, 4093, 99]);
  });

  it("replaces the VLANs and routes in force, all of them, and nothing else", () => {
    const before = { ...standing, scan: { revision: 3, vlans: [], routes: [] } };
    const first = settingsOf([vlanItem(30), routeItem(1)], { standing: before });
    expect(first).toEqual({
      ...standing,
      scan: {
        revision: 7,
        vlans: [{ id: "vlan-30", tag: 30, address: "10.100.30.20", prefixLength: 24, ipv6: null }],
        routes: [{ id: "route-1", destination: "172.16.1.0/24", gateway: "10.77.0.1", via: "lan" }],
      },
    });
    expect(settingsOf([], { standing: first })).toEqual({ ...standing, scan: { ...noScanSettings, revision: 7 } });
  });

  it.each<[string, readonly OrderItem[], Settings, Partial<Settings>]>([
    [
      "LAN by IPv4, with what may be left out",
      [staticItem("lan", "10.79.0.20")],
      standing,
      {
        lan: {
          ...standing.lan,
          ipv4: {
            ...{ method: "static", address: "10.79.0.20", prefixLength: 24, gateway: "10.79.0.1", dns: ["10.79.0.1"] },
            ...{ wins: [], domain: null },
          },
        },
      },
    ],
    [
      "LAN by IPv6",
      [item("6", "lan-ipv6", { method: "auto", dns: ["2001:db8::53"] })],
      standing,
      { lan: { ...standing.lan, ipv6: { method: "auto", dns: ["2001:db8::53"] } } },
    ],
    [
      "the link of LAN",
      [item("l", "lan-link", { mode: "100/full" })],
      standing,
      { lan: { ...standing.lan, link: "100/full" } },
    ],
    [
      "WAN and its link, whichever is named first",
      [item("l", "wan-link", { mode: "100/full" }), item("w", "wan-ipv4", { method: "dhcp" })],
      standing,
      { wan: { link: "100/full", ipv4: { method: "dhcp" } } },
    ],
    [
      "WAN off",
      [item("w", "wan-ipv4", { method: "off" })],
      { ...standing, wan: { link: "auto", ipv4: { method: "dhcp" } } },
      { wan: null },
    ],
    [
      "a proxy",
      [item("p", "proxy", { host: "proxy.example", port: 3128 })],
      standing,
      { proxy: { host: "proxy.example", port: 3128, user: null, passwordRef: null } },
    ],
  ])("changes %s", (_, items, before, after) => {
    const carried = settingsOf(items, { standing: before, network: null });
    expect(carried).toEqual({ ...before, ...after, scan: { ...noScanSettings, revision: 7 } });
  });

  it("leaves a proxy its credentials, and gives them to no other", () => {
    const proxy = { host: "proxy.example", port: 3128, user: "anna", passwordRef: "0".repeat(32) };
    const with_ = (host: string) =>
      settingsOf([item("p", "proxy", { host, port: 3128 })], { standing: { ...standing, proxy } });
    expect(with_("proxy.example").proxy).toEqual(proxy);
    expect(with_("other.example").proxy).toEqual({ ...proxy, host: "other.example", user: null, passwordRef: null });
    expect(settingsOf([item("p", "proxy", { off: true })], { standing: { ...standing, proxy } }).proxy).toBeNull();
  });

  it("judges a route by a lease that stays, not by one that goes with it, and by none where there is none", () => {
    const route = routeItem(1, { gateway: "10.79.0.1" });
    expect(flawsOf([route])).toHaveLength(1);
    expect(flawsOf([route], { network: null })).toEqual([]);
    expect(flawsOf([route, item("l", "lan-ipv4", { method: "dhcp" })])).toEqual([]);
    expect(flawsOf([route, staticItem("lan", "10.79.0.20")])).toEqual([]);
  });
});

/** JSON as it may come, often enough nearly an order. */
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      tag: fc.oneof(fc.integer(), fc.constantFrom(20, 30, 4094), fc.string()),
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom("10.77.0.20", "1e1.0.0.1", "10.77.0.20/24")),
      prefixLength: fc.oneof(fc.integer(), fc.integer({ min: 0, max: 33 }), fc.double()),
      ipv6: fc.oneof(
        fc.constant(null),
        fc.record({ address: fc.oneof(fc.ipV6(), fc.string()), prefixLength: fc.nat(130) }),
      ),
      destination: fc.oneof(fc.ipV4Extended(), fc.string(), fc.constantFrom("172.16.0.0/12", "1.2.3.4/-1")),
      gateway: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constant("10.77.0.1")),
      via: fc.oneof(fc.integer(), fc.constantFrom("lan", "wan", "dmz", 30)),
      method: fc.constantFrom("dhcp", "static", "auto", "off", "bootp"),
      dns: fc.array(fc.oneof(fc.ipV4(), fc.string()), { maxLength: 3 }),
      mode: fc.constantFrom("auto", "100/full", "9000"),
      host: fc.oneof(fc.domain(), fc.ipV6(), fc.string()),
      port: fc.integer(),
      off: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
);
const kinds = ["vlan", "route", "lan-ipv4", "lan-ipv6", "lan-link", "wan-ipv4", "wan-link", "proxy", "toString", "x"];
const anyItem = fc.record(
  { id: fc.oneof(fc.string(), fc.constantFrom("a", "b", "c")), kind: fc.constantFrom(...kinds), value: anyValue },
  { requiredKeys: [] },
);
/** What each kind takes, so that some garbage is not. */
const goodItem = fc.constantFrom<OrderItem>(
  ...[vlanItem(30), vlanItem(31), routeItem(1), routeItem(2, { gateway: "10.100.30.1", via: 30 })],
  ...[staticItem("lan", "10.79.0.20"), staticItem("wan", "10.88.0.20"), item("x", "wan-ipv4", { method: "off" })],
  ...[item("y", "proxy", { host: "2001:db8::9", port: 1 }), item("z", "lan-ipv6", { method: "auto" })],
);
const anyDocument = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 9,
    arbitrary: fc.record(
      {
        schema: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.jsonValue() }),
        revision: fc.oneof({ weight: 9, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.jsonValue() }),
        items: fc.array(fc.oneof(anyItem, { weight: 5, arbitrary: goodItem }), { maxLength: 6 }),
      },
      { requiredKeys: ["schema", "revision", "items"] },
    ),
  },
);
const anyLease = fc.constantFrom(null, context.network, {
  lan: somePort({ ipv4: [] }),
  wan: somePort({ ipv4: ["10.88.0.9/24"], gateway: "10.88.0.1" }),
  separated: true,
});

describe("garbage", () => {
  it("never throws, and is never accepted where the rules of the settings refuse it", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        anyDocument,
        anySettings,
        anyLease,
        fc.constantFrom(1, 99, 4094),
        (document, before, network, mostVlans) => {
          const json: unknown = JSON.parse(JSON.stringify(document));
          const carried = carry(json, { standing: before, network, mostVlans });
          if (!carried.ok) {
            expect(carried.error.message.length + carried.error.items.length).toBeGreaterThan(0);
            return;
          }
          accepted++;
          expect(checkSettings(carried.value)).toEqual([]);
          expect(checkScan(carried.value, { mostVlans })).toEqual([]);
          const items = (json as { items: readonly OrderItem[] }).items;
          const ids = [...carried.value.scan.vlans, ...carried.value.scan.routes].map(({ id }) => id);
          expect(ids.sort()).toEqual(
            items
              .filter(({ kind }) => kind === "vlan" || kind === "route")
              .map(({ id }) => id)
              .sort(),
          );
        },
      ),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it("in depth is no matter", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(300_000)}${"]".repeat(300_000)}`);
    expect(carry(deep).ok).toBe(false);
    expect(flawsOf([item("x", "vlan", { tag: deep })])).toHaveLength(1);
  });
});
