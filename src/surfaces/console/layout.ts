import type { TerminalSize } from "../../../hal/console.ts";
import type { Frame, Position } from "../../model/frame.ts";

/** The picture of a console, before it is laid out on a terminal. */
export interface ConsolePicture {
  /** Lines above the border; none on a serial line, so that the first cell of the frame stands at row 2, column 2. */
  readonly header: readonly string[];
  readonly frame: Frame;
  /** Lines below the border. */
  readonly lines: readonly string[];
  readonly charset: Charset;
  readonly size: TerminalSize;
}

/** `utf8` for terminals that have shown that they draw it; `ascii` for all others. */
export type Charset = "utf8" | "ascii";

/** What a terminal shows: rows from the top, blank at their end where they are shorter than the terminal is wide. */
export interface TerminalScreen {
  /** At most as many as the terminal has. */
  readonly rows: readonly string[];
  /** Where the cursor stands, from 0. */
  readonly cursor: Position;
  readonly cursorShown: boolean;
}

/** Of a VT100, which is what a serial line is taken for: it cannot tell. */
export const vt100Size: TerminalSize = { cols: 80, rows: 24 };

const asciiRelatives: Readonly<Record<string, string>> = {
  "←": "<",
  "→": ">",
  "↑": "^",
  "↓": "v",
  "↵": "E",
  "↔": "-",
  "↕": "|",
  "─": "-",
  "│": "|",
  "┌": "+",
  "┐": "+",
  "└": "+",
  "┘": "+",
};

/**
 * Places the frame in its border, the LEDs beside it and the lines below. Where the terminal is too small the glass comes
 * first, then its border, the header and the lines. Nothing but printable ASCII and the glyphs above gets through: a text
 * from outside cannot steer the terminal.
 */
export function layOut({ header, frame, lines, charset, size }: ConsolePicture): TerminalScreen {
  // A character in the last column leaves the cursor in a place that terminals disagree on.
  const cols = size.cols - 1;
  const glass = frame.blank ? frame.lines.map(() => " ".repeat(frame.cols)) : frame.lines;
  const bordered = frame.cols + 2 <= cols && glass.length + 2 <= size.rows;
  const edge = "─".repeat(frame.cols);
  const side = bordered ? "│" : "";
  const panel = [
    ...(bordered ? [`┌${edge}┐`] : []),
    ...glass.map((line, row) => `${side}${line}${side}${row === 0 ? ledsBeside(frame) : ""}`),
    ...(bordered ? [`└${edge}┘`] : []),
  ];
  const above = header.length + panel.length <= size.rows ? header : [];
  const rows = [...above, ...panel, ...lines].slice(0, size.rows).map((row) => draw(row, charset, cols));
  const first = bordered ? 1 : 0;
  const { cursor } = frame;
  if (cursor !== null && !frame.blank) {
    const at = { row: above.length + first + cursor.row, col: first + cursor.col };
    if (at.row < size.rows && at.col <= cols) return { rows, cursor: at, cursorShown: true };
  }
  return { rows, cursor: { row: Math.min(rows.length, size.rows - 1), col: 0 }, cursorShown: false };
}

function ledsBeside({ leds }: Frame): string {
  const led = (name: string, lit: boolean) => `${name}[${lit ? "*" : " "}]`;
  return `  ${led("S1", leds.s1)} ${led("S2", leds.s2)} ${led("S3", leds.s3)}`;
}

function draw(row: string, charset: Charset, cols: number): string {
  return [...row]
    .slice(0, cols)
    .map((character) => {
      if (/^[ -~]$/.test(character)) return character;
      const relative = asciiRelatives[character];
      if (relative === undefined) return "?";
      return charset === "utf8" ? character : relative;
    })
    .join("")
    .trimEnd();
}
