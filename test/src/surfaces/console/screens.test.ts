import { describe, expect, it } from "vitest";
import type { Frame } from "../../../../src/model/frame.ts";
import { type Charset, layOut, type TerminalScreen, vt100Size } from "../../../../src/surfaces/console/layout.ts";
import { paint } from "../../../../src/surfaces/console/vt100-painter.ts";
import { pictureOf } from "../../../../src/surfaces/lcd.ts";
import { createVt100Screen } from "../../../support/vt100-screen.ts";
import { geometries } from "../../panel/bench.ts";
import { scenes } from "../../panel/scenes.ts";

const lines = ["Arrow keys move, ENTER confirms, ? shows the keys", "MAC address 52:54:00:12:34:56"];
const charsets: readonly Charset[] = ["utf8", "ascii"];
const cases = geometries.flatMap((geometry) => charsets.map((charset) => ({ ...geometry, charset })));

/** A VT100 on which pictures are painted one after another, and what stands within its border after each. */
function glassOnTerminal(charset: Charset, { cols, rows }: Frame) {
  const terminal = createVt100Screen();
  let shown: TerminalScreen | null = null;
  return (frame: Frame) => {
    const next = layOut({ header: [], frame, lines, charset, size: vt100Size });
    terminal.write(paint(shown, next));
    shown = next;
    const { row, col } = terminal.cursor();
    return {
      lines: terminal
        .rows()
        .slice(1, 1 + rows)
        .map((line) => line.slice(1, 1 + cols)),
      cursor: terminal.cursorShown() ? { row: row - 1, col: col - 1 } : null,
      below: terminal.rows().slice(2 + rows, 2 + rows + lines.length),
    };
  };
}

const inAscii: Readonly<Record<string, string>> = {
  "←": "<",
  "→": ">",
  "↑": "^",
  "↓": "v",
  "↵": "E",
  "↔": "-",
  "↕": "|",
};

function drawnWith(charset: Charset, line: string): string {
  return charset === "utf8" ? line : line.replace(/[^ -~]/g, (character) => inAscii[character] ?? "?");
}

describe.each(cases)("a console of $cols x $rows in $charset", ({ charset, ...geometry }) => {
  it("shows every screen of the panel as the LCD does, one painted over the other", () => {
    const all = scenes(geometry);
    // Back again as well: another picture stands before each.
    const order = [...all, ...all.toReversed()];
    const [first] = order;
    if (first === undefined) throw new Error("no scenes");
    const see = glassOnTerminal(charset, first.frame);
    for (const { how, frame } of order) {
      const lcd = pictureOf(frame);
      expect({ how, ...see(frame) }).toEqual({
        how,
        lines: lcd.lines.map((line) => drawnWith(charset, line)),
        cursor: lcd.cursor,
        below: lines,
      });
    }
    expect(all.length).toBeGreaterThan(200);
  });
});
