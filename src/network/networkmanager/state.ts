import ipaddr from "ipaddr.js";
import type { LinkMode, LinkState } from "../../../hal/ethernet.ts";
import { type Addresses, type Lease, noAddresses, type PortState } from "../../model/network-state.ts";
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
  /** Who had the address when the port was told to take it. */
  readonly holder: Holder | null;
}

export interface Holder {
  /** The address with prefix length that the port was to have. */
  readonly address: string;
  /** MAC address, or `unknown`. */
  readonly mac: string;
}

/** Addresses and routes as the kernel has them, name servers and leases as NetworkManager has them. */
export function portState({ interface: name, link, mode, profile, kernel, holder }: PortFacts): PortState {
  const addresses = profile === null ? noAddresses : addressesOf(profile, kernel);
  const own = [...addresses.ipv4, ...addresses.ipv6];
  return {
    interface: name,
    configured: profile !== null && isKept(profile, link.carrier, addresses),
    ...link,
    link: mode,
    vlan: profile?.vlan ?? 0,
    ...addresses,
    // The other machine may have gone since, and NetworkManager has taken the address at a later attempt.
    duplicate: holder !== null && link.carrier && !own.includes(holder.address) ? holder.mac : null,
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
      return isComplete || !options.has("ip_address");
    default:
      return autoconnect && isComplete;
  }
}

function addressesOf(profile: ProfileFacts, kernel: KernelFacts): Addresses {
  const method = methodOf(profile);
  const family = method === "dhcp" || method === "static" ? 4 : 6;
  const of = (wanted: 4 | 6) =>
    kernel.addresses
      .filter((address) => address.interface === profile.interface && address.family === wanted)
      .map(({ address }) => address);
  const route = kernel.defaultRoutes.find((found) => found.interface === profile.interface && found.family === family);
  const ipv4 = of(4);
  return {
    ...noAddresses,
    method,
    ipv4,
    ipv6: of(6),
    gateway: route?.gateway ?? null,
    dns: family === 4 ? profile.dns4 : profile.dns6,
    ...(method === "dhcp" && ipv4.length > 0 ? leased(profile.options) : {}),
  };
}

function methodOf({ method4, method6 }: ProfileFacts): PortState["method"] {
  if (method4 !== "disabled") return method4 === "manual" ? "static" : "dhcp";
  return method6 === "manual" ? "static6" : "auto6";
}

function leased(options: ProfileFacts["options"]): Pick<Addresses, "wins" | "domain" | "lease"> {
  const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text);
  const servers = (options.get("netbios_name_servers") ?? "").split(" ");
  const domain = options.get("domain_name") ?? "";
  return {
    wins: servers.filter(isAddress),
    // Shown on the glass and passed on: what a server sends is not trusted to be a name.
    domain: /^[\w.-]{1,253}$/.test(domain) ? domain : null,
    lease: leaseOf(options.get("expiry"), options.get("dhcp_server_identifier")),
  };
}

function leaseOf(expiry: string | undefined, server: string | undefined): Lease | null {
  const expires = new Date(Number(expiry) * 1000);
  if (Number.isNaN(expires.getTime())) return null;
  return {
    server: server !== undefined && ipaddr.IPv4.isValidFourPartDecimal(server) ? server : null,
    expires: expires.toISOString(),
  };
}
