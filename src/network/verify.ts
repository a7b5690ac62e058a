import type { ConfigurationRefusal } from "../model/facts.ts";
import type { NetworkState, PortState, Route } from "../model/network-state.ts";
import type { PortName, Settings } from "../model/settings.ts";
import type { Operation } from "./backend.ts";
import { methodOf, type PortWish, separationOf, wishesOf } from "./plan.ts";

/** What an operation is about: a port, or what goes by which of them. */
export type Touched = PortName | "separation";

export function touchedBy(operation: Operation): Touched {
  return operation.kind === "separate" ? "separation" : operation.port;
}

/**
 * What these ports do not show although they were told to, one sentence each; empty when the change may be kept. Only the
 * kernel's refusal counts: a missing cable, lease, router or server never does, nor an address that another machine has.
 */
export function missing(
  desired: Settings,
  observed: NetworkState,
  touched: ReadonlySet<Touched>,
): readonly ConfigurationRefusal[] {
  const wish = wishesOf(desired);
  const on = (what: Touched, port: PortName, details: readonly string[]) =>
    touched.has(what) ? details.map((detail) => ({ port, detail })) : [];
  return [
    ...on("lan", "lan", missingOnPort(wish.lan, observed.lan)),
    ...on("wan", "wan", missingOnWan(wish.wan, observed.wan)),
    ...on("separation", "wan", missingSeparation(desired, observed)),
  ];
}

/** Management may not go where scans go, not even for a while. */
function missingSeparation(desired: Settings, { separated }: NetworkState): readonly string[] {
  const { on } = separationOf(desired);
  if (separated === on) return [];
  return [on ? "our own traffic is not kept on WAN" : "our own traffic may not use LAN"];
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

/**
 * Whether the ports that were touched have their ordered routes, where they have an address to have them by. Worth waiting for;
 * one that the kernel does not take is no reason to take a change back: its item says so.
 */
export function showsRoutes(desired: Settings, observed: NetworkState, touched: ReadonlySet<Touched>): boolean {
  const wishes = wishesOf(desired);
  return (["lan", "wan"] as const).every((port) => {
    const [wish, seen] = [wishes[port], observed[port]];
    if (!touched.has(port) || wish === null || seen === null || !seen.carrier || seen.ipv4.length === 0) return true;
    const isShown = ({ destination, gateway }: Route) =>
      seen.routes.some((route) => route.destination === destination && route.gateway === gateway);
    return wish.routes.every(isShown);
  });
}
