import type { Refusal } from "../../helper/privileged.ts";
import { maxItems } from "../../helper/scan/links.ts";
import type { ScanPrivileged } from "../../helper/scan/privileged.ts";
import type { ScanState } from "../../helper/scan/read.ts";
import { maxNamed } from "../../helper/scan/verbs.ts";
import type { Log } from "../../model/log.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { ItemFailure } from "../../model/scan.ts";
import { describeScanSteps } from "./describe.ts";
import { addressesOf, differLinks, differRoutes, showsRoute, showsVlan } from "./differ.ts";
import type { ScanNetwork, ScanWish } from "./scan-network.ts";

export interface NamespaceParts {
  readonly privileged: ScanPrivileged;
  readonly log: Log;
}

/**
 * Links in a request, so that it ends in time on a slow box too: a link that comes up or goes takes the kernel the longer the
 * more there are, on an emulated machine that others use as well 60 ms each. Nobody else's request is answered meanwhile.
 */
const linksAtOnce = { made: maxItems, set: 300, removed: 200 } as const;

/**
 * The kernel's namespace `scan`. Each request to a helper is one batch of well under ten seconds; between two of them an abort
 * takes effect.
 */
export function createScanNetwork({ privileged: helpers, log }: NamespaceParts): ScanNetwork {
  const privileged = uncut(helpers);
  /** A batch that a controller before us ordered may be carried out still, by the helper that reads nothing. */
  let isSettled = false;
  const settle = async (signal: AbortSignal) => {
    if (!isSettled) isSettled = (await privileged.makeLinks([], signal)).ok;
  };
  return {
    bring: async (wish, signal) => {
      await settle(signal);
      const brought = await unwrapped(() => bring(wish, privileged, signal));
      if (!brought.ok) {
        log.warn({ refusal: brought.error }, "the scan networks could not be brought about");
        return brought;
      }
      const { failures, counts } = brought.value;
      if (Object.values(counts).some((count) => count > 0)) log.info(counts, "changed the scan networks");
      if (failures.length > 0) log.warn({ failures: failures.slice(0, 20), all: failures.length }, "not all is there");
      return ok(failures);
    },
    plan: async (wish, signal) => {
      const state = await privileged.readState({ tags: null, routes: true }, signal);
      return state.ok ? ok(describeScanSteps(wish, state.value)) : state;
    },
  };
}

/** A batch that has begun is waited for: given up, it would be carried out behind whoever reads next. */
function uncut(helpers: ScanPrivileged): ScanPrivileged {
  const never = new AbortController().signal;
  return {
    makeLinks: async (tags, signal) => ask(signal, () => helpers.makeLinks(tags, never)),
    readState: async (question, signal) => ask(signal, () => helpers.readState(question, never)),
    removeLinks: async (tags, signal) => ask(signal, () => helpers.removeLinks(tags, never)),
    setLinks: async (changes, signal) => ask(signal, () => helpers.setLinks(changes, never)),
    setRoutes: async (routes, signal) => ask(signal, () => helpers.setRoutes(routes, never)),
  };
}

async function ask<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const answered = await request();
  signal.throwIfAborted();
  return answered;
}

