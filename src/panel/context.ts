import type { Facts } from "../model/facts.ts";
import type { Glass } from "./layout.ts";

/** How the panel was set up. */
export interface PanelOptions {
  readonly geometry: Glass;
  /** Back to the status screen after so long without a key; 0: never. */
  readonly idleMs: number;
  /** Dark after so long without a key; 0: never. */
  readonly blankMs: number;
}

/** What a screen may look at: facts, the shape of the glass, the time. Never anything that acts. */
export interface PanelContext extends PanelOptions {
  readonly facts: Facts;
  /** Monotonic. */
  readonly nowMs: number;
}
