import type { KernelRoute, ScanLink, ScanState } from "../../helper/scan/read.ts";
import { type LinkChange, maxAddresses } from "../../helper/scan/verbs.ts";
import type { ScanRoute, ScanVlan } from "../../model/scan.ts";
import type { ScanWish } from "./scan-network.ts";

/** Tags. What is in none of these is as it should be, and is not touched. */
export interface LinkSteps {
  readonly remove: readonly number[];
  /** Links of an earlier removal are there. */
  readonly leftovers: boolean;
  readonly make: readonly number[];
  /** Of links that are there, and of those that are made. */
  readonly set: readonly LinkChange[];
}

export interface RouteSteps {
  readonly remove: readonly KernelRoute[];
  readonly add: readonly KernelRoute[];
}

/** A link's own address, made by the kernel from the MAC address when the link comes up. Never taken away. */
const linkLocal = /^fe[89ab]/;
const isIpv4 = (address: string) => address.includes(".");

/** With their prefix lengths. */
export function addressesOf({ address, prefixLength, ipv6 }: ScanVlan): readonly string[] {
  return [`${address}/${prefixLength}`, ...(ipv6 === null ? [] : [`${ipv6.address}/${ipv6.prefixLength}`])];
}

/** What brings the links to the wish. Of several items with one tag the first counts. */
export function differLinks(wish: ScanWish, state: ScanState): LinkSteps {
  const wanted = new Map<number, ScanVlan>();
  for (const vlan of wish.vlans) if (!wanted.has(vlan.tag)) wanted.set(vlan.tag, vlan);
  const present = new Map(standing(state).map((link) => [link.tag, link]));
  const steps = [...wanted.values()].flatMap((vlan) => changeOf(vlan, present.get(vlan.tag)) ?? []);
  return {
    remove: [...present.keys()].filter((tag) => !wanted.has(tag)),
    leftovers: state.links.some(({ going }) => going),
    make: [...wanted.keys()].filter((tag) => !present.has(tag)),
    set: steps,
  };
}

/** null where the link is as it should be. */
function changeOf(vlan: ScanVlan, link: ScanLink | undefined): LinkChange | null {
  const { tag } = vlan;
  const wanted = addressesOf(vlan);
  if (link === undefined) return { tag, remove: [], add: [...wanted] };
  if (isRight(link, wanted)) return null;
  const { addresses, refuted } = link;
  // One that another machine had is asked for once more: the kernel does not try again by itself.
  const remove = addresses.filter(
    (address) => refuted.includes(address) || (!wanted.includes(address) && !linkLocal.test(address)),
  );
  // With the first IPv4 address of a network the kernel takes the others of that network.
  const shaken = remove.some(isIpv4);
  const add = wanted.filter(
    (address) => !addresses.includes(address) || remove.includes(address) || (shaken && isIpv4(address)),
  );
  // What is more than a request holds goes with the next call.
  remove.splice(maxAddresses);
  return { tag, remove, add };
}

/** Of 4094 links all but a few are: this is the way that has to be short. */
function isRight({ up, addresses, refuted }: ScanLink, wanted: readonly string[]): boolean {
  if (!up || refuted.length > 0) return false;
  for (const address of wanted) if (!addresses.includes(address)) return false;
  for (const address of addresses) if (!wanted.includes(address) && !linkLocal.test(address)) return false;
  return true;
}

/** What brings the routes to the wish, over the links that are there. Of several to one destination the first counts. */
export function differRoutes(wish: ScanWish, state: ScanState): RouteSteps {
  const tags = new Set(standing(state).map(({ tag }) => tag));
  const wanted = new Map<string, KernelRoute>();
  for (const route of wish.routes) {
    const { destination, gateway, via } = route;
    if (!wanted.has(destination) && typeof via === "number" && tags.has(via))
      wanted.set(destination, { tag: via, destination, gateway });
  }
  const ours = state.routes.filter(({ tag }) => tags.has(tag));
  return {
    remove: ours.filter((route) => !isSame(route, wanted.get(route.destination))),
    add: [...wanted.values()].filter((route) => !ours.some((it) => isSame(it, route))),
  };
}

function isSame(one: KernelRoute, other: KernelRoute | undefined): boolean {
  return one.destination === other?.destination && one.gateway === other.gateway && one.tag === other.tag;
}

/** Whether the kernel shows all of the item. */
export function showsVlan(link: ScanLink | undefined, vlan: ScanVlan): boolean {
  return link?.up === true && !link.going && addressesOf(vlan).every((address) => isGood(link, address));
}

function isGood({ addresses, refuted }: ScanLink, address: string): boolean {
  return addresses.includes(address) && !refuted.includes(address);
}

export function showsRoute(state: ScanState, { destination, gateway, via }: ScanRoute): boolean {
  return state.routes.some((it) => it.tag === via && it.destination === destination && it.gateway === gateway);
}

function standing({ links }: ScanState): readonly ScanLink[] {
  return links.filter(({ going }) => !going);
}
