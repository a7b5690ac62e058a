import { isDeepStrictEqual } from "node:util";
import type { NetworkState, PortState, Route } from "../model/network-state.ts";
import {
  type Ipv4Settings,
  type Ipv6Settings,
  isSplit,
  type LinkMode,
  type Mode,
  type PortName,
  type Settings,
} from "../model/settings.ts";
import type { Operation } from "./backend.ts";

/** What one port is to be, in the terms of an operation. */
export interface PortWish {
  readonly port: PortName;
  readonly mode: Mode;
  readonly link: LinkMode;
  readonly vlan: number;
  readonly ipv4: Ipv4Settings;
  readonly ipv6: Ipv6Settings;
  /** Ways to targets of scans by this port. */
  readonly routes: readonly Route[];
}

/** Our own traffic goes by WAN and by nothing else, and scans by WAN to these networks only. */
export interface Separation {
  readonly on: boolean;
  readonly scanByWan: readonly string[];
}

/** The wishes of both ports; `wan` is null where it is not configured. */
export function wishesOf(settings: Settings): { readonly lan: PortWish; readonly wan: PortWish | null } {
  const { mode, lan, wan } = settings;
  return {
    lan: { port: "lan", mode, ...lan, routes: routesVia("lan", settings) },
    // WAN carries no VLAN, and no management over IPv6.
    wan:
      wan === null
        ? null
        : {
            ...{ port: "wan", mode, ...wan, vlan: 0, ipv6: { method: "auto", dns: [] } },
            routes: routesVia("wan", settings),
          },
  };
}

export function separationOf(settings: Settings): Separation {
  const on = isSplit(settings);
  return { on, scanByWan: on ? routesVia("wan", settings).map(({ destination }) => destination) : [] };
}

/** Routes are IPv4, and a port without IPv4 has none. */
function routesVia(via: PortName, { mode, scan }: Settings): readonly Route[] {
  if (mode === "ipv6-only") return [];
  return scan.routes.filter((route) => route.via === via).map(({ destination, gateway }) => ({ destination, gateway }));
}

/** How a port that follows this wish describes itself. */
export function methodOf({ mode, ipv4, ipv6 }: PortWish): PortState["method"] {
  if (mode === "ipv6-only") return ipv6.method === "static" ? "static6" : "auto6";
  return ipv4.method;
}

/**
 * What is to be done to bring the machine from what it shows to what is desired; nothing when it is there already, and
 * nothing to a port that is. WAN is released before LAN may take over its subnet, and links come before addresses, because
 * a port whose speed changes loses its carrier.
 *
 * `previous` are the settings that this process brought the machine to before; null when it has not yet. Without them
 * only what can be seen counts: a port without an address is configured again. `standing` are those that a change begins
 * from, whether the machine was brought to them or not: a port whose hardware is missing must not stand in the way of a
 * change of the other one.
 */
export function plan(
  desired: Settings,
  observed: NetworkState,
  previous: Settings | null,
  standing: Settings | null = previous,
): readonly Operation[] {
  const wish = wishesOf(desired);
  const before = previous === null ? null : wishesOf(previous);
  const stood = standing === null ? null : wishesOf(standing);
  const isGone = ({ wish, seen }: Comparison) =>
    seen !== null && !seen.present && stood !== null && isDeepStrictEqual(wish, stood[wish.port]);
  const release: readonly Operation[] =
    wish.wan === null && (observed.wan !== null || (before !== null && before.wan !== null))
      ? [{ kind: "release", port: "wan" }]
      : [];
  const separation = separationOf(desired);
  const separate: readonly Operation[] = needsSeparation(separation, observed, previous)
    ? [{ kind: "separate", port: "wan", ...separation }]
    : [];
  const ports = [
    { wish: wish.lan, seen: observed.lan, before: before?.lan ?? null },
    ...(wish.wan === null ? [] : [{ wish: wish.wan, seen: observed.wan, before: before?.wan ?? null }]),
  ].filter((port) => !isGone(port));
  return [
    ...release,
    // Before a port has a way out: what goes by which of them is settled before anything can go.
    ...separate,
    ...ports.filter(linkDiffers).map(({ wish: { port, link } }): Operation => ({ kind: "link", port, mode: link })),
    ...ports
      .filter(needsConfigure)
      .map(({ wish: { link: _, ...order } }): Operation => ({ kind: "configure", ...order })),
    ...ports
      .filter((port) => !needsConfigure(port) && routesDiffer(port))
      .map(({ wish: { port, routes } }): Operation => ({ kind: "routes", port, routes })),
  ];
}

