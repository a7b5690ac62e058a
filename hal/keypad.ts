import type { Stop } from "./clock.ts";
import type { HalError } from "./errors.ts";

export const keyNames = ["UP", "DOWN", "LEFT", "RIGHT", "ENTER"] as const;
export type KeyName = (typeof keyNames)[number];

/** A key went down or up. `atMs` is the monotonic clock's time of the edge, not of its delivery. */
export interface KeyEdge {
  readonly key: KeyName;
  readonly pressed: boolean;
  readonly atMs: number;
}

/**
 * The keys of the front panel. Delivers debounced edges in order; several keys may be down at once. Repeat, hold and
 * chords are the panel's business, not the keypad's.
 */
export interface Keypad {
  /**
   * Starts delivering edges. `lost` is called once when the hardware stops answering; after that no edge comes until
   * `watch` is called again. A key held down when `watch` starts gives no edge until it is released.
   */
  watch(edge: (edge: KeyEdge) => void, lost: (error: HalError) => void): Promise<Stop>;
  halt(): Promise<void>;
}
