import type { LinkMode, PortName } from "./settings.ts";

export interface Lease {
  /** The DHCP server's address; null where unknown. */
  readonly server: string | null;
  /** ISO 8601 UTC; {@link neverExpires} of a lease for ever. */
  readonly expires: string;
}

export const neverExpires = "9999-12-31T23:59:59.000Z";

/** A way to a network by a neighbour. */
export interface Route {
  /** Canonical, with prefix length: `10.9.0.0/16`. */
  readonly destination: string;
  readonly gateway: string;
}

/** What the kernel and the lease say of one port: observed, never wished. */
export interface PortState {
  readonly interface: string;
  /** false: the interface is missing. */
  readonly present: boolean;
  /** false: the network daemon has no orders for the port, so that no cable and no server will give it an address. */
  readonly configured: boolean;
  readonly mac: string | null;
  readonly carrier: boolean;
  readonly speedMbps: number | null;
  readonly duplex: "full" | "half" | null;
  readonly link: LinkMode;
  /** 0: untagged. */
  readonly vlan: number;
  readonly method: "dhcp" | "static" | "auto6" | "static6";
  /** Global addresses with prefix length, such as `10.77.0.20/24`. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** Of the family that the mode manages by. */
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly wins: readonly string[];
  readonly domain: string | null;
  readonly lease: Lease | null;
  /** Routes that were ordered for the port, in the kernel's main table; neither default routes nor a lease's. */
  readonly routes: readonly Route[];
  /** Another machine answers for our address: its MAC, or `unknown`; null when the address is ours alone. */
  readonly duplicate: string | null;
  /** The address that it answers for, where that is known; a lease that we gave up for it is in nobody's settings. */
  readonly duplicateAddress?: string;
}

export interface NetworkState {
  readonly lan: PortState;
  /** null: the port is not configured. */
  readonly wan: PortState | null;
  /** The kernel routes our own traffic by WAN and by nothing else; null: that was begun or ended halfway. */
  readonly separated: boolean | null;
}

/** The state of the port that carries management. */
export function managementState(network: NetworkState, port: PortName): PortState {
  return port === "wan" && network.wan !== null ? network.wan : network.lan;
}

/** What a port has beyond its link. */
export type Addresses = Pick<
  PortState,
  "method" | "ipv4" | "ipv6" | "gateway" | "dns" | "wins" | "domain" | "lease" | "routes"
>;

/** A port that nobody has given anything yet. */
export const noAddresses: Addresses = {
  method: "dhcp",
  ipv4: [],
  ipv6: [],
  gateway: null,
  dns: [],
  wins: [],
  domain: null,
  lease: null,
  routes: [],
};
