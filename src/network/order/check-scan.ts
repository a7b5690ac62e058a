import ipaddr from "ipaddr.js";
import { doNetworksOverlap, ipv4Number, isInNetwork, maskNumber, parseIpv4 } from "../../model/address.ts";
import type { NetworkState } from "../../model/network-state.ts";
import { type ItemFailure, mostScanRoutes, type ScanRoute, type ScanVlan } from "../../model/scan.ts";
import type { Settings } from "../../model/settings.ts";
import {
  checkGateway,
  checkHostAddress,
  checkHostAddress6,
  checkPrefixLength,
  checkPrefixLength6,
} from "../../model/validate.ts";

/** The guide: up to 4094 VLANs for a serial number over 29000, else 99. Of no number, and of 29000 itself, nothing is told. */
export function mostVlansOf(serial: string): number {
  return /^\d+$/.test(serial) && Number(serial) < 29_000 ? 99 : 4094;
}

export interface ScanLimits {
  /** See {@link mostVlansOf}. */
  readonly mostVlans: number;
}

/** What is wrong with the VLANs and routes of these settings, by item; empty when they may be applied. */
export function checkScan(settings: Settings, { mostVlans }: ScanLimits): readonly ItemFailure[] {
  const { vlans, routes } = settings.scan;
  return [
    ...vlans.slice(mostVlans).map(({ id }) => ({ id, message: `more than ${mostVlans} VLANs` })),
    ...routes.slice(mostScanRoutes).map(({ id }) => ({ id, message: `more than ${mostScanRoutes} routes` })),
    ...checkVlans(vlans, settings.lan.vlan),
    ...checkRoutes(settings),
  ];
}

function checkVlans(vlans: readonly ScanVlan[], panelVlan: number): readonly ItemFailure[] {
  const owners = new Map<number, string>();
  return vlans.flatMap((vlan) => {
    const owner = owners.get(vlan.tag);
    if (owner === undefined) owners.set(vlan.tag, vlan.id);
    const message = vlanFlaw(vlan, owner, panelVlan);
    return message === null ? [] : [{ id: vlan.id, message }];
  });
}

function vlanFlaw(vlan: ScanVlan, owner: string | undefined, panelVlan: number): string | null {
  const { tag, address, prefixLength, ipv6 } = vlan;
  if (!Number.isInteger(tag) || tag < 1 || tag > 4094) return `VLAN ${tag}: a tag is 1 to 4094`;
  // The kernel allows one VLAN of a tag on a port, across all namespaces.
  if (tag === panelVlan) return `VLAN ${tag} is set at the panel`;
  if (owner !== undefined) return `VLAN ${tag} is that of ${owner} already`;
  const wrong = checkHostAddress(address) ?? checkPrefixLength(prefixLength, address);
  if (wrong !== null) return `${address}/${prefixLength}: ${wrong.message}`;
  if (ipv6 === null) return null;
  const wrong6 = checkHostAddress6(ipv6.address) ?? checkPrefixLength6(ipv6.prefixLength);
  if (wrong6 !== null) return `${ipv6.address}/${ipv6.prefixLength}: ${wrong6.message}`;
  return ipaddr.IPv6.parse(ipv6.address).range() === "linkLocal" ? `${ipv6.address} is of the link alone` : null;
}

function checkRoutes(settings: Settings): readonly ItemFailure[] {
  const owners = new Map<string, string>();
  const vlans = byTag(settings.scan.vlans);
  return settings.scan.routes.flatMap((route) => {
    // The ports share the main table, and the VLANs that of their namespace.
    const place = `${typeof route.via === "number" ? "vlans" : "ports"} ${route.destination}`;
    const owner = owners.get(place);
    if (owner === undefined) owners.set(place, route.id);
    const message =
      destinationFlaw(route.destination) ??
      (owner === undefined ? null : `${route.destination} has the route ${owner} already`) ??
      gatewayFlaw(route, settings, vlans);
    return message === null ? [] : [{ id: route.id, message }];
  });
}

/** A network of unicast addresses, and not all of them. */
function destinationFlaw(destination: string): string | null {
  const [network = "", length = "", ...more] = destination.split("/");
  const parsed = parseIpv4(network);
  const prefixLength = Number(length);
  if (parsed === null || parsed.join(".") !== network || !/^(0|[1-9]\d?)$/.test(length) || more.length > 0) {
    return `${destination} is no IPv4 network, such as 10.9.0.0/16`;
  }
  if (prefixLength < 1 || prefixLength > 32) return `${destination}: the prefix length is 1 to 32`;
  if ((ipv4Number(parsed) & ~maskNumber(prefixLength)) !== 0) return `${destination} has bits beyond its prefix length`;
  const isForHosts = !["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"].some((odd) => doNetworksOverlap(odd, destination));
  return isForHosts ? null : `${destination} holds addresses that no host may have`;
}

