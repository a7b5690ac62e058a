import type { KeyEdge } from "../../hal/keypad.ts";
import type { Key, KeyName, PanelInput } from "../model/key.ts";

/**
 * From edges of keys to what a person means. A key acts when it goes down. The one that went down last repeats while it is
 * held; LEFT and RIGHT together are the chord, which the second of the two completes and which does not repeat.
 */
export interface KeysState {
  readonly down: readonly KeyName[];
  readonly held: Held | null;
}

interface Held {
  readonly key: KeyName;
  readonly repeats: number;
  /** Monotonic time of the next repeat. */
  readonly nextMs: number;
}

export interface KeysStep {
  readonly state: KeysState;
  readonly inputs: readonly PanelInput[];
}

/** From a press to its first repeat. */
const holdMs = 500;

/** Time to the next repeat, by the number of repeats so far: a ring of 94 characters is passed in about six seconds. */
function intervalMs(repeats: number): number {
  if (repeats < 8) return 150;
  return repeats < 24 ? 80 : 45;
}

/** A key that has repeated so often is stuck, not held. */
const mostRepeats = 500;

/** No key is down: at the start, and after the keypad was lost. */
export function initialKeys(): KeysState {
  return { down: [], held: null };
}

/** One edge of the keypad. A second edge in the same direction is ignored. */
export function stepKeys(state: KeysState, { key, pressed, atMs }: KeyEdge): KeysStep {
  const others = state.down.filter((other) => other !== key);
  if (!pressed) {
    return { state: { down: others, held: state.held?.key === key ? null : state.held }, inputs: [] };
  }
  if (others.length < state.down.length) return { state, inputs: [] };
  const down = [...others, key];
  if (completesChord(key, others)) return { state: { down, held: null }, inputs: [once("LEFT+RIGHT")] };
  return { state: { down, held: { key, repeats: 0, nextMs: atMs + holdMs } }, inputs: [once(key)] };
}

function completesChord(key: KeyName, others: readonly KeyName[]): boolean {
  return (key === "LEFT" && others.includes("RIGHT")) || (key === "RIGHT" && others.includes("LEFT"));
}

function once(key: Key): PanelInput {
  return { type: "key", key, repeat: 0 };
}

/** Time has passed. At most one repeat a call: after a stall a held key must not shoot ahead. */
export function repeatKeys(state: KeysState, nowMs: number): KeysStep {
  const { held } = state;
  if (held === null || nowMs < held.nextMs) return { state, inputs: [] };
  const repeats = held.repeats + 1;
  const next = repeats === mostRepeats ? null : { ...held, repeats, nextMs: nowMs + intervalMs(repeats) };
  return { state: { ...state, held: next }, inputs: [{ type: "key", key: held.key, repeat: repeats }] };
}

/** The monotonic time of the next repeat; null when none is due. */
export function keysWakeAt({ held }: KeysState): number | null {
  return held?.nextMs ?? null;
}
