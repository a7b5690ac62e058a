import type { Position } from "../../model/frame.ts";
import type { TerminalScreen } from "./layout.ts";

/**
 * What has to be sent to bring a terminal from one screen to the next; `null` is a terminal in an unknown state. Only what
 * a VT100 has is used: cursor position, erase, save and restore the cursor, CR, LF and BS (VT100 user guide, chapter 3).
 * The cursor is hidden by DECTCEM, which came with the VT220; a VT100 ignores it and shows the cursor below the picture.
 */
export function paint(before: TerminalScreen | null, after: TerminalScreen): string {
  if (before === null) return wipe + paint(unpainted, after);

  const pen = createPen(before.cursor);
  for (let row = 0; row < Math.max(before.rows.length, after.rows.length); row++) {
    drawRow(pen, row, before.rows[row] ?? "", after.rows[row] ?? "");
  }
  const drawn = pen.end(before.cursor, after.cursor);
  if (before === unpainted || before.cursorShown !== after.cursorShown) {
    return `${drawn}\x1b[?25${after.cursorShown ? "h" : "l"}`;
  }
  return drawn;
}

/**
 * To a blank screen from whatever noise or another program has left: SI and ESC ( B for plain ASCII, attributes off, the
 * whole screen as scrolling region, erase, home.
 */
const wipe = "\x0f\x1b(B\x1b[m\x1b[r\x1b[2J\x1b[H";

const unpainted: TerminalScreen = { rows: [], cursor: { row: 0, col: 0 }, cursorShown: true };

interface Pen {
  readonly at: Position;
  /** Writes at a place, moving there first by the shortest way. */
  write(row: number, col: number, text: string): void;
  /** Clears from a place to the end of its row. */
  erase(row: number, col: number): void;
  /** All that was sent, with the cursor brought to `to`. */
  end(from: Position, to: Position): string;
}

function createPen(start: Position): Pen {
  let at = start;
  let sent = "";
  return {
    get at() {
      return at;
    },
    write: (row, col, text) => {
      sent += move(at, { row, col }) + text;
      at = { row, col: col + text.length };
    },
    erase: (row, col) => {
      sent += `${move(at, { row, col })}\x1b[K`;
      at = { row, col };
    },
    end: (from, to) => {
      const moved = sent + move(at, to);
      if (from.row !== to.row || from.col !== to.col) return moved;
      const restored = sent === "" ? "" : `\x1b7${sent}\x1b8`;
      return restored.length < moved.length ? restored : moved;
    },
  };
}

/** A run of blanks that is longer than this is cheaper erased than written: ESC [ K. */
const eraseBytes = 3;

function drawRow(pen: Pen, row: number, before: string, after: string): void {
  for (let col = 0; col < after.length; col++) {
    const character = after[col] ?? " ";
    if (character === (before[col] ?? " ")) continue;
    const gap = after.slice(pen.at.col, col);
    const near = pen.at.row === row && pen.at.col < col && bytes(gap) < move(pen.at, { row, col }).length;
    if (near) pen.write(row, pen.at.col, gap + character);
    else pen.write(row, col, character);
  }
  const left = before.length - after.length;
  if (left > eraseBytes) pen.erase(row, after.length);
  else if (left > 0) pen.write(row, after.length, " ".repeat(left));
}

/** The shortest way between two places. */
function move(from: Position, to: Position): string {
  const ways = [to.col === 0 ? `\x1b[${to.row === 0 ? "" : to.row + 1}H` : `\x1b[${to.row + 1};${to.col + 1}H`];
  if (to.row === from.row && to.col <= from.col) ways.push("\b".repeat(from.col - to.col));
  if (to.row >= from.row && to.col === 0) ways.push(`\r${"\n".repeat(to.row - from.row)}`);
  return ways.reduce((shortest, way) => (way.length < shortest.length ? way : shortest));
}

function bytes(text: string): number {
  let count = 0;
  for (const character of text) count += character <= "~" ? 1 : 3;
  return count;
}
