import type { Position } from "../hal/display.ts";
import type { Leds } from "../hal/indicators.ts";
import type { StatusDocument } from "../src/control/schema.ts";
import type { BenchDocument } from "./bench-document.ts";

/** What a person in front of the box sees, decoded from the modelled chips. */
export interface GlassView {
  readonly cols: number;
  readonly rows: number;
  readonly lines: readonly string[];
  readonly cursor: Position | null;
  /** Display and backlight; dark, the dots mean nothing. */
  readonly lit: boolean;
  /** `dots[row][col]`: eight rows of five bits, bit 4 left. */
  readonly dots: readonly (readonly (readonly number[])[])[];
  readonly leds: Leds;
}

/** `plugged`: the power cable is in. `running`: a controller lives. Off but plugged, the power button starts it. */
export interface PowerView {
  readonly plugged: boolean;
  readonly running: boolean;
}

/** Output of the serial line. `from` counts characters since the bench started; `text` begins there. */
export interface ConsoleView {
  readonly device: string;
  readonly plugged: boolean;
  readonly from: number;
  readonly text: string;
}

/** What the page shows beside the box; does not change while the bench runs. */
export interface AboutView {
  readonly platformUrl: string;
  readonly proxy: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
}

/** The server-sent events of `GET /v1/bench/stream`, by name. */
export interface PageEvents {
  readonly about: AboutView;
  readonly power: PowerView;
  readonly glass: GlassView;
  readonly bench: BenchDocument;
  readonly status: StatusDocument;
  readonly console: ConsoleView;
  /** Wall clock of the box, ISO 8601; sent when it was moved, it runs by itself. */
  readonly clock: { readonly now: string };
}
