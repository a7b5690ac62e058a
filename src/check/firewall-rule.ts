import { isIP } from "node:net";
import type { Fault } from "../model/fault.ts";
import type { CheckRung } from "./check-rungs.ts";
import type { Seen } from "./seen.ts";
import { nameTarget } from "./target.ts";

/** What to ask of those who keep the network, by name, for a fault on this rung; null where no rule of theirs would help. Pure. */
export function ruleFor(rung: CheckRung, { code }: Pick<Fault, "code">, seen: Seen): string | null {
  const { target, proxy } = seen;
  const us = seen.source ?? "this machine";
  if (rung === "dns") return dnsRule(seen, us);
  switch (code) {
    case "connect-failed":
    case "timeout":
    case "send-failed":
    case "receive-failed":
      return connectionRule(rung, seen, us);
    case "proxy-http-403":
      return `Let ${proxy?.user ?? us} pass the proxy ${proxy?.host} to ${nameTarget(target)} (CONNECT)`;
    case "proxy-http-503":
      return fromProxy(seen);
    case "proxy-http":
      return `Let the proxy ${proxy?.host} allow CONNECT to ${nameTarget(target)}`;
    case "tls-intercepted":
    case "tls-certificate":
      return `Exempt ${nameTarget(target)} from TLS inspection and content filtering, for ${us}`;
    case "tls-portal":
      return `Let ${us} pass to ${nameTarget(target)} without logging in`;
    default:
      return null;
  }
}

function connectionRule(rung: CheckRung, seen: Seen, us: string): string {
  const { target, proxy, dns } = seen;
  const resolved = dns?.kind === "addresses" ? dns.addresses : [];
  if (proxy === null) {
    // Where the name should lead, whatever a filter answers for it.
    const addresses = target.addresses.length > 0 ? target.addresses : resolved;
    return `Allow TCP ${target.port} outbound from ${us} to ${withAddresses(target.host, addresses)}`;
  }
  if (rung !== "proxy") return fromProxy(seen);
  return `Allow TCP ${proxy.port} outbound from ${us} to ${withAddresses(proxy.host, resolved)}`;
}

function fromProxy({ target, proxy }: Seen): string {
  return `Allow TCP ${target.port} outbound from the proxy ${proxy?.host} to ${withAddresses(target.host, target.addresses)}`;
}

function dnsRule({ target, proxy, dns }: Seen, us: string): string | null {
  if (dns?.kind === "noAnswer") {
    const name = proxy === null ? withAddresses(target.host, target.addresses) : proxy.host;
    return `Let ${isIP(dns.server) === 0 ? "the DNS server" : `DNS server ${dns.server}`} resolve ${name}`;
  }
  const servers = dns?.kind === "unreachable" ? dns.servers.filter((server) => isIP(server) !== 0) : [];
  const far = servers.filter((server) => !isLoopback(server));
  return far.length === 0 ? null : `Allow UDP and TCP 53 outbound from ${us} to ${far.join(", ")}`;
}

/** The machine's own forwarder. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function withAddresses(host: string, addresses: readonly string[]): string {
  return addresses.length === 0 ? host : `${host} (${addresses.join(", ")})`;
}
