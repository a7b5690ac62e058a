import type { Frame } from "../model/frame.ts";
import type { ScreenDocument } from "./schema.ts";

/** What the glass shows, as the API tells it. */
export function screenOf({ screen, cols, rows, lines, cursor, leds, blank }: Frame): ScreenDocument {
  return {
    screen,
    cols,
    rows,
    lines: [...lines],
    cursor: cursor === null ? null : { row: cursor.row, col: cursor.col },
    leds: { s1: leds.s1, s2: leds.s2, s3: leds.s3 },
    blank,
  };
}
