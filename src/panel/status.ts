import type { Facts } from "../model/facts.ts";
import type { KeyName } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { fill, indicators, layOut, panned, printable, type Shown, sharedIndicators } from "./layout.ts";
import { openMenu } from "./menu.ts";
import { type PlaceType, type StatusPlace, statusPlace } from "./place.ts";
import { readings } from "./readings.ts";
import { workingOf, workingScreen } from "./working.ts";

/** The screens that the facts choose. ENTER and DOWN open the main menu from all but the working ones. */
export const statusPlaceType: PlaceType<StatusPlace> = {
  step: (place, input, context) => {
    if (input.type !== "key" || workingOf(context.facts) !== null) return { place };
    switch (input.key) {
      case "ENTER":
      case "DOWN":
        return { place: openMenu("main", context.facts) };
      case "LEFT":
        return { place: moved(place, -1, context) };
      case "RIGHT":
        return hasDetail(context.facts)
          ? { place: { at: "reading", reading: "network-error/detail", page: 0, from: null } }
          : { place: moved(place, 1, context) };
      default:
        return { place };
    }
  },

  refresh: (place, context) => moved(place, 0, context),

  view: (place, context) => {
    const { facts, geometry, nowMs } = context;
    const working = workingOf(facts);
    if (working !== null) return layOut(workingScreen(working, facts.product), geometry, nowMs);
    const rows = rowsOf(facts);
    if (rows !== null) return pannable(rows, place.pan, context);
    const detail: KeyName = geometry.keys === 4 ? "UP" : "RIGHT";
    const keys: readonly KeyName[] = hasDetail(facts) ? [detail, "DOWN", "ENTER"] : ["DOWN", "ENTER"];
    const text =
      facts.phase === "communication-failure" ? "COMMUNICATION FAILURE" : (facts.fault?.message ?? "NETWORK ERROR");
    return layOut({ screen: facts.phase, text, keys, spare: ["DOWN"] }, geometry, nowMs);
  },
};

function hasDetail(facts: Facts): boolean {
  return readings["network-error/detail"].texts(facts) !== null;
}

/** Two rows that pan when they are long. */
interface Rows {
  readonly screen: string;
  readonly upper: string;
  readonly lower: string;
  /** Stands in the last cell of the glass; empty where there is none. */
  readonly corner: string;
}

function rowsOf(facts: Facts): Rows | null {
  const { phase, registration, product } = facts;
  if (phase === "activation") {
    const code = registration.state === "unactivated" ? registration.code : "";
    return { screen: "activation", upper: "ACTIVATION CODE", lower: printable(code), corner: "" };
  }
  if (phase !== "ready") return null;
  const active = registration.state === "active" ? registration : { name: product.name, indicator: "" };
  return {
    screen: "home",
    upper: printable(active.name),
    lower: addressOf(facts),
    corner: printable(active.indicator).slice(0, 1),
  };
}

/** LAN's address, in a split network too. */
function addressOf({ settings, network }: Facts): string {
  const [first] = settings.mode === "ipv6-only" ? network.lan.ipv6 : network.lan.ipv4;
  return first?.split("/")[0] ?? "no address";
}

/** Cells of the two rows that are left for text. */
function widths({ upper, lower, corner }: Rows, cols: number): { readonly upper: number; readonly lower: number } {
  const below = lower.length <= cols - corner.length ? cols - corner.length : cols - corner.length * 2;
  // A long row is panned by LEFT and RIGHT, whose shared indicator takes a cell beside that of ENTER.
  const long = upper.length > cols - 1 || lower.length > below;
  return { upper: cols - (long ? 2 : 1), lower: below };
}

function longest(rows: Rows, cols: number): number {
  const width = widths(rows, cols);
  return Math.max(0, rows.upper.length - width.upper, rows.lower.length - width.lower);
}

/** Half a glass a key press. */
function moved(place: StatusPlace, by: -1 | 0 | 1, { facts, geometry }: PanelContext): StatusPlace {
  const rows = workingOf(facts) === null ? rowsOf(facts) : null;
  if (rows === null) return statusPlace;
  const end = longest(rows, geometry.cols);
  const wanted = place.pan + by * Math.floor(geometry.cols / 2);
  // Without a LEFT the end is followed by the start.
  const pan = by > 0 && geometry.keys === 4 && place.pan === end ? 0 : Math.max(0, Math.min(end, wanted));
  return pan === place.pan ? place : { at: "status", pan };
}

function pannable(rows: Rows, pan: number, { geometry }: PanelContext): Shown {
  const { cols, rows: count } = geometry;
  const width = widths(rows, cols);
  // DOWN does what ENTER does and gives its cell to the name.
  const sideways: readonly KeyName[] = geometry.keys === 4 ? ["UP"] : ["LEFT", "RIGHT"];
  const cells = longest(rows, cols) > 0 ? sharedIndicators([...sideways, "ENTER"]) : indicators(["ENTER"]);
  const lines = [
    ...fill([panned(rows.upper, width.upper, pan), panned(rows.lower, width.lower, pan)], cells, geometry),
  ];
  const last = lines[count - 1] ?? "";
  if (rows.corner !== "") lines[count - 1] = last.slice(0, cols - 1) + rows.corner;
  return { screen: rows.screen, lines, cursor: null, turns: false };
}
