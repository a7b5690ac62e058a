/** A place on the glass, from 0. */
export interface Position {
  readonly row: number;
  readonly col: number;
}

/** What the glass should show. */
export interface Picture {
  /** Exactly `rows` strings of exactly `cols` characters (one UTF-16 unit each); arrows as `← → ↑ ↓ ↵ ↔ ↕`. */
  readonly lines: readonly string[];
  /** Where the cursor is shown; null shows none. */
  readonly cursor: Position | null;
  /** false: dark (display off, backlight off where the hardware has one); the lines are kept. */
  readonly on: boolean;
}

/**
 * A character display. The driver knows the chip's character set and loads glyphs that it lacks; a character that it can
 * neither hold nor draw is shown as its nearest ASCII relative.
 *
 * For callers: one `show` at a time; a second before the first has settled is a caller's bug and rejects with kind `busy`.
 * After a rejection the state of the glass is unknown: call `reset` until it succeeds, then `show` again.
 * For drivers: `show` sends the smallest update from what the glass shows now, in one bus transaction where the bus allows
 * it, and resolves when the glass shows the picture. Constructing a driver does no I/O.
 */
export interface Display {
  readonly cols: number;
  readonly rows: number;
  /** Brings the chip from any state (mid-nibble included) to a cleared, known one. */
  reset(): Promise<void>;
  show(picture: Picture): Promise<void>;
  /** Leaves the glass dark and releases the bus. Idempotent. */
  halt(): Promise<void>;
}
