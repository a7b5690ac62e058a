import type { Geometry, Position } from "../model/frame.ts";
import type { KeyName } from "../model/key.ts";

/** The glass and the keys beside it. */
export interface Glass extends Geometry {
  /** 4: there is no LEFT and no RIGHT. Absent: all five. */
  readonly keys?: 4 | 5;
}

/** A screen to be laid out: a text, perhaps an entry below it, and the keys that do something now. */
export interface Screen {
  readonly screen: string;
  readonly text: string;
  readonly keys: readonly KeyName[];
  /** Those of `keys` whose indicator is left out first when there is no room: another key does the same. */
  readonly spare?: readonly KeyName[];
  readonly entry?: Entry;
}

/** What stands in an entry field. It scrolls so that the cursor is seen. */
export interface Entry {
  readonly text: string;
  /** Index into `text`, or just behind it; null shows none. */
  readonly cursor: number | null;
  /** Where there is no cursor: cells that the text has been moved to the left, at most to its end. */
  readonly pan?: number;
}

/** A laid out screen. */
export interface Shown {
  readonly screen: string;
  readonly lines: readonly string[];
  readonly cursor: Position | null;
  /** The text is longer than the glass and no key pages it: it turns its pages by itself. */
  readonly turns: boolean;
}

/** How long a page of a text that turns its pages by itself stays. */
export const turnMs = 2000;

const order: readonly KeyName[] = ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"];
const glyphs: Readonly<Record<KeyName, string>> = { LEFT: "←", RIGHT: "→", UP: "↑", DOWN: "↓", ENTER: "↵" };

/** The indicators of these keys in their fixed order, one cell each. */
export function indicators(keys: readonly KeyName[]): string {
  return order
    .filter((key) => keys.includes(key))
    .map((key) => glyphs[key])
    .join("");
}

/**
 * Those of `keys` that the panel has. On four keys DOWN stands for RIGHT where it has no meaning of its own; the places and
 * fields see to it (`four-keys.ts`).
 */
export function onPanel(keys: readonly KeyName[], { keys: count }: Glass): readonly KeyName[] {
  if (count !== 4) return keys;
  const rest = keys.filter((key) => key !== "LEFT" && key !== "RIGHT");
  return keys.includes("RIGHT") && !rest.includes("DOWN") ? [...rest, "DOWN"] : rest;
}

/** The same in fewer cells: opposite arrows share one. */
export function sharedIndicators(keys: readonly KeyName[]): string {
  return indicators(keys).replace("←→", "↔").replace("↑↓", "↕");
}

/** Only what every character display can show; one cell a UTF-16 unit. */
export function printable(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^ -~]/g, "?");
}

/**
 * Word wrap. `width` tells the cells of each row. A word longer than its row is broken when `breakWords` is set, else the
 * answer is null.
 */
export function wrap(text: string, width: (row: number) => number, breakWords: boolean): readonly string[] | null {
  const rows: string[] = [];
  let row: string | null = null;
  for (const word of text.split(" ").filter((part) => part !== "")) {
    if (row !== null && row.length + 1 + word.length <= width(rows.length)) {
      row = `${row} ${word}`;
      continue;
    }
    if (row !== null) rows.push(row);
    let rest = word;
    while (rest.length > width(rows.length)) {
      if (!breakWords) return null;
      rows.push(rest.slice(0, width(rows.length)));
      rest = rest.slice(width(rows.length - 1));
    }
    row = rest;
  }
  if (row !== null) rows.push(row);
  return rows;
}

/**
 * Cuts a text into pages of the glass, the first row of each shortened by `reserve` cells. A page ends with a phrase where one
 * ends in its last row. Never empty.
 */
export function paginate(text: string, { cols, rows }: Geometry, reserve: number): readonly (readonly string[])[] {
  const pages: (readonly string[])[] = [];
  let rest = printable(text).trim();
  do {
    const lines = wrap(rest, (row) => (row === 0 ? cols - reserve : cols), true) ?? [];
    const page = lines.slice(0, rows);
    const last = page.pop();
    if (last !== undefined) page.push(lines.length > rows ? last.replace(/^(.*[^ ][.:;!?]) .*/, "$1") : last);
    pages.push(page);
    const letters = page.join("").replaceAll(" ", "").length;
    rest = rest.replace(new RegExp(`^( *[^ ]){${letters}} *`), "");
  } while (rest !== "");
  return pages;
}

