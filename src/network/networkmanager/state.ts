import ipaddr from "ipaddr.js";
import type { LinkMode, LinkState } from "../../../hal/ethernet.ts";
import { type Addresses, type Lease, neverExpires, noAddresses, type PortState } from "../../model/network-state.ts";
import type { KernelFacts } from "./kernel.ts";
import type { ProfileFacts } from "./profile-facts.ts";

/** All that is known of one port. */
export interface PortFacts {
  readonly interface: string;
  readonly link: LinkState;
  readonly mode: LinkMode;
  /** The profile that has the addresses, the VLAN's where there is one; null: there is none. */
  readonly profile: ProfileFacts | null;
  readonly kernel: KernelFacts;
  /** WINS servers that the DHCP server was asked for, where it does not send them by itself. */
  readonly askedWins: readonly string[];
  /** Who had the address when the port was told to take it, or to ask for the lease of it. */
  readonly holder: Holder | null;
}

export interface Holder {
  /** The address with prefix length that the port was to have. */
  readonly address: string;
  /** MAC address, or `unknown`. */
  readonly mac: string;
}

/** What NetworkManager said of a profile when it was up, and the addresses that the kernel had then. */
export interface LastUp {
  readonly profile: ProfileFacts;
  /** Of the family that the profile manages by, with prefix length; at least one. */
  readonly addresses: readonly string[];
}

/** Null: the profile is not up, or has no address. */
export function lastUpOf(profile: ProfileFacts | null, kernel: KernelFacts): LastUp | null {
  if (profile?.state !== "activated") return null;
  const addresses = shownOn(profile, kernel, familyOf(profile));
  return addresses.length === 0 ? null : { profile, addresses };
}

/**
 * The kernel has the addresses already, and what NetworkManager has to tell beside them, name servers and lease, is still to
 * come: 1.42 tells it later, and no event of the kernel follows.
 */
export function isUnfinished(profile: ProfileFacts | null, kernel: KernelFacts): boolean {
  if (profile === null || shownOn(profile, kernel, familyOf(profile)).length === 0) return false;
  const awaitsLease = methodOf(profile) === "dhcp" && profile.options.size === 0;
  return profile.state === "activating" || (profile.state === "activated" && awaitsLease);
}

/**
 * A profile with the name servers and the lease that it was last up with, while it is not up again and the kernel goes on with
 * the same addresses. NetworkManager that was started again knows nothing of them until a server has answered.
 */
export function withLastUp(profile: ProfileFacts, last: LastUp | null, kernel: KernelFacts): ProfileFacts {
  if (last === null || profile.state === "activated") return profile;
  const { uuid, interface: name, method4, method6, dns4, dns6, options } = last.profile;
  const isSame =
    profile.uuid === uuid && profile.interface === name && profile.method4 === method4 && profile.method6 === method6;
  const shown = shownOn(profile, kernel, familyOf(profile));
  if (!isSame || shown.join() !== last.addresses.join()) return profile;
  const knows4 = profile.options.size > 0 || profile.dns4.length > 0;
  return {
    ...profile,
    ...(knows4 ? {} : { dns4, options }),
    ...(profile.dns6.length > 0 ? {} : { dns6 }),
  };
}

/** Addresses and routes as the kernel has them, name servers and leases as NetworkManager has them. */
export function portState({ interface: name, link, mode, profile, kernel, askedWins, holder }: PortFacts): PortState {
  const addresses = profile === null ? noAddresses : addressesOf(profile, kernel, askedWins);
  const own = [...addresses.ipv4, ...addresses.ipv6];
  // The other machine may have gone since, or a server has given another address.
  const isServed = own.includes(holder?.address ?? "") || (addresses.method === "dhcp" && addresses.ipv4.length > 0);
  const held = link.carrier && !isServed ? holder : null;
  return {
    interface: name,
    configured: profile !== null && isKept(profile, link.carrier, addresses),
    ...link,
    link: mode,
    vlan: profile?.vlan ?? 0,
    ...addresses,
    duplicate: held?.mac ?? null,
    ...(held === null ? {} : { duplicateAddress: held.address.replace(/\/\d+$/, "") }),
  };
}

