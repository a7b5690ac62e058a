import { isDeepStrictEqual } from "node:util";
import type { Effect } from "../model/effect.ts";
import { ledsOf } from "../model/facts.ts";
import type { Frame } from "../model/frame.ts";
import { type Key, type PanelInput, press } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { meantOnFourKeys } from "./four-keys.ts";
import { type Shown, turnMs } from "./layout.ts";
import { askForPin, lockedPlace } from "./locked.ts";
import { menuPlace } from "./menu.ts";
import { testPlace } from "./network-test.ts";
import { type Place, type PlaceType, type ReadingPlace, statusPlace, type Transition } from "./place.ts";
import { goesBackByLeft, procedurePlace } from "./procedure.ts";
import { readingPlace } from "./reading.ts";
import { type Acknowledged, acknowledge, noticeText, readings, unreadNotice } from "./readings.ts";
import { statusPlaceType } from "./status.ts";
import { interrupts, workingOf } from "./working.ts";

export type { PanelContext, PanelOptions } from "./context.ts";

/** The session of the front panel, the same on every surface. Plain data. */
export interface PanelState {
  readonly place: Place;
  /** Monotonic time of the last input that counted: a key, or what was typed and changed something. */
  readonly lastInputMs: number;
  /** Monotonic time since when the display is lit for nothing. */
  readonly litMs: number;
  /** The key that lit the display, while it may still be held. */
  readonly waking: Key | null;
  /** The right PIN was entered, and the panel has not been idle since. */
  readonly unlocked: boolean;
  readonly acknowledged: Acknowledged;
  /** The notice that is on the glass, since when (monotonic). Another text is another notice. */
  readonly notice: { readonly text: string; readonly sinceMs: number } | null;
}

/** With a PIN the panel is locked after so long without a key, even where it never goes back to the status screen. */
const lockMs = 300_000;

/** A notice goes by itself so long after it came on the glass, or after the last key. */
const noticeMs = 20_000;

export interface PanelStep {
  readonly state: PanelState;
  readonly effects: readonly Effect[];
}

/** Nobody has pressed a key yet; the display is lit from now on. */
export function initialPanel(nowMs: number): PanelState {
  return {
    place: statusPlace,
    lastInputMs: nowMs,
    litMs: nowMs,
    waking: null,
    unlocked: false,
    acknowledged: {},
    notice: null,
  };
}

/** One input. Facts and time are looked at first, so a key never acts on a screen that is no longer shown. */
export function stepPanel(before: PanelState, asked: PanelInput, context: PanelContext): PanelStep {
  const seen = refreshPanel(before, context);
  if (isDark(seen, context) && !isText(asked, seen, context)) return { state: lit(seen, asked, context), effects: [] };
  if (isWaking(asked, seen.waking)) return { state: seen, effects: [] };
  const state = { ...seen, waking: null };
  const input = context.geometry.keys === 4 ? meantOnFourKeys(state.place, asked) : asked;
  if (isInterrupted(context)) return { state, effects: [] };
  const repeated = input.type === "key" && input.repeat > 0;
  if (repeated && !(typeOf(state.place).takesRepeats?.(state.place) ?? false)) return { state, effects: [] };
  const { place: next, effects = [], read = null } = step(state.place, input, context);
  const place = isShut(next, state, context) ? askForPin() : next;
  const acknowledged = acknowledge(context.facts, state.acknowledged, read);
  const { nowMs } = context;
  // Noise on a line must not keep the panel from going home, nor from being locked.
  const counts = input.type === "key" || !isDeepStrictEqual(place, state.place);
  const lastInputMs = counts ? nowMs : state.lastInputMs;
  return { state: refreshPanel({ ...state, place, acknowledged, lastInputMs, litMs: nowMs }, context), effects };
}

/** The display was lit, and nothing else. */
function lit(state: PanelState, input: PanelInput, { nowMs }: PanelContext): PanelState {
  return input.type === "key"
    ? { ...state, lastInputMs: nowMs, litMs: nowMs, waking: input.key }
    : { ...state, litMs: nowMs };
}

/**
 * Typed or pasted into a field, and no key pressed blindly: a text without its first character would be another value. So is
 * the chord, here Ctrl-U: on the keypad one of its keys has lit the display before.
 */
function isText(input: PanelInput, state: PanelState, context: PanelContext): boolean {
  return (input.type !== "key" || input.key === "LEFT+RIGHT") && takesText(state, context);
}

/** Belongs to the press that lit the display: its repeats, and the chord that it was one half of. */
function isWaking(input: PanelInput, waking: Key | null): boolean {
  if (input.type !== "key" || waking === null) return false;
  return input.repeat > 0 ? input.key === waking : input.key === "LEFT+RIGHT" && input.key.includes(waking);
}

