import type { Route } from "../../model/network-state.ts";
import type { Ipv4Settings, Ipv6Settings, PortName } from "../../model/settings.ts";
import { vlanInterface } from "../../model/vlan-interface.ts";
import type { Operation } from "../backend.ts";

export type InterfaceNames = Readonly<Record<PortName, string>>;
export type Configure = Extract<Operation, { kind: "configure" }>;

/** A connection profile of NetworkManager as nmcli writes it. */
export interface Profile {
  readonly uuid: string;
  readonly type: "ethernet" | "vlan";
  /** The interface that its addresses are on. */
  readonly interface: string;
  /** 0: untagged. */
  readonly vlan: number;
  /** The fixed address with prefix length to be managed by; null where there is none or the network gives one. */
  readonly fixed: string | null;
  /**
   * Every property that any of our profiles of this type sets, in nmcli's words: one list both makes a profile and leaves
   * nothing behind of what it was before.
   */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/** Fixed: a profile is found again whatever became of the process that made it, and there is one for each purpose. */
export const profileUuids = {
  lan: "6e7f3f0c-58a1-4d3e-9a53-1b1a6c0e4d01",
  wan: "6e7f3f0c-58a1-4d3e-9a53-1b1a6c0e4d02",
  /** LAN's default network where that is tagged. */
  vlan: "6e7f3f0c-58a1-4d3e-9a53-1b1a6c0e4d03",
} as const;

/** The kernel's main table, where scans find their ways; RT_TABLE_MAIN of linux/rtnetlink.h. */
const mainRouteTable = "254";
/**
 * A negative priority makes LAN's servers the only ones in resolv.conf while it has some: what scans look up must not be asked
 * of WAN's servers. Ours are asked by address. Both families have the same: the lower one takes the other's servers out too, of
 * one profile and with its own family disabled (NetworkManager 1.42).
 */
const dnsPriority = { lan: "-100", wan: "100" } as const;
/** WAN's routes stay out of the main table, where scans of LAN find theirs. */
const wanRouteTable = "100";
/** The default of NetworkManager before 1.46 is not to look for a duplicate address at all. */
const dadTimeoutMs = "1000";
const dhcpTimeoutSeconds = "30";
const raTimeoutSeconds = "15";

/**
 * The profiles that carry out an order: the port's own, and with a VLAN one for the tagged network, which then has the
 * addresses while the port itself has none.
 */
export function profilesOf(
  order: Configure,
  interfaces: InterfaceNames,
): { readonly port: Profile; readonly vlan: Profile | null } {
  const { port, vlan } = order;
  const name = interfaces[port];
  const fixed = fixedAddress(order);
  const ethernet = (ip: Properties): Profile => ({
    uuid: profileUuids[port],
    type: "ethernet",
    interface: name,
    vlan: 0,
    fixed: vlan === 0 ? fixed : null,
    properties: [
      ...connection(`bezel-${port}`, name),
      // "no" with speed 0: NetworkManager leaves the link alone.
      ["802-3-ethernet.auto-negotiate", "no"],
      ["802-3-ethernet.speed", "0"],
      ["802-3-ethernet.duplex", ""],
      ...ip,
    ],
  });
  if (vlan === 0) return { port: ethernet(addresses(order)), vlan: null };
  const tagged = vlanInterface(name, vlan);
  return {
    port: ethernet([["connection.autoconnect-retries", "0"], ...ipv4("disabled", order), ...ipv6("disabled", order)]),
    vlan: {
      uuid: profileUuids.vlan,
      type: "vlan",
      interface: tagged,
      vlan,
      fixed,
      properties: [
        ...connection("bezel-lan-vlan", tagged),
        ["vlan.parent", name],
        ["vlan.id", String(vlan)],
        ...addresses(order),
      ],
    },
  };
}

type Properties = Profile["properties"];

function fixedAddress({ mode, ipv4, ipv6 }: Configure): string | null {
  const management = mode === "ipv6-only" ? ipv6 : ipv4;
  return management.method === "static" ? `${management.address}/${management.prefixLength}` : null;
}

function connection(id: string, interfaceName: string): Properties {
  return [
    ["connection.id", id],
    ["connection.interface-name", interfaceName],
    ["connection.autoconnect", "yes"],
  ];
}

function addresses(order: Configure): Properties {
  const { mode, port } = order;
  return [
    /*
     * Without a lease: again for ever (0). With a fixed address there is no use in it: where another machine has the address
     * an attempt takes a tenth of a second, and ten a second would follow. NetworkManager tries again after five minutes and
     * when the cable comes back.
     */
    ["connection.autoconnect-retries", fixedAddress(order) === null ? "0" : "1"],
    ...ipv4(mode === "ipv6-only" ? "disabled" : order.ipv4, order),
    ...ipv6(mode === "ipv4+v6" && port === "wan" ? "disabled" : order.ipv6, order),
  ];
}

/** nmcli's form of a port's ordered routes. */
export function routesValue(port: PortName, routes: readonly Route[]): string {
  const table = port === "wan" ? ` table=${mainRouteTable}` : "";
  return routes.map(({ destination, gateway }) => `${destination} ${gateway}${table}`).join(",");
}

function ipv4(settings: Ipv4Settings | "disabled", { mode, port, routes }: Configure): Properties {
  const fixed = settings !== "disabled" && settings.method === "static" ? settings : null;
  return [
    ["ipv4.method", settings === "disabled" ? "disabled" : fixed === null ? "auto" : "manual"],
    ["ipv4.addresses", fixed === null ? "" : `${fixed.address}/${fixed.prefixLength}`],
    ["ipv4.gateway", fixed?.gateway ?? ""],
    ["ipv4.dns", fixed?.dns.join(",") ?? ""],
    ["ipv4.dns-priority", dnsPriority[port]],
    ["ipv4.route-table", port === "wan" ? wanRouteTable : "0"],
    ["ipv4.routes", settings === "disabled" ? "" : routesValue(port, routes)],
    // The family that management does not use neither delays an activation nor ends one.
    ["ipv4.may-fail", mode === "ipv6-only" ? "yes" : "no"],
    ["ipv4.dad-timeout", dadTimeoutMs],
    ["ipv4.dhcp-timeout", dhcpTimeoutSeconds],
  ];
}

function ipv6(settings: Ipv6Settings | "disabled", { mode, port }: Configure): Properties {
  const fixed = settings !== "disabled" && settings.method === "static" ? settings : null;
  return [
    ["ipv6.method", settings === "disabled" ? "disabled" : fixed === null ? "auto" : "manual"],
    ["ipv6.addresses", fixed === null ? "" : `${fixed.address}/${fixed.prefixLength}`],
    ["ipv6.gateway", fixed?.gateway ?? ""],
    // With "auto" these are asked before those of the network, which stay.
    ["ipv6.dns", settings === "disabled" ? "" : settings.dns.join(",")],
    ["ipv6.dns-priority", dnsPriority[port]],
    ["ipv6.route-table", port === "wan" ? wanRouteTable : "0"],
    ["ipv6.may-fail", mode === "ipv6-only" ? "no" : "yes"],
    // An address that can be told from the MAC address (RFC 4291 appendix A) and stays: firewalls are set up for it.
    ["ipv6.addr-gen-mode", "eui64"],
    ["ipv6.ip6-privacy", "0"],
    ["ipv6.ra-timeout", raTimeoutSeconds],
  ];
}