/**
 * Whether a cable or a server would give the port its addresses. NetworkManager leaves a profile alone that somebody else has
 * taken down, and does not see that a lease's address was taken away. That a fixed address is missing shows by itself.
 */
function isKept({ state, autoconnect, options }: ProfileFacts, carrier: boolean, shown: Addresses): boolean {
  const { method, ipv4, ipv6 } = shown;
  const isFixed = method === "static" || method === "static6";
  const isComplete = !carrier || isFixed || (method === "dhcp" ? ipv4 : ipv6).length > 0;
  switch (state) {
    case "activating":
      return true;
    case "activated":
      // One that was rewritten after it came up says DHCP of a port that has kept its fixed address.
      if (carrier && method === "dhcp" && ipv4.length > 0) return ipv4.every((address) => isOf(options, address));
      return isComplete || !options.has("ip_address");
    default:
      return autoconnect && isComplete;
  }
}

function isOf(lease: ProfileFacts["options"], address: string): boolean {
  return address.replace(/\/\d+$/, "") === lease.get("ip_address");
}

function addressesOf(profile: ProfileFacts, kernel: KernelFacts, askedWins: readonly string[]): Addresses {
  const method = methodOf(profile);
  const family = familyOf(profile);
  const route = kernel.defaultRoutes.find((found) => found.interface === profile.interface && found.family === family);
  const ipv4 = shownOn(profile, kernel, 4);
  return {
    ...noAddresses,
    method,
    ipv4,
    ipv6: shownOn(profile, kernel, 6),
    gateway: route?.gateway ?? null,
    dns: family === 4 ? profile.dns4 : profile.dns6,
    routes: kernel.orderedRoutes
      .filter((ordered) => ordered.interface === profile.interface)
      .map(({ destination, gateway }) => ({ destination, gateway })),
    ...(method === "dhcp" && ipv4.length > 0 ? leased(profile.options, askedWins) : {}),
  };
}

/** The addresses of the profile's interface, with prefix length. */
function shownOn({ interface: name }: ProfileFacts, kernel: KernelFacts, family: 4 | 6): readonly string[] {
  return kernel.addresses
    .filter((address) => address.interface === name && address.family === family)
    .map(({ address }) => address);
}

/** The family that the profile manages by. */
function familyOf({ method4 }: ProfileFacts): 4 | 6 {
  return method4 === "disabled" ? 6 : 4;
}

function methodOf({ method4, method6 }: ProfileFacts): PortState["method"] {
  if (method4 !== "disabled") return method4 === "manual" ? "static" : "dhcp";
  return method6 === "manual" ? "static6" : "auto6";
}

function leased(
  options: ProfileFacts["options"],
  askedWins: readonly string[],
): Pick<Addresses, "wins" | "domain" | "lease"> {
  const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text);
  const sent = (options.get("netbios_name_servers") ?? "").split(" ").filter(isAddress);
  const domain = options.get("domain_name") ?? "";
  return {
    wins: sent.length > 0 ? sent : askedWins,
    // Shown on the glass and passed on: what a server sends is not trusted to be a name.
    domain: /^[\w.-]{1,253}$/.test(domain) ? domain : null,
    lease: leaseOf(options),
  };
}

/** RFC 2131 section 3.3: a lease for ever. NetworkManager 1.42 tells of no expiry then. */
const infinite = "4294967295";

function leaseOf(options: ProfileFacts["options"]): Lease | null {
  const expires = new Date(Number(options.get("expiry")) * 1000);
  const isForEver = !options.has("expiry") && options.get("dhcp_lease_time") === infinite;
  if (Number.isNaN(expires.getTime()) && !isForEver) return null;
  const server = options.get("dhcp_server_identifier");
  return {
    server: server !== undefined && ipaddr.IPv4.isValidFourPartDecimal(server) ? server : null,
    expires: isForEver ? neverExpires : expires.toISOString(),
  };
}
