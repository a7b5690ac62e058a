import type { KeyEdge } from "../../hal/keypad.ts";
import type { Key, KeyName, PanelInput } from "../model/key.ts";

/**
 * From edges of keys to what a person means. A key acts when it goes down. The one that went down last repeats while it is
 * held; LEFT and RIGHT together are the chord, which the second of the two completes and which does not repeat. Where LEFT
 * would lead away from what the chord acts on, it waits: it acts when it is released, or before another key, unless RIGHT
 * comes first.
 */
export interface KeysState {
  readonly down: readonly KeyName[];
  readonly held: Held | null;
  /** LEFT is down and has not acted yet. */
  readonly leftWaits: boolean;
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
  return { down: [], held: null, leftWaits: false };
}

/** One edge of the keypad; `leftWaits`: LEFT pressed now is to wait. A second edge in the same direction is ignored. */
export function stepKeys(state: KeysState, { key, pressed, atMs }: KeyEdge, leftWaits: boolean): KeysStep {
  const others = state.down.filter((other) => other !== key);
  if (!pressed) {
    const acts = key === "LEFT" && state.leftWaits;
    const held = state.held?.key === key ? null : state.held;
    return {
      state: { down: others, held, leftWaits: state.leftWaits && !acts },
      inputs: acts ? [once("LEFT")] : [],
    };
  }
  if (others.length < state.down.length) return { state, inputs: [] };
  const down = [...others, key];
  if (completesChord(key, others)) {
    return { state: { down, held: null, leftWaits: false }, inputs: [once("LEFT+RIGHT")] };
  }
  if (key === "LEFT" && leftWaits) return { state: { down, held: null, leftWaits }, inputs: [] };
  return {
    state: { down, held: { key, repeats: 0, nextMs: atMs + holdMs }, leftWaits: false },
    inputs: state.leftWaits ? [once("LEFT"), once(key)] : [once(key)],
  };
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
