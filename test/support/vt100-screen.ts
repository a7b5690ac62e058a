/** A VT100, by default of 80x24, as far as the painter may use it. Everything it does not know is an error: so is leaving the screen. */
export interface Vt100Screen {
  write(text: string): void;
  /** All rows without the blanks at their end. */
  rows(): string[];
  cursor(): { row: number; col: number };
  cursorShown(): boolean;
}

const esc = "\x1b";
const parts = new RegExp(`${esc}\\[[^A-Za-z]*[A-Za-z]|${esc}\\(.|${esc}.|[^]`, "gu");

export function createVt100Screen({ cols, rows: rowCount } = { cols: 80, rows: 24 }): Vt100Screen {
  // Not blank at first: a full repaint has to clear it.
  const cells = Array.from({ length: rowCount }, () => Array.from({ length: cols }, () => "#"));
  let row = Math.min(7, rowCount - 1);
  let col = Math.min(33, cols - 1);
  let saved = { row: 0, col: 0 };
  let shown = true;

  const put = (character: string) => {
    if (col >= cols - 1) throw new Error(`wrote ${JSON.stringify(character)} in the last column of row ${row}`);
    const line = cells[row];
    if (line === undefined) throw new Error(`row ${row}`);
    line[col++] = character;
  };
  const control = (character: string) => {
    if (character === "\x0f") return;
    if (character === "\r") col = 0;
    else if (character === "\n" && row < rowCount - 1) row += 1;
    else if (character === "\b" && col > 0) col -= 1;
    else throw new Error(`control character ${JSON.stringify(character)} at row ${row}, column ${col}`);
  };
  const sequence = (text: string) => {
    const [, parameters = "", final] = /^\[([\d;?]*)([A-Za-z])$/.exec(text.slice(1)) ?? [];
    const [first = 1, second = 1] = parameters.split(";").map((parameter) => Number(parameter) || 1);
    if (text === "\x1b7") saved = { row, col };
    else if (text === "\x1b8") ({ row, col } = saved);
    else if (text === "\x1b[?25h") shown = true;
    else if (text === "\x1b[?25l") shown = false;
    else if (text === "\x1b[2J") for (const line of cells) line.fill(" ");
    else if (text === "\x1b[K") cells[row]?.fill(" ", col);
    else if (text === "\x1b[r") [row, col] = [0, 0];
    else if (text === "\x1b[m" || text === "\x1b(B") return;
    else if (final === "H" && first <= rowCount && second <= cols) [row, col] = [first - 1, second - 1];
    else throw new Error(`sequence ${JSON.stringify(text)}`);
  };

  return {
    write: (text) => {
      for (const [part] of text.matchAll(parts)) {
        if (part.length > 1 && part.startsWith("\x1b")) sequence(part);
        else if (part < " " || part === "\x7f") control(part);
        else put(part);
      }
    },
    rows: () => cells.map((line) => line.join("").trimEnd()),
    cursor: () => ({ row, col }),
    cursorShown: () => shown,
  };
}
