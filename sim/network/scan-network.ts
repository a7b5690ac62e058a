import { type Clock, sleep } from "../../hal/clock.ts";
import { ipv4Number, maskNumber, parseIpv4 } from "../../src/model/address.ts";
import { ok } from "../../src/model/result.ts";
import type { ScanRoute, ScanVlan } from "../../src/model/scan.ts";
import type { ScanNetwork, ScanWish } from "../../src/network/scan/scan-network.ts";

/** Of a call, and of each item that it changes: as on a small box. */
const callMs = 40;
const itemMs = 0.8;

export interface SimulatedScanNetwork extends ScanNetwork {
  /** What is there. A link that was not touched is the same object. */
  current(): { readonly links: readonly ScanVlan[]; readonly routes: readonly ScanRoute[] };
  /** The link is gone, with its routes. */
  lose(tag: number): void;
}

/** The namespace of the scans on the bench. Cables are of no account: VLANs are there without. */
export function createSimulatedScanNetwork({
  clock,
  held,
}: {
  readonly clock: Clock;
  /** VLANs that LAN carries already. */
  readonly held: () => readonly number[];
}): SimulatedScanNetwork {
  let links: ReadonlyMap<number, ScanVlan> = new Map();
  let routes: readonly ScanRoute[] = [];

  const next = (wish: ScanWish) => {
    const taken = held();
    const made = new Map<number, ScanVlan>();
    for (const vlan of wish.vlans) {
      const before = links.get(vlan.tag);
      if (made.has(vlan.tag) || (before === undefined && taken.includes(vlan.tag))) continue;
      made.set(vlan.tag, before !== undefined && isSame(before, vlan) ? before : vlan);
    }
    const reached = wish.routes.filter((route) => reaches(made, route));
    const first = reached.filter((route, at) => at === reached.findIndex((it) => it.destination === route.destination));
    const kept = first.map((route) => routes.find((it) => isSame(it, route)) ?? route);
    return { made, kept };
  };

  return {
    current: () => ({ links: [...links.values()], routes }),
    lose: (tag) => {
      links = new Map([...links].filter(([it]) => it !== tag));
      routes = routes.filter(({ via }) => via !== tag);
    },
    plan: async (wish) => {
      const { made, kept } = next(wish);
      const isThere = made.size === links.size && [...made].every(([tag, vlan]) => links.get(tag) === vlan);
      const isRouted = kept.length === routes.length && kept.every((route) => routes.includes(route));
      return ok(isThere && isRouted ? [] : [`have ${made.size} VLANs and ${kept.length} routes for scans`]);
    },
    bring: async (wish, signal) => {
      const { made, kept } = next(wish);
      const news =
        [...made].filter(([tag, vlan]) => links.get(tag) !== vlan).length +
        [...links.keys()].filter((tag) => !made.has(tag)).length +
        kept.filter((route) => !routes.includes(route)).length;
      await sleep(clock, "scan networks", callMs + news * itemMs, signal);
      links = made;
      routes = kept;
      return ok([
        ...wish.vlans
          .filter((vlan) => !isSame(made.get(vlan.tag), vlan))
          .map(({ id, tag }) => ({ id, message: `VLAN ${tag}: the port carries this VLAN already` })),
        ...wish.routes
          .filter((route) => !kept.some((it) => isSame(it, route)))
          .map(({ id, destination }) => ({ id, message: `${destination}: the gateway is not a neighbour` })),
      ]);
    },
  };
}

function isSame<T>(one: T | undefined, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether the gateway is in the network of the VLAN. As the kernel does, it takes our own address there for one. */
function reaches(links: ReadonlyMap<number, ScanVlan>, { via, gateway }: ScanRoute): boolean {
  const vlan = typeof via === "number" ? links.get(via) : undefined;
  const [ours, its] = [parseIpv4(vlan?.address ?? ""), parseIpv4(gateway)];
  if (vlan === undefined || ours === null || its === null) return false;
  return ((ipv4Number(ours) ^ ipv4Number(its)) & maskNumber(vlan.prefixLength)) === 0;
}
