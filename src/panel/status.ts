import type { Facts } from "../model/facts.ts";
import type { KeyName } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { fill, type Glass, indicators, layOut, panned, printable, type Shown, sharedIndicators } from "./layout.ts";
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

/** How the rows share the glass with the indicators. */
interface Division {
  readonly cells: string;
  /** Cells of the two rows that are left for text. */
  readonly upper: number;
  readonly lower: number;
}

function divided({ upper, lower, corner }: Rows, { cols, keys }: Glass): Division {
  const below = lower.length <= cols - corner.length ? cols - corner.length : cols - corner.length * 2;
  const cells = () => {
    // DOWN does what ENTER does and gives its cell to the name.
    const enter = indicators(["ENTER"]);
    if (upper.length <= cols - enter.length && lower.length <= below) return enter;
    const sideways: readonly KeyName[] = keys === 4 ? ["UP"] : ["LEFT", "RIGHT"];
    const alone = sharedIndicators(sideways);
    const both = sharedIndicators([...sideways, "ENTER"]);
    // Where only the lower row is long, the upper one stays whole.
    const fitsOne = upper.length <= cols - alone.length && upper.length > cols - both.length;
    return fitsOne ? alone : both;
  };
  const shown = cells();
  return { cells: shown, upper: cols - shown.length, lower: below };
}

/** The cells by which the longer of the rows can be panned. */
function longest({ upper, lower }: Rows, division: Division): number {
  return Math.max(0, upper.length - division.upper, lower.length - division.lower);
}

/** Half a glass a key press. */
function moved(place: StatusPlace, by: -1 | 0 | 1, { facts, geometry }: PanelContext): StatusPlace {
  const rows = workingOf(facts) === null ? rowsOf(facts) : null;
  if (rows === null) return statusPlace;
  const end = longest(rows, divided(rows, geometry));
  const wanted = place.pan + by * Math.floor(geometry.cols / 2);
  // Without a LEFT the end is followed by the start.
  const pan = by > 0 && geometry.keys === 4 && place.pan === end ? 0 : Math.max(0, Math.min(end, wanted));
  return pan === place.pan ? place : { at: "status", pan };
}

function pannable(rows: Rows, pan: number, { geometry }: PanelContext): Shown {
  const { cols, rows: count } = geometry;
  const { cells, upper, lower } = divided(rows, geometry);
  const lines = [...fill([panned(rows.upper, upper, pan), panned(rows.lower, lower, pan)], cells, geometry)];
  const last = lines[count - 1] ?? "";
  if (rows.corner !== "") lines[count - 1] = last.slice(0, cols - 1) + rows.corner;
  return { screen: rows.screen, lines, cursor: null, turns: false };
}
