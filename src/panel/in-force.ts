import { canonicalIpv4, canonicalIpv6 } from "../model/address.ts";
import type { Facts } from "../model/facts.ts";
import { managementPort, type PortName } from "../model/settings.ts";
import { checkDomain } from "../model/validate.ts";

/** What a port uses now, as a field may open with it. Empty strings where there is nothing. */
export interface InForce {
  readonly address: string;
  readonly prefixLength: string;
  readonly gateway: string;
  readonly dns: readonly string[];
  readonly wins: readonly string[];
  readonly domain: string;
}

/** The static settings of a port, else what the lease brought. */
export function ipv4InForce({ settings, network }: Facts, port: PortName): InForce {
  const ipv4 = settings[port]?.ipv4;
  if (ipv4?.method === "static") {
    return { ...ipv4, prefixLength: String(ipv4.prefixLength), domain: ipv4.domain ?? "" };
  }
  const state = network[port];
  const [address = "", prefixLength = ""] = state?.ipv4[0]?.split("/") ?? [];
  const domain = state?.domain ?? null;
  return {
    address: usable(address),
    prefixLength,
    gateway: usable(state?.gateway ?? ""),
    dns: usableOf(state?.dns),
    wins: usableOf(state?.wins),
    domain: domain !== null && checkDomain(domain) === null ? domain : "",
  };
}

/** The static IPv6 settings of LAN, else what router and servers said. */
export function ipv6InForce({ settings, network }: Facts): Omit<InForce, "wins" | "domain"> {
  const { ipv6 } = settings.lan;
  if (ipv6.method === "static") return { ...ipv6, prefixLength: String(ipv6.prefixLength) };
  const [address = "", prefixLength = ""] = network.lan.ipv6[0]?.split("/") ?? [];
  return {
    address: canonicalIpv6(address) ?? "",
    prefixLength,
    gateway: canonicalIpv6(network.lan.gateway ?? "") ?? "",
    dns: network.lan.dns.map((server) => canonicalIpv6(server) ?? "").filter((server) => server !== ""),
  };
}

/** The gateway by which the platform is reached; empty when there is none. */
export function gatewayInForce(facts: Facts): string {
  const { settings } = facts;
  if (settings.mode === "ipv6-only") return ipv6InForce(facts).gateway;
  return ipv4InForce(facts, managementPort(settings)).gateway;
}

function usable(text: string): string {
  return canonicalIpv4(text) ?? "";
}

function usableOf(servers: readonly string[] = []): readonly string[] {
  return servers.map(usable).filter((server) => server !== "");
}