/** After so long without a key the display is dark. */
function isDark({ litMs }: PanelState, { blankMs, nowMs }: PanelContext): boolean {
  return blankMs > 0 && nowMs >= litMs + blankMs;
}

/** A console was opened, or drawn again: the display is lit as by a key. */
export function wakePanel(before: PanelState, context: PanelContext): PanelState {
  return { ...refreshPanel(before, context), litMs: context.nowMs };
}

/** Behind the PIN, and nobody has entered it. */
function isShut(place: Place, { unlocked }: PanelState, { facts }: PanelContext): boolean {
  return facts.lock !== null && !unlocked && ["menu", "procedure", "test"].includes(place.at);
}

/** Unlocked by the right PIN, locked again by idleness. */
function isUnlocked({ place, unlocked, lastInputMs }: PanelState, now: Place, context: PanelContext): boolean {
  if (place.at === "locked" && now.at === "menu") return true;
  return unlocked && context.nowMs < lastInputMs + (context.idleMs || lockMs);
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
    // What the box is busy with, and how it went, is meant to be read.
    litMs: workingOf(facts) === null && !isTesting(before.place, facts) ? before.litMs : nowMs,
  };
  const open = refreshed(state, context);
  const unlocked = isUnlocked(state, open, context);
  const place = isShut(open, { ...state, unlocked }, context) ? statusPlace : open;
  const text = isNotice(place) ? noticeText(facts, place.reading) : null;
  if (text === null) return { ...state, place, unlocked, notice: null };
  if (over === null && before.notice?.text === text) return { ...state, place, unlocked };
  return { ...state, place, unlocked, litMs: nowMs, notice: { text, sinceMs: nowMs } };
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

/** Somebody waits for the end of a test. */
function isTesting(place: Place, { test }: PanelContext["facts"]): boolean {
  return place.at === "test" && test?.state === "running";
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
function idleEnd({ place, lastInputMs }: PanelState, { idleMs, facts }: PanelContext): number | null {
  if (isNotice(place) || (place.at === "status" && place.pan === 0)) return null;
  if (idleMs > 0) return lastInputMs + idleMs;
  return facts.lock === null ? null : lastInputMs + lockMs;
}

/** The monotonic time at which time alone changes the state or the picture; null when it never does. */
export function wakeAt(before: PanelState, context: PanelContext): number | null {
  const state = refreshPanel(before, context);
  const turnAt = view(state.place, context).turns ? (Math.floor(context.nowMs / turnMs) + 1) * turnMs : null;
  const { litMs, place } = state;
  const darkAt = context.blankMs > 0 && !isDark(state, context) ? litMs + context.blankMs : null;
  const changesAt = typeOf(place).changesAt?.(place, context) ?? null;
  const due = [idleEnd(state, context), noticeEnd(state), turnAt, darkAt, changesAt].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** ENTER would have an effect beyond the panel now: the answer to a last question, mostly. */
export function commits(state: PanelState, context: PanelContext): boolean {
  return stepPanel(state, press("ENTER"), context).effects.length > 0;
}

/** A working message is on the glass: no input does anything. */
export function isBusy(state: PanelState, context: PanelContext): boolean {
  const onGlass = refreshPanel(state, context).place.at === "status" && workingOf(context.facts) !== null;
  return onGlass || isInterrupted(context);
}

/** LEFT pressed now would lead away from what LEFT+RIGHT would clear: it has to wait for what becomes of it. */
export function leftWaits(state: PanelState, context: PanelContext): boolean {
  const { place } = refreshPanel(state, context);
  return place.at === "procedure" && goesBackByLeft(place) && !isDark(state, context) && !isInterrupted(context);
}

/** An entry field is open: what is typed on a console belongs to it. */
export function takesText(state: PanelState, context: PanelContext): boolean {
  const { place } = refreshPanel(state, context);
  if (isInterrupted(context)) return false;
  return place.at === "locked" || (place.at === "procedure" && place.stage.on === "field");
}

/** The picture of the front panel. */
export function viewPanel(state: PanelState, context: PanelContext): Frame {
  const now = refreshPanel(state, context);
  const { screen, lines, cursor } = view(isInterrupted(context) ? statusPlace : now.place, context);
  const { cols, rows } = context.geometry;
  return { cols, rows, screen, lines, cursor, leds: ledsOf(context.facts), blank: isDark(now, context) };
}

type At = Place["at"];
type PlaceOf<A extends At> = Extract<Place, { at: A }>;

const types: { readonly [A in At]: PlaceType<PlaceOf<A>> } = {
  status: statusPlaceType,
  locked: lockedPlace,
  reading: readingPlace,
  test: testPlace,
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
