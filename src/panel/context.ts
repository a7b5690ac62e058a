import type { Facts } from "../model/facts.ts";
import type { Geometry } from "../model/frame.ts";

/** What a screen may look at: facts, the shape of the glass, the time. Never anything that acts. */
export interface PanelContext {
  readonly facts: Facts;
  readonly geometry: Geometry;
  /** Back to the status screen after so long without a key; 0: never. */
  readonly idleMs: number;
  /** Monotonic. */
  readonly nowMs: number;
}
