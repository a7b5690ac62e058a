import type { KeyName } from "../model/key.ts";
import type { NetworkTest, RungName, RungPlace, RungResult } from "../model/network-test.ts";
import type { PanelContext } from "./context.ts";
import { fillBeside, type Glass, onPanel, paginateBeside, printable, wrap } from "./layout.ts";
import type { MenuPlace, PlaceType, TestPlace, Transition } from "./place.ts";
import { openDetail } from "./reading.ts";
import { detailTexts } from "./troubles.ts";

/**
 * TEST NETWORK, a rung a page, and what has no room there behind RIGHT. While the test goes on the page follows it, until a
 * person turns to the first one by DOWN; UP or LEFT ends it. When it has ended the verdict stands first. ENTER begins anew; on
 * four keys it stands for RIGHT where there is more to read.
 */
export const testPlace: PlaceType<TestPlace> = {
  step: (place, input, context) => {
    if (input.type !== "key") return { place };
    const { pages, page, last, isFollowing } = located(place, context);
    const state = context.facts.test?.state ?? "running";
    const more = pages[page]?.more ?? null;
    const open = more === null ? null : { place: openDetail("test-network/detail", [more], place) };
    const hasFourKeys = context.geometry.keys === 4;
    const turnTo = (to: number): Transition => {
      // The newest page goes on with the test.
      const follows = state === "running" && to === last;
      return { place: { ...place, turned: follows ? null : { page: to, state } } };
    };
    switch (input.key) {
      case "ENTER":
        return (hasFourKeys ? open : null) ?? startTest(place.from);
      case "LEFT":
        return leave(place, state);
      case "UP":
        return page === 0 || isFollowing ? leave(place, state) : turnTo(page - 1);
      case "DOWN":
        if (isFollowing && last > 0) return turnTo(0);
        return page < last ? turnTo(page + 1) : { place };
      case "RIGHT":
        return open ?? { place };
      default:
        return { place };
    }
  },

  refresh: (place, { facts }) =>
    place.turned === null || place.turned.state === facts.test?.state ? place : { ...place, turned: null },

  view: (place, context) => {
    const { pages, page, last, isFollowing } = located(place, context);
    const { lines = [], more = null } = pages[page] ?? {};
    const keys: KeyName[] = ["LEFT", "UP", "ENTER"];
    if (isFollowing ? last > 0 : page < last) keys.push("DOWN");
    if (more !== null && context.geometry.keys !== 4) keys.push("RIGHT");
    return {
      screen: "test-network",
      lines: fillBeside(lines, onPanel(keys, context.geometry), context.geometry),
      cursor: null,
      turns: false,
    };
  },

  changesAt: (_, { facts, nowMs }) => {
    const since = facts.test?.climbing?.sinceMs;
    return since === undefined ? null : since + (Math.floor((nowMs - since) / 1000) + 1) * 1000;
  },
};

export function startTest(from: MenuPlace): Transition {
  return { place: { at: "test", turned: null, from }, effects: [{ type: "test-network" }] };
}

function leave({ from }: TestPlace, state: NetworkTest["state"]): Transition {
  return { place: from, effects: state === "running" ? [{ type: "end-test" }] : [] };
}

interface Page {
  readonly lines: readonly string[];
  /** All of it, where that has no room; null: it has. */
  readonly more: string | null;
}

function located({ turned }: TestPlace, { facts, geometry, nowMs }: PanelContext) {
  const { test } = facts;
  const isRunning = test === null || test.state === "running";
  const verdict = isRunning ? [] : verdictTexts(test).flatMap((text) => sentence(text, geometry));
  const rungs = (test?.rungs ?? []).filter(({ rung, ok }) => !ok || !quiet.includes(rung));
  const climbing = test?.climbing ?? null;
  const now: readonly Page[] =
    climbing === null || quiet.includes(climbing.rung)
      ? []
      : [{ lines: [labelOf(climbing), `TESTING ${Math.floor((nowMs - climbing.sinceMs) / 1000)} s`], more: null }];
  const some = [...verdict, ...rungs.map((rung) => rungPage(rung, geometry)), ...now];
  const pages = some.length > 0 ? some : sentence("TESTING NETWORK", geometry);
  const last = pages.length - 1;
  const page = turned === null ? (isRunning ? last : 0) : Math.min(turned.page, last);
  return { pages, last, page, isFollowing: isRunning && turned === null };
}

function sentence(text: string, geometry: Glass): readonly Page[] {
  const keys = ["LEFT", "UP", "DOWN", "ENTER"] as const;
  return paginateBeside(text, geometry, keys).map((lines) => ({ lines, more: null }));
}

/** As much as there is room for, to the end of a word. */
function rungPage(rung: RungResult, { cols, rows }: Glass): Page {
  const found = foundOf(rung);
  const label = labelOf(rung);
  const wrapped = (text: string) => wrap(printable(text), () => cols, true) ?? [];
  const lines = wrapped(found);
  const isWhole = lines.length < rows;
  // An address says more than its prefix length.
  const brief = wrapped(found.replace(/(?<=\d)\/\d+(?= |$)/g, "")).slice(0, rows - 1);
  const shown = isWhole ? lines : brief.map((line) => line.replace(/[,;:]$/, ""));
  return { lines: [label, ...shown], more: isWhole ? null : `${label} ${found}` };
}

/** Of what only the box itself has to say: these have a page when something is wrong with them. */
const quiet: readonly RungName[] = ["settings", "network", "duplicate", "separation"];

/** At most 12 characters with the name of a port before them. */
const labels: Readonly<Record<RungName, string>> = {
  settings: "SETTINGS",
  network: "PORTS",
  carrier: "CABLE",
  duplicate: "ADDRESS",
  address: "ADDRESS",
  gateway: "GATEWAY",
  separation: "OWN TRAFFIC",
  "dns-servers": "DNS SERVERS",
  dns: "DNS",
  proxy: "PROXY",
  connect: "CONNECT",
  tls: "TLS",
  http: "HTTP",
  platform: "PLATFORM",
};

function labelOf({ rung, port }: RungPlace): string {
  return port === null ? labels[rung] : `${port.toUpperCase()} ${labels[rung]}`;
}

/** What the box knew by itself took no time. */
function foundOf({ ok, ms, detail }: RungResult): string {
  const time = ms < 1 ? "" : ` ${tookOf(ms)}`;
  return `${ok ? "ok" : "FAIL"}${time} ${detail}`;
}

function tookOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function verdictTexts({ state, reason, fault }: NetworkTest): readonly string[] {
  if (state === "refused") return [`NOT TESTED: ${reason ?? ""}`];
  if (state === "canceled") return [reason === null ? "TEST ENDED" : `TEST ENDED: ${reason}`];
  return fault === null ? ["NETWORK IS FINE"] : [fault.message, ...detailTexts(fault)];
}
