import type { ConfigurationRefusal } from "../model/facts.ts";
import type { NetworkState, PortState } from "../model/network-state.ts";
import type { PortName, Settings } from "../model/settings.ts";
import { methodOf, type PortWish, wishesOf } from "./plan.ts";

/**
 * What these ports do not show although they were told to, one sentence each; empty when the change may be kept. Only the
 * kernel's refusal counts: a missing cable, lease, router or server never does, nor an address that another machine has.
 */
export function missing(
  desired: Settings,
  observed: NetworkState,
  ports: ReadonlySet<PortName>,
): readonly ConfigurationRefusal[] {
  const wish = wishesOf(desired);
  const on = (port: PortName, details: readonly string[]) =>
    ports.has(port) ? details.map((detail) => ({ port, detail })) : [];
  return [...on("lan", missingOnPort(wish.lan, observed.lan)), ...on("wan", missingOnWan(wish.wan, observed.wan))];
}

function missingOnWan(wish: PortWish | null, seen: PortState | null): readonly string[] {
  if (wish !== null) return missingOnPort(wish, seen);
  return seen === null ? [] : ["WAN is still configured"];
}

function missingOnPort(wish: PortWish, seen: PortState | null): readonly string[] {
  const port = wish.port.toUpperCase();
  if (seen !== null && !seen.present) return [`${port}: there is no interface ${seen.interface}`];
  if (seen === null || !seen.configured) return [`${port} is not configured`];
  const method = methodOf(wish);
  return [
    ...(seen.link === wish.link ? [] : [`${port} link is ${seen.link}, not ${wish.link}`]),
    ...(seen.vlan === wish.vlan ? [] : [`${port} VLAN is ${seen.vlan}, not ${wish.vlan}`]),
    ...(seen.method === method ? missingAddresses(wish, seen) : [`${port} is ${seen.method}, not ${method}`]),
  ];
}

/** Addresses are only looked for where the kernel would show them: with a cable, and when nobody else has the address. */
function missingAddresses(wish: PortWish, seen: PortState): readonly string[] {
  const fixed = wish.mode === "ipv6-only" ? wish.ipv6 : wish.ipv4;
  if (fixed.method !== "static" || !seen.carrier || seen.duplicate !== null) return [];
  const port = wish.port.toUpperCase();
  const address = `${fixed.address}/${fixed.prefixLength}`;
  const shown = wish.mode === "ipv6-only" ? seen.ipv6 : seen.ipv4;
  return [
    ...(shown.includes(address) ? [] : [`${port} address ${address} is missing`]),
    ...(seen.gateway === fixed.gateway ? [] : [`${port} route via ${fixed.gateway} is missing`]),
  ];
}
