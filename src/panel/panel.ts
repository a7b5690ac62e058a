import type { Effect } from "../model/effect.ts";
import { ledsOf } from "../model/facts.ts";
import type { Frame } from "../model/frame.ts";
import type { PanelInput } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { type Shown, turnMs } from "./layout.ts";
import { menuPlace } from "./menu.ts";
import { type Place, type PlaceType, type ReadingPlace, statusPlace, type Transition } from "./place.ts";
import { procedurePlace } from "./procedure.ts";
import { readingPlace } from "./reading.ts";
import { type Acknowledged, acknowledge, noticeText, readings, unreadNotice } from "./readings.ts";
import { statusPlaceType } from "./status.ts";
import { interrupts, workingOf } from "./working.ts";

export type { PanelContext } from "./context.ts";

/** The session of the front panel, the same on every surface. Plain data. */
export interface PanelState {
  readonly place: Place;
  /** Monotonic time of the last input that counted. */
  readonly lastInputMs: number;
  readonly acknowledged: Acknowledged;
  /** The notice that is on the glass, since when (monotonic). Another text is another notice. */
  readonly notice: { readonly text: string; readonly sinceMs: number } | null;
}

/** A notice goes by itself so long after it came on the glass, or after the last key. */
const noticeMs = 20_000;

export interface PanelStep {
  readonly state: PanelState;
  readonly effects: readonly Effect[];
}

export function initialPanel(): PanelState {
  return { place: statusPlace, lastInputMs: 0, acknowledged: {}, notice: null };
}

/** One input. Facts and time are looked at first, so a key never acts on a screen that is no longer shown. */
export function stepPanel(before: PanelState, input: PanelInput, context: PanelContext): PanelStep {
  const state = refreshPanel(before, context);
  if (isInterrupted(context)) return { state, effects: [] };
  const repeated = input.type === "key" && input.repeat > 0;
  if (repeated && !(typeOf(state.place).takesRepeats?.(state.place) ?? false)) return { state, effects: [] };
  const { place, effects = [], read = null } = step(state.place, input, context);
  const acknowledged = acknowledge(context.facts, state.acknowledged, read);
  return { state: refreshPanel({ ...state, place, acknowledged, lastInputMs: context.nowMs }, context), effects };
}

/**
 * The state after facts or time have changed: idle return, notices that have stood long enough, interruption by a working
 * message, items that have gone.
 */
export function refreshPanel(before: PanelState, context: PanelContext): PanelState {
  const { facts, nowMs } = context;
  const over = endedNotice(before, context);
  const state = {
    ...before,
    place: over === null ? before.place : statusPlace,
    acknowledged: acknowledge(facts, before.acknowledged, over),
  };
  const place = refreshed(state, context);
  const text = isNotice(place) ? noticeText(facts, place.reading) : null;
  if (text === null) return { ...state, place, notice: null };
  const stands = over === null && before.notice?.text === text;
  return { ...state, place, notice: stands ? before.notice : { text, sinceMs: nowMs } };
}

function refreshed(state: PanelState, context: PanelContext): Place {
  const working = workingOf(context.facts);
  if (working !== null && interrupts(working)) {
    return typeOf(state.place).interrupted?.(state.place, working, context) ?? statusPlace;
  }
  const idleAt = idleEnd(state, context);
  const place = idleAt !== null && context.nowMs >= idleAt ? statusPlace : refresh(state.place, context);
  if (working !== null) return isNotice(place) ? statusPlace : place;
  const unread = place.at === "status" ? unreadNotice(context.facts, state.acknowledged) : null;
  return unread === null ? place : { at: "reading", reading: unread, page: 0, from: null };
}

/** The notice whose time on the glass is over. */
function endedNotice(state: PanelState, { facts, nowMs }: PanelContext): ReadingPlace["reading"] | null {
  const { place, notice } = state;
  const endsAt = noticeEnd(state);
  if (!isNotice(place) || endsAt === null || nowMs < endsAt) return null;
  return noticeText(facts, place.reading) === notice?.text ? place.reading : null;
}

function noticeEnd({ notice, lastInputMs }: PanelState): number | null {
  return notice === null ? null : Math.max(notice.sinceMs, lastInputMs) + noticeMs;
}

function isNotice(place: Place): place is ReadingPlace {
  return place.at === "reading" && readings[place.reading].notice;
}

/** A working message covers everything, and no key counts. */
function isInterrupted({ facts }: PanelContext): boolean {
  const working = workingOf(facts);
  return working !== null && interrupts(working);
}

/** When the panel goes back to the status screen by itself; null while it is there, or for never. */
function idleEnd({ place, lastInputMs }: PanelState, { idleMs }: PanelContext): number | null {
  const resting = isNotice(place) || (place.at === "status" && place.pan === 0);
  return idleMs === 0 || resting ? null : lastInputMs + idleMs;
}

/** The monotonic time at which time alone changes the state or the picture; null when it never does. */
export function wakeAt(before: PanelState, context: PanelContext): number | null {
  const state = refreshPanel(before, context);
  const turnAt = view(state.place, context).turns ? (Math.floor(context.nowMs / turnMs) + 1) * turnMs : null;
  const due = [idleEnd(state, context), noticeEnd(state), turnAt].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** An entry field is open: what is typed on a console belongs to it. */
export function takesText(state: PanelState, context: PanelContext): boolean {
  const { place } = refreshPanel(state, context);
  return !isInterrupted(context) && place.at === "procedure" && place.stage.on === "field";
}

/** The picture of the front panel. */
export function viewPanel(state: PanelState, context: PanelContext): Frame {
  const { place } = refreshPanel(state, context);
  const { screen, lines, cursor } = view(isInterrupted(context) ? statusPlace : place, context);
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
