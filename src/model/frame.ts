import type { Position } from "../../hal/display.ts";
import type { Leds } from "../../hal/indicators.ts";

export type { Position } from "../../hal/display.ts";
export type { Leds } from "../../hal/indicators.ts";

export interface Geometry {
  readonly cols: number;
  readonly rows: number;
}

/**
 * One picture of the front panel, the same for every surface. `lines` holds exactly `rows` strings of exactly `cols`
 * characters; besides printable ASCII only the navigation glyphs `← → ↑ ↓ ↵ ↔ ↕` occur.
 */
export interface Frame extends Geometry {
  /** The screen's identifier, such as `lan-static/address`. */
  readonly screen: string;
  readonly lines: readonly string[];
  readonly cursor: Position | null;
  readonly leds: Leds;
  readonly blank: boolean;
}
