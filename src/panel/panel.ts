import type { Effect } from "../model/effect.ts";
import { ledsOf } from "../model/facts.ts";
import type { Frame } from "../model/frame.ts";
import type { PanelInput } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { type Shown, turnMs } from "./layout.ts";
import { menuPlace } from "./menu.ts";
import { type Place, type PlaceType, statusPlace, type Transition } from "./place.ts";
import { procedurePlace } from "./procedure.ts";
import { readingPlace } from "./reading.ts";
import { type Acknowledged, acknowledge, readings, unreadNotice } from "./readings.ts";
import { statusPlaceType } from "./status.ts";
import { interrupts, workingOf } from "./working.ts";

export type { PanelContext } from "./context.ts";

/** The session of the front panel, the same on every surface. Plain data. */
export interface PanelState {
  readonly place: Place;
  /** Monotonic time of the last input that counted. */
  readonly lastInputMs: number;
  readonly acknowledged: Acknowledged;
}

export interface PanelStep {
  readonly state: PanelState;
  readonly effects: readonly Effect[];
}

export function initialPanel(): PanelState {
  return { place: statusPlace, lastInputMs: 0, acknowledged: {} };
}

/** One input. Facts and time are looked at first, so a key never acts on a screen that is no longer shown. */
export function stepPanel(before: PanelState, input: PanelInput, context: PanelContext): PanelStep {
  const state = refreshPanel(before, context);
  const repeated = input.type === "key" && input.repeat > 0;
  if (repeated && !(typeOf(state.place).takesRepeats?.(state.place) ?? false)) return { state, effects: [] };
  const { place, effects = [], read = null } = step(state.place, input, context);
  const acknowledged = acknowledge(context.facts, state.acknowledged, read);
  return { state: refreshPanel({ place, acknowledged, lastInputMs: context.nowMs }, context), effects };
}

/** The state after facts or time have changed: idle return, interruption by a working message, items that have gone. */
export function refreshPanel(state: PanelState, context: PanelContext): PanelState {
  return {
    ...state,
    place: refreshed(state, context),
    acknowledged: acknowledge(context.facts, state.acknowledged, null),
  };
}

function refreshed(state: PanelState, context: PanelContext): Place {
  const working = workingOf(context.facts);
  if (working !== null && interrupts(working)) return statusPlace;
  const idleAt = idleEnd(state, context);
  const place = idleAt !== null && context.nowMs >= idleAt ? statusPlace : refresh(state.place, context);
  if (working !== null) return isNotice(place) ? statusPlace : place;
  const unread = place.at === "status" ? unreadNotice(context.facts, state.acknowledged) : null;
  return unread === null ? place : { at: "reading", reading: unread, page: 0 };
}

function isNotice(place: Place): boolean {
  return place.at === "reading" && readings[place.reading].notice;
}

/** When the panel goes back to the status screen by itself; null while it is there, or for never. */
function idleEnd({ place, lastInputMs }: PanelState, { idleMs }: PanelContext): number | null {
  const resting = isNotice(place) || (place.at === "status" && place.pan === 0);
  return idleMs === 0 || resting ? null : lastInputMs + idleMs;
}

/** The monotonic time at which time alone changes the state or the picture; null when it never does. */
export function wakeAt(before: PanelState, context: PanelContext): number | null {
  const state = refreshPanel(before, context);
  const idleAt = idleEnd(state, context);
  const turnAt = view(state.place, context).turns ? (Math.floor(context.nowMs / turnMs) + 1) * turnMs : null;
  if (idleAt === null || turnAt === null) return idleAt ?? turnAt;
  return Math.min(idleAt, turnAt);
}

/** An entry field is open: what is typed on a console belongs to it. */
export function takesText(state: PanelState, context: PanelContext): boolean {
  const { place } = refreshPanel(state, context);
  return workingOf(context.facts) === null && place.at === "procedure" && place.stage.on === "field";
}

/** The picture of the front panel. */
export function viewPanel(state: PanelState, context: PanelContext): Frame {
  const { screen, lines, cursor } = view(refreshPanel(state, context).place, context);
  return { ...context.geometry, screen, lines, cursor, leds: ledsOf(context.facts), blank: false };
}

type At = Place["at"];
type PlaceOf<A extends At> = Extract<Place, { at: A }>;

const types: { readonly [A in At]: PlaceType<PlaceOf<A>> } = {
  status: statusPlaceType,
  reading: readingPlace,
  menu: menuPlace,
  procedure: procedurePlace,
};

/** The one place that ties a place to its type; the compiler cannot follow a union through the table. */
function typeOf(place: Place): PlaceType<Place> {
  return types[place.at] as PlaceType<Place>;
}

function step(place: Place, input: PanelInput, context: PanelContext): Transition {
  return typeOf(place).step(place, input, context);
}

function refresh(place: Place, context: PanelContext): Place {
  return typeOf(place).refresh(place, context);
}

function view(place: Place, context: PanelContext): Shown {
  return typeOf(place).view(place, context);
}
