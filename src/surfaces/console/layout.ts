import type { Frame, Position } from "../../model/frame.ts";

/** The picture of a serial console, before it is laid out on a terminal of 80x24. */
export interface ConsolePicture {
  /** Lines above the border; none on a serial line, so that the first cell of the frame stands at row 2, column 2. */
  readonly header: readonly string[];
  readonly frame: Frame;
  /** Lines below the border. */
  readonly lines: readonly string[];
  readonly charset: Charset;
}

/** `utf8` for terminals that have shown that they draw it; `ascii` for all others. */
export type Charset = "utf8" | "ascii";

/** What a terminal shows: rows from the top, blank at their end where they are shorter than the terminal is wide. */
export interface TerminalScreen {
  readonly rows: readonly string[];
  /** Where the cursor stands, from 0. */
  readonly cursor: Position;
  readonly cursorShown: boolean;
}

/** One column less than a VT100 has: a character in the last one leaves the cursor in a place that terminals disagree on. */
const usableCols = 79;
const usableRows = 24;

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
 * Places the frame in its border, the LEDs beside it and the lines below. Nothing but printable ASCII and the glyphs above
 * gets through: a text from outside cannot steer the terminal.
 */
export function layOut({ header, frame, lines, charset }: ConsolePicture): TerminalScreen {
  const edge = "─".repeat(frame.cols);
  const glass = frame.blank ? frame.lines.map(() => " ".repeat(frame.cols)) : frame.lines;
  const rows = [
    ...header,
    `┌${edge}┐`,
    ...glass.map((line, row) => `│${line}│${row === 0 ? ledsBeside(frame) : ""}`),
    `└${edge}┘`,
    ...lines,
  ];
  const shown = rows.slice(0, usableRows - 1).map((row) => draw(row, charset));
  const { cursor } = frame;
  if (cursor === null || frame.blank) return { rows: shown, cursor: { row: shown.length, col: 0 }, cursorShown: false };
  return {
    rows: shown,
    cursor: { row: header.length + 1 + cursor.row, col: 1 + cursor.col },
    cursorShown: true,
  };
}

function ledsBeside({ leds }: Frame): string {
  const led = (name: string, lit: boolean) => `${name}[${lit ? "*" : " "}]`;
  return `  ${led("S1", leds.s1)} ${led("S2", leds.s2)} ${led("S3", leds.s3)}`;
}

function draw(row: string, charset: Charset): string {
  return [...row]
    .slice(0, usableCols)
    .map((character) => {
      if (/^[ -~]$/.test(character)) return character;
      const relative = asciiRelatives[character];
      if (relative === undefined) return "?";
      return charset === "utf8" ? character : relative;
    })
    .join("")
    .trimEnd();
}