/** Ends a bring at the first request that was not done at all. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

async function unwrapped<T>(work: () => Promise<T>): Promise<Result<T, Refusal>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof Refused) return failed(error.refusal);
    throw error;
  }
}

function need<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Refused(result.error);
  return result.value;
}

async function bring(wish: ScanWish, privileged: ScanPrivileged, signal: AbortSignal) {
  const reasons = createReasons();
  const before = need(await privileged.readState({ tags: null, routes: true }, signal));
  const { remove, leftovers, make } = differLinks(wish, before);

  for (const tags of remove.length === 0 && leftovers ? [[]] : chunks(remove, linksAtOnce.removed))
    reasons.ofLinks(need(await privileged.removeLinks(tags, signal)));
  const refused = new Map<number, string>();
  for (const tags of chunks(make, linksAtOnce.made)) {
    const each = need(await privileged.makeLinks(tags, signal));
    for (const { tag, reason } of each) refused.set(tag, reason);
    reasons.ofLinks(each);
  }
  // What exists may be somebody else's, or a link of a call that was cut short while it was made.
  const existing = [...refused].filter(([, reason]) => /exists/.test(reason)).map(([tag]) => tag);
  const found = existing.length === 0 ? before : await readAgain(before, existing, false, privileged, signal);
  const ours = new Set(found.links.map(({ tag }) => tag));
  const possible = differLinks(wish, found).set.filter(({ tag }) => ours.has(tag) || !refused.has(tag));
  for (const changes of chunks(possible, linksAtOnce.set))
    reasons.ofLinks(need(await privileged.setLinks(changes, signal)));

  const touched = [...new Set([...remove, ...make, ...possible.map(({ tag }) => tag)])];
  // Routes went with the links, or with the last address of one.
  const used = new Set<unknown>([...before.routes.map(({ tag }) => tag), ...wish.routes.map(({ via }) => via)]);
  const shaken = leftovers || touched.some((tag) => used.has(tag));
  const linked =
    touched.length === 0 && !leftovers ? before : await readAgain(before, touched, shaken, privileged, signal);

  const routes = differRoutes(wish, linked);
  for (const each of chunks(routes.remove))
    reasons.ofRoutes(need(await privileged.setRoutes({ remove: each, add: [] }, signal)));
  for (const each of chunks(routes.add))
    reasons.ofRoutes(need(await privileged.setRoutes({ remove: [], add: each }, signal)));
  const rerouted = routes.remove.length + routes.add.length;
  const after = rerouted === 0 ? linked : await readAgain(linked, [], true, privileged, signal);

  const counts = { removed: remove.length, made: make.length - refused.size, set: possible.length, rerouted };
  return { failures: failuresOf(wish, before, after, reasons), counts };
}

/** The state with these links, and all routes or none, as they are now. */
async function readAgain(
  state: ScanState,
  tags: readonly number[],
  withRoutes: boolean,
  privileged: ScanPrivileged,
  signal: AbortSignal,
): Promise<ScanState> {
  if (tags.length > maxNamed) return need(await privileged.readState({ tags: null, routes: true }, signal));
  const { links, routes } = need(await privileged.readState({ tags, routes: withRoutes }, signal));
  const changed = new Set(tags);
  return {
    links: [...state.links.filter(({ tag, going }) => !going && !changed.has(tag)), ...links],
    routes: withRoutes ? routes : state.routes,
  };
}

function failuresOf(
  { vlans, routes }: ScanWish,
  before: ScanState,
  after: ScanState,
  reasons: Reasons,
): readonly ItemFailure[] {
  const links = new Map(after.links.map((link) => [link.tag, link]));
  const refuted = new Map(before.links.map((link) => [link.tag, link.refuted]));
  const silent = "the kernel does not show it";
  return [
    ...vlans.flatMap((vlan) => {
      const { id, tag } = vlan;
      // It has just been asked for anew, and counts as ours when nobody objects until the next call.
      const taken = addressesOf(vlan).find((address) => refuted.get(tag)?.includes(address));
      if (taken !== undefined) return [{ id, message: `VLAN ${tag}: another machine has ${taken}` }];
      if (showsVlan(links.get(tag), vlan)) return [];
      return [{ id, message: `VLAN ${tag}: ${reasons.link(tag) ?? silent}` }];
    }),
    ...routes.flatMap((route) => {
      const { id, destination, via } = route;
      if (showsRoute(after, route)) return [];
      const reason = typeof via === "number" && !links.has(via) ? `VLAN ${via} is not there` : null;
      return [{ id, message: `${destination}: ${reason ?? reasons.route(destination) ?? silent}` }];
    }),
  ];
}

type Reasons = ReturnType<typeof createReasons>;

/** The kernel's words, the first for each link and each destination: what follows it follows from it. */
function createReasons() {
  const links = new Map<number, string>();
  const routes = new Map<string, string>();
  const keep = <Key>(map: Map<Key, string>, key: Key, reason: string) => {
    if (!map.has(key)) map.set(key, reason);
  };
  return {
    ofLinks: (refused: readonly { tag: number; reason: string }[]) => {
      for (const { tag, reason } of refused) keep(links, tag, reason);
    },
    ofRoutes: (refused: readonly { destination: string; reason: string }[]) => {
      for (const { destination, reason } of refused) keep(routes, destination, reason);
    },
    link: (tag: number) => links.get(tag),
    route: (destination: string) => routes.get(destination),
  };
}

function chunks<T>(items: readonly T[], most = maxItems): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most));
}
