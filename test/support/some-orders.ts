import type { OrderItem } from "../../src/model/order.ts";

/** A document of the platform's settings. */
export function someOrder(items: readonly OrderItem[], change: object = {}) {
  return { schema: 1, revision: 7, items, ...change };
}

export function item(id: string, kind: string, value: unknown): OrderItem {
  return { id, kind, value };
}

/** An address of its own in a VLAN of its own: 10.T.T.20/24, T being the tag's octets over 100. */
export function vlanItem(tag: number, change: object = {}): OrderItem {
  const address = `10.${100 + (tag >> 8)}.${tag & 255}.20`;
  return item(`vlan-${tag}`, "vlan", { tag, address, prefixLength: 24, ...change });
}

export function routeItem(number: number, change: object = {}): OrderItem {
  return item(`route-${number}`, "route", {
    destination: `172.16.${number}.0/24`,
    gateway: "10.77.0.1",
    via: "lan",
    ...change,
  });
}

export function staticItem(port: "lan" | "wan", address: string, change: object = {}): OrderItem {
  const gateway = address.replace(/\.\d+$/, ".1");
  return item(`${port}-ipv4`, `${port}-ipv4`, {
    ...{ method: "static", address, prefixLength: 24, gateway, dns: [gateway] },
    ...change,
  });
}

/** Every tag but the panel's. */
export const manyVlans = Array.from({ length: 4094 }, (_, n) => n + 1)
  .filter((tag) => tag !== 20)
  .map((tag) => vlanItem(tag));

/**
 * What must be refused whole on a box whose LAN has a lease in 10.77.0.0/24 and VLAN 20 of the panel, each with the items that
 * are to blame (none: the document itself) and what is said of the first of them.
 */
