import { isIP } from "node:net";
import type { Fault } from "../model/fault.ts";
import type { CheckRung } from "./check-rungs.ts";
import type { Seen } from "./seen.ts";
import { nameTarget } from "./target.ts";

/**
 * What to ask of those who keep the network, by name, for a fault on this rung; null where no rule of theirs would help. Pure.
 */
export function ruleFor(rung: CheckRung, { code }: Pick<Fault, "code">, seen: Seen): string | null {
  const { target, proxy, dns } = seen;
  const { host } = target;
  const from = `from ${seen.source ?? "this machine"}`;
  if (rung === "dns") return dnsRule(seen);
  if (rung === "tls" && isCertificate(code)) {
    return `Exempt ${nameTarget(target)} from TLS inspection and content filtering, for ${seen.source ?? "this machine"}`;
  }
  if (proxy === null) {
    if (!["connect", "tls", "http"].includes(rung)) return null;
    return `Allow TCP ${target.port} outbound ${from} to ${withAddresses(host, addressesOf(seen))}`;
  }
  switch (code) {
    case "proxy-http-407":
      return null;
    case "proxy-http-403":
      return `Let ${proxy.user ?? seen.source ?? "this machine"} pass the proxy ${proxy.host} to ${nameTarget(target)} (CONNECT)`;
    case "proxy-http":
      return `Let the proxy ${proxy.host} allow CONNECT to ${nameTarget(target)}`;
    case "proxy-http-503":
      return `Allow TCP ${target.port} outbound from the proxy ${proxy.host} to ${withAddresses(host, target.addresses)}`;
  }
  if (rung === "proxy")
    return `Allow TCP ${proxy.port} outbound ${from} to ${withAddresses(proxy.host, addressesOf(seen))}`;
  return rung === "tls" || rung === "http"
    ? `Allow TCP ${target.port} outbound from the proxy ${proxy.host} to ${withAddresses(host, target.addresses)}`
    : null;
}

function dnsRule({ target, proxy, dns }: Seen): string | null {
  if (dns?.kind === "noAnswer") {
    const name = proxy === null ? withAddresses(target.host, target.addresses) : proxy.host;
    return `Let ${isIP(dns.server) === 0 ? "the DNS server" : `DNS server ${dns.server}`} resolve ${name}`;
  }
  const servers = dns?.kind === "unreachable" ? dns.servers.filter((server) => isIP(server) !== 0) : [];
  const far = servers.filter((server) => !isLocal(server));
  return far.length === 0 ? null : `Allow UDP and TCP 53 outbound from this machine to ${far.join(", ")}`;
}

function isCertificate(code: string): boolean {
  return code.startsWith("tls-");
}

function isLocal(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Where the rule has to lead: by the operator's notice, else as the name was resolved. */
function addressesOf({ target, proxy, dns }: Seen): readonly string[] {
  if (proxy === null && target.addresses.length > 0) return target.addresses;
  return dns?.kind === "addresses" ? dns.addresses : [];
}

function withAddresses(host: string, addresses: readonly string[]): string {
  return addresses.length === 0 ? host : `${host} (${addresses.join(", ")})`;
}