/** A gateway is a neighbour. Where the address is leased only the network can tell: see {@link standingFailures}. */
function gatewayFlaw(
  { gateway, via }: ScanRoute,
  settings: Settings,
  vlans: ReadonlyMap<number, ScanVlan>,
): string | null {
  const wrong = checkHostAddress(gateway);
  if (wrong !== null) return `${gateway}: ${wrong.message}`;
  if (typeof via === "number") {
    const vlan = vlans.get(via);
    if (vlan === undefined) return `there is no VLAN ${via} for it`;
    return neighbourFlaw(gateway, `${vlan.address}/${vlan.prefixLength}`, `VLAN ${via}`);
  }
  if (settings.mode === "ipv6-only") return "there is no IPv4 in IPv6-only mode";
  const port = settings[via];
  if (port === null) return "WAN is not enabled";
  if (port.ipv4.method === "dhcp") return null;
  return neighbourFlaw(gateway, `${port.ipv4.address}/${port.ipv4.prefixLength}`, via.toUpperCase());
}

/** Of several with one tag the last; they are refused elsewhere. */
function byTag(vlans: readonly ScanVlan[]): ReadonlyMap<number, ScanVlan> {
  return new Map(vlans.map((vlan) => [vlan.tag, vlan]));
}

/** `own` with its prefix length, of a port or a VLAN that is in order itself. */
function neighbourFlaw(gateway: string, own: string, where: string): string | null {
  const [address = "", length] = own.split("/");
  const flaw = checkGateway(gateway, address, Number(length));
  if (flaw === null) return null;
  if (flaw.code === "own-address") return `the gateway ${gateway} is this box itself`;
  if (flaw.code === "off-subnet") return `the gateway ${gateway} cannot be reached, ${where} is ${own}`;
  return `the gateway ${gateway}: ${flaw.message}`;
}

/** What cannot be in force now though it was ordered: settings and leases have changed since. */
export function standingFailures(settings: Settings, network: NetworkState | null): readonly ItemFailure[] {
  const { vlans, routes } = settings.scan;
  const owned = vlans.filter(({ tag }) => tag === settings.lan.vlan);
  const others = byTag(withoutOwned(settings).scan.vlans);
  return [
    ...owned.map(({ id, tag }) => ({ id, message: `VLAN ${tag} is set at the panel` })),
    ...routes.flatMap((route) => {
      const message =
        gatewayFlaw(route, settings, others) ?? leasedGatewayFlaw(route, network) ?? unshownFlaw(route, network);
      return message === null ? [] : [{ id: route.id, message }];
    }),
  ];
}

/** A route by a port that the kernel does not have. */
function unshownFlaw({ destination, gateway, via }: ScanRoute, network: NetworkState | null): string | null {
  if (typeof via === "number" || network === null) return null;
  const port = network[via];
  const isShown = port?.routes.some((shown) => shown.destination === destination && shown.gateway === gateway);
  if (isShown) return null;
  return port === null || port.ipv4.length === 0
    ? `${via.toUpperCase()} has no address`
    : `${destination}: the kernel does not show it`;
}

/** The VLAN of the panel has the tag; that of a scan with the same one waits. */
export function withoutOwned(settings: Settings): Settings {
  const vlans = settings.scan.vlans.filter(({ tag }) => tag !== settings.lan.vlan);
  return { ...settings, scan: { ...settings.scan, vlans } };
}

/** A route whose gateway is not in the network that a lease has given the port. Nothing is known without a lease. */
export function leasedGatewayFlaw({ gateway, via }: ScanRoute, network: NetworkState | null): string | null {
  if (typeof via === "number" || network === null) return null;
  const port = network[via];
  if (port === null || port.ipv4.length === 0) return null;
  const near = port.ipv4.find((own) => isInNetwork(gateway, own));
  if (near !== undefined) return neighbourFlaw(gateway, near, via.toUpperCase());
  return `the gateway ${gateway} cannot be reached, ${via.toUpperCase()} is ${port.ipv4.join(" ")}`;
}
