/** A tagged network on LAN that only scans use. Ordered by the platform, never at the panel. */
export interface ScanVlan {
  /** The platform's name for it: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string;
  /** 802.1Q, 1 to 4094. */
  readonly tag: number;
  /** Our address there: canonical dotted decimal. */
  readonly address: string;
  /** 1 to 30. */
  readonly prefixLength: number;
  /** Canonical by RFC 5952; null: none beyond the link's own. */
  readonly ipv6: { readonly address: string /** 1 to 128. */; readonly prefixLength: number } | null;
}

/** Where a route's gateway is: in LAN's default network, in WAN's, or in the scan VLAN with this tag. */
export type RouteVia = "lan" | "wan" | number;

/** A way to targets of scans. IPv4. */
export interface ScanRoute {
  readonly id: string;
  /** A network with its prefix length, host bits zero: `10.9.0.0/16`. */
  readonly destination: string;
  /** A neighbour in the network that `via` names. */
  readonly gateway: string;
  readonly via: RouteVia;
}

/** An item of the platform's order that the machine does not show, and why, for people. */
export interface ItemFailure {
  readonly id: string;
  readonly message: string;
}

/** What the platform ordered for scans, beyond LAN's default network. */
export interface ScanSettings {
  /** Of the platform's order that was applied last; null: none was, or it was forgotten so that it comes again. */
  readonly revision: number | null;
  /** At most {@link mostScanVlans}, each tag once. */
  readonly vlans: readonly ScanVlan[];
  /** At most {@link mostScanRoutes}. */
  readonly routes: readonly ScanRoute[];
}

/** Every tag of 802.1Q. */
export const mostScanVlans = 4094;
export const mostScanRoutes = 99;

export const noScanSettings: ScanSettings = { revision: null, vlans: [], routes: [] };