/** The same beside the indicators of these keys; they share cells where that makes one page of it. */
export function paginateBeside(
  text: string,
  geometry: Geometry,
  keys: readonly KeyName[],
): readonly (readonly string[])[] {
  const pages = paginate(text, geometry, indicators(keys).length);
  const packed = pages.length === 1 ? pages : paginate(text, geometry, sharedIndicators(keys).length);
  return packed.length === 1 ? packed : pages;
}

/** The same for a value under a heading, which stands in the first row of each page. Never empty. */
export function paginateUnder(
  heading: string,
  value: string,
  { cols, rows }: Geometry,
): readonly (readonly string[])[] {
  const lines = wrap(printable(value), () => cols, true) ?? [];
  const pages = Array.from({ length: Math.max(1, Math.ceil(lines.length / (rows - 1))) }, (_, page) =>
    lines.slice(page * (rows - 1), (page + 1) * (rows - 1)),
  );
  return pages.map((page) => [heading, ...page]);
}

/** Rows of text, padded to the glass, with indicators at the right end of the first. */
export function fill(rows: readonly string[], cells: string, { cols, rows: count }: Geometry): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index] ?? "";
    return index === 0 ? row.padEnd(cols - cells.length) + cells : row.padEnd(cols);
  });
}

/** The same with the indicators of these keys, which share cells where the first row leaves no room. */
export function fillBeside(rows: readonly string[], keys: readonly KeyName[], geometry: Geometry): readonly string[] {
  const cells = indicators(keys);
  const hasRoom = (rows[0]?.length ?? 0) + cells.length <= geometry.cols;
  return fill(rows, hasRoom ? cells : sharedIndicators(keys), geometry);
}

/** The part of a long text that is seen when it has been panned by `pan` cells, at most to its end. */
export function panned(text: string, width: number, pan: number): string {
  const start = Math.min(pan, Math.max(0, text.length - width));
  return text.slice(start, start + width);
}

interface Fitted {
  readonly rows: readonly string[];
  readonly cells: string;
}

/**
 * The first way in which a text fits into `rows` rows: with an indicator a cell, with shared cells, without the spare ones,
 * without any; word-wrapped, and at last split anywhere.
 */
function fitInto(
  text: string,
  { keys, spare = [] }: Pick<Screen, "keys" | "spare">,
  cols: number,
  rows: number,
): Fitted | null {
  const needed = keys.filter((key) => !spare.includes(key));
  for (const cells of [indicators(keys), sharedIndicators(keys), indicators(needed), sharedIndicators(needed), ""]) {
    const wrapped = wrap(text, (row) => (row === 0 ? cols - cells.length : cols), false);
    if (wrapped !== null && wrapped.length <= rows) return { rows: wrapped, cells };
  }
  return text.length <= cols * rows ? { rows: text.match(new RegExp(`.{1,${cols}}`, "g")) ?? [], cells: "" } : null;
}

/** Lays a screen out. `nowMs` decides which page of a text that turns by itself is seen. */
export function layOut(asked: Screen, geometry: Glass, nowMs: number): Shown {
  const { cols, rows } = geometry;
  const what = { ...asked, keys: onPanel(asked.keys, geometry) };
  const text = printable(what.text);
  if (what.entry !== undefined) {
    const fitted = fitInto(text, what, cols, rows - 1);
    if (fitted !== null) {
      const { row, col } = scrolled(what.entry, cols);
      const lines = fill([...fitted.rows, row], fitted.cells, geometry);
      return {
        screen: what.screen,
        lines,
        cursor: col === null ? null : { row: fitted.rows.length, col },
        turns: false,
      };
    }
  }
  const fitted = fitInto(text, what, cols, rows);
  if (fitted !== null) {
    return { screen: what.screen, lines: fill(fitted.rows, fitted.cells, geometry), cursor: null, turns: false };
  }
  const pages = paginate(text, geometry, 0);
  const page = pages[Math.floor(nowMs / turnMs) % pages.length] ?? [];
  return { screen: what.screen, lines: fill(page, "", geometry), cursor: null, turns: true };
}

function scrolled(entry: Entry, cols: number): { readonly row: string; readonly col: number | null } {
  const text = printable(entry.text);
  if (entry.cursor === null) return { row: panned(text, cols, entry.pan ?? 0), col: null };
  const start = Math.max(0, entry.cursor - (cols - 1));
  return { row: text.slice(start, start + cols), col: entry.cursor - start };
}