export const badOrders: readonly (readonly [
  what: string,
  document: object,
  blamed: readonly string[],
  message: RegExp,
])[] = [
  [
    "LAN and WAN that overlap",
    someOrder([staticItem("wan", "10.77.0.20")]),
    ["wan-ipv4"],
    /^Duplicate LAN and WAN config: LAN 10\.77\.0\.\d+\/24, WAN 10\.77\.0\.20\/24$/,
  ],
  [
    "static LAN and WAN that overlap",
    someOrder([
      staticItem("lan", "10.79.0.20"),
      staticItem("wan", "10.79.0.130", { prefixLength: 25, gateway: "10.79.0.129" }),
    ]),
    ["wan-ipv4"],
    /^Duplicate LAN and WAN config: LAN 10\.79\.0\.20\/24, WAN 10\.79\.0\.130\/25$/,
  ],
  [
    "one gateway for LAN and WAN",
    someOrder([staticItem("lan", "10.79.0.20"), staticItem("wan", "10.79.0.30")]),
    ["wan-ipv4"],
    /^Duplicate LAN and WAN config/,
  ],
  [
    "a proxy of the wrong family",
    someOrder([item("proxy", "proxy", { host: "2001:db8::9", port: 3128 })]),
    ["proxy"],
    /IPv6 only in IPv6-only mode/,
  ],
  ["VLAN 4095", someOrder([vlanItem(30), vlanItem(4095)]), ["vlan-4095"], /^VLAN 4095: a tag is 1 to 4094$/],
  ["VLAN 0", someOrder([vlanItem(0)]), ["vlan-0"], /^VLAN 0: a tag is 1 to 4094$/],
  [
    "two VLANs with one tag",
    someOrder([vlanItem(30), { ...vlanItem(30), id: "again" }]),
    ["again"],
    /^VLAN 30 is that of vlan-30 already$/,
  ],
  ["the panel's VLAN", someOrder([vlanItem(20)]), ["vlan-20"], /^VLAN 20 is set at the panel$/],
  [
    "two items with one id",
    someOrder([vlanItem(30), { ...vlanItem(31), id: "vlan-30" }]),
    ["vlan-30"],
    /^two items have this id$/,
  ],
  [
    "a route to a gateway that LAN cannot reach",
    someOrder([routeItem(1), routeItem(2, { gateway: "10.99.0.1" })]),
    ["route-2"],
    /^the gateway 10\.99\.0\.1 cannot be reached, LAN is 10\.77\.0\.\d+\/24$/,
  ],
  [
    "a route to a gateway that its VLAN cannot reach",
    someOrder([vlanItem(30), routeItem(1, { gateway: "10.77.0.1", via: 30 })]),
    ["route-1"],
    /^the gateway 10\.77\.0\.1 cannot be reached, VLAN 30 is 10\.100\.30\.20\/24$/,
  ],
  [
    "a network with a zero before its prefix length",
    someOrder([routeItem(1, { destination: "10.0.0.0/08" })]),
    ["route-1"],
    /^10\.0\.0\.0\/08 is no IPv4 network/,
  ],
  [
    "a route to the broadcast address",
    someOrder([routeItem(1, { gateway: "10.77.0.255" })]),
    ["route-1"],
    /^the gateway 10\.77\.0\.255: Broadcast is no host address$/,
  ],
  [
    "a route to the broadcast address of its VLAN",
    someOrder([vlanItem(30), routeItem(1, { gateway: "10.100.30.255", via: 30 })]),
    ["route-1"],
    /^the gateway 10\.100\.30\.255: Broadcast is no host address$/,
  ],
  ["a route by a VLAN that is not there", someOrder([routeItem(1, { via: 31 })]), ["route-1"], /^there is no VLAN 31/],
  ["a route by WAN that is off", someOrder([routeItem(1, { via: "wan" })]), ["route-1"], /^WAN is not enabled$/],
  [
    "4095 VLANs",
    someOrder([...manyVlans, { ...vlanItem(1), id: "extra-1" }, { ...vlanItem(2), id: "extra-2" }]),
    ["extra-2", "extra-1"],
    /^more than 4094 VLANs$/,
  ],
  ["100 routes", someOrder(Array.from({ length: 100 }, (_, n) => routeItem(n))), ["route-99"], /^more than 99 routes$/],
  [
    "more items than there may be",
    someOrder(Array.from({ length: 5001 }, (_, n) => routeItem(n))),
    [],
    /more than 5000/,
  ],
  [
    "a document of a newer version",
    { schema: 2, revision: 7, items: [vlanItem(30)], more: true },
    [],
    /^schema: 2 is of a newer version, this program understands 1; bring it up to date$/,
  ],
  ["a kind that is unknown", someOrder([item("x", "dns", {})]), ["x"], /^there is no kind dns$/],
  ["a kind that is a name of the language", someOrder([item("x", "constructor", {})]), ["x"], /^there is no kind/],
  ["an item without a value", { ...someOrder([]), items: [{ id: "x", kind: "vlan" }] }, ["x"], /^value: /],
  ["an item without an id", { ...someOrder([]), items: [{ kind: "vlan", value: {} }] }, ["items.0"], /^id: /],
  ["a key that is unknown", someOrder([vlanItem(30, { mtu: 9000 })]), ["vlan-30"], /"mtu"/],
  ["a link mode that is none", someOrder([item("l", "lan-link", { mode: "40000/full" })]), ["l"], /^mode: /],
  ["a link of a WAN that is off", someOrder([item("w", "wan-link", { mode: "auto" })]), ["w"], /^WAN is not enabled$/],
  [
    "LAN ordered twice",
    someOrder([staticItem("lan", "10.79.0.20"), { ...staticItem("lan", "10.79.0.21"), id: "other" }]),
    ["other"],
    /^lan-ipv4 is ordered by lan-ipv4 already$/,
  ],
  [
    "a LAN whose gateway is no neighbour",
    someOrder([staticItem("lan", "10.79.0.20", { gateway: "10.80.0.1" })]),
    ["lan-ipv4"],
    /^lan\.ipv4\.gateway: Gateway not in the subnet$/,
  ],
];