/**
 * That it is there the kernel tells, but not which networks scans may reach by WAN: without knowing what was ordered before
 * it is ordered again.
 */
function needsSeparation({ on, scanByWan }: Separation, observed: NetworkState, previous: Settings | null): boolean {
  if (observed.separated !== on) return true;
  // What was ordered and taken back may be carried out still: the helper does them one after the other.
  if (previous !== null && separationOf(previous).on !== on) return true;
  return on && (previous === null || !isDeepStrictEqual(separationOf(previous).scanByWan, scanByWan));
}

interface Comparison {
  readonly wish: PortWish;
  /** null: the port shows no configuration. */
  readonly seen: PortState | null;
  /** The wish that was carried out before; null: none that we know of. */
  readonly before: PortWish | null;
}

function linkDiffers({ wish, seen, before }: Comparison): boolean {
  return (before !== null && before.link !== wish.link) || (seen?.link ?? "auto") !== wish.link;
}

function needsConfigure({ wish, seen, before }: Comparison): boolean {
  if (seen === null || !seen.configured || seen.method !== methodOf(wish) || seen.vlan !== wish.vlan) return true;
  if (before === null) return !showsAddresses(wish, seen);
  if (!isDeepStrictEqual(withoutExtras(wish), withoutExtras(before))) return true;
  // Without a cable the kernel shows no addresses, and without a server there are none: that they were ordered has to do.
  // One that another machine has is ordered again: whether that machine has gone only a new probe can tell.
  return seen.carrier && isStatic(wish) && !showsAddresses(wish, seen);
}

/** What a port is brought up anew for. */
function withoutExtras({ link: _link, routes: _routes, ...rest }: PortWish): object {
  return rest;
}

/** NetworkManager makes each of them once the port has an address, whether its gateway is a neighbour or not. */
function routesDiffer({ wish, seen, before }: Comparison): boolean {
  if (before !== null && !isDeepStrictEqual(before.routes, wish.routes)) return true;
  if (seen === null || !seen.carrier || seen.ipv4.length === 0) return false;
  const keys = (routes: readonly Route[]) => routes.map(({ destination, gateway }) => `${destination} ${gateway}`);
  return !isDeepStrictEqual(new Set(keys(seen.routes)), new Set(keys(wish.routes)));
}

function isStatic({ mode, ipv4, ipv6 }: PortWish): boolean {
  return (mode === "ipv6-only" ? ipv6.method : ipv4.method) === "static";
}

function showsAddresses({ mode, ipv4, ipv6 }: PortWish, seen: PortState): boolean {
  if (mode === "ipv6-only") {
    if (!startsWith(seen.dns, ipv6.dns)) return false;
    if (ipv6.method === "auto") return seen.ipv6.length > 0;
    return seen.ipv6.includes(`${ipv6.address}/${ipv6.prefixLength}`) && seen.gateway === ipv6.gateway;
  }
  // A change that was cut short may have told the network daemon of DHCP and left the fixed address before it on the port.
  if (ipv4.method === "dhcp") return seen.ipv4.length > 0 && seen.lease !== null;
  return (
    isDeepStrictEqual(seen.ipv4, [`${ipv4.address}/${ipv4.prefixLength}`]) &&
    seen.gateway === ipv4.gateway &&
    isDeepStrictEqual(seen.dns, ipv4.dns)
  );
}

function startsWith(list: readonly string[], start: readonly string[]): boolean {
  return isDeepStrictEqual(list.slice(0, start.length), start);
}
