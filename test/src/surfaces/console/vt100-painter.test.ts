import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../../../src/model/frame.ts";
import { type Charset, layOut, type TerminalScreen, vt100Size } from "../../../../src/surfaces/console/layout.ts";
import { paint } from "../../../../src/surfaces/console/vt100-painter.ts";
import { anyFrame, geometries, someFrame } from "../../../support/some-frames.ts";
import { createVt100Screen } from "../../../support/vt100-screen.ts";

const charsets: readonly Charset[] = ["utf8", "ascii"];
const cases = geometries.flatMap((geometry) => charsets.map((charset) => ({ ...geometry, charset })));
const lines = ["Arrow keys move, ENTER confirms, ? shows the keys", "MAC address 52:54:00:12:34:56"];
const bytes = (text: string) => Buffer.byteLength(text);

function onScreen(frame: Frame, charset: Charset, header: readonly string[] = []): TerminalScreen {
  return layOut({ header, frame, lines, charset, size: vt100Size });
}

describe("the console's picture", () => {
  const frame = someFrame(["LAN IP ADDR←→↑↓↵", "010.077.000.020 "], {
    cursor: { row: 1, col: 4 },
    leds: { s1: true, s2: false, s3: false },
  });

  it("puts the first cell at row 2, column 2", () => {
    expect(onScreen(frame, "utf8")).toEqual({
      rows: [
        "┌────────────────┐",
        "│LAN IP ADDR←→↑↓↵│  S1[*] S2[ ] S3[ ]",
        "│010.077.000.020 │",
        "└────────────────┘",
        ...lines,
      ],
      cursor: { row: 2, col: 5 },
      cursorShown: true,
    });
  });

  it("draws with ASCII what the terminal lacks", () => {
    const joined = someFrame(["SETUP NETWORK ↔↕", "                "]);
    expect(onScreen(frame, "ascii").rows.slice(0, 4)).toEqual([
      "+----------------+",
      "|LAN IP ADDR<>^vE|  S1[*] S2[ ] S3[ ]",
      "|010.077.000.020 |",
      "+----------------+",
    ]);
    expect(onScreen(joined, "ascii").rows[1]).toContain("|SETUP NETWORK -||");
  });

  it("stands below a header", () => {
    const screen = onScreen(frame, "utf8", ["http://127.0.0.1:8080", ""]);
    expect(screen.rows[0]).toBe("http://127.0.0.1:8080");
    expect(screen.rows[3]).toContain("LAN IP ADDR");
    expect(screen.cursor).toEqual({ row: 4, col: 5 });
  });

  it("is an empty glass without a cursor when the frame is blank", () => {
    const screen = onScreen({ ...frame, blank: true }, "utf8");
    expect(screen.rows.slice(1, 3)).toEqual(["│                │  S1[*] S2[ ] S3[ ]", "│                │"]);
    expect(screen.cursorShown).toBe(false);
  });

  it("lets no text steer the terminal", () => {
    const hostile = layOut({
      header: [],
      frame: someFrame(["a\x1b[2Jb\u009b\u{1f600}        "]),
      lines: ["\x07".repeat(200)],
      charset: "utf8",
      size: vt100Size,
    });
    expect(hostile.rows.join("")).not.toMatch(/[^ -~┌─┐│└┘?]/);
    for (const row of hostile.rows) expect(row.length).toBeLessThan(80);
  });
});

describe("a terminal that is too small", () => {
  const frame = someFrame(["LAN IP ADDR←→↑↓↵", "010.077.000.020 "], { cursor: { row: 1, col: 4 } });
  const header = ["Bench page: http://127.0.0.1:8080", ""];
  const border = "┌────────────────┐";

  it.each([
    ["40x10", { cols: 40, rows: 10 }, ["Bench page: http://127.0.0.1:8080", "", border], 8, { row: 4, col: 5 }],
    ["80x7: one line below", { cols: 80, rows: 7 }, [header[0], "", border], 7, { row: 4, col: 5 }],
    [
      "30x6: nothing below",
      { cols: 30, rows: 6 },
      ["Bench page: http://127.0.0.1:", "", border],
      6,
      { row: 4, col: 5 },
    ],
    ["80x5: no header", { cols: 80, rows: 5 }, [border], 5, { row: 2, col: 5 }],
    ["80x3: no border", { cols: 80, rows: 3 }, ["LAN IP ADDR←→↑↓↵  S1[ ] S2[ ] S3[ ]"], 3, { row: 1, col: 4 }],
    [
      "16x5: no border, the last column left",
      { cols: 16, rows: 5 },
      [header[0]?.slice(0, 15), "", "LAN IP ADDR←→↑↓"],
      5,
      { row: 3, col: 4 },
    ],
  ])("%s", (_, size, first, count, cursor) => {
    const screen = layOut({ header, frame, lines, charset: "utf8", size });
    expect(screen.rows.slice(0, first.length)).toEqual(first);
    expect(screen.rows).toHaveLength(count);
    expect(screen).toMatchObject({ cursor, cursorShown: true });
  });

  it("shows no cursor that would stand outside", () => {
    const screen = layOut({ header, frame, lines, charset: "utf8", size: { cols: 4, rows: 1 } });
    expect(screen).toEqual({ rows: ["LAN"], cursor: { row: 0, col: 0 }, cursorShown: false });
  });

  it("is never written outside of its columns and rows", () => {
    const anySize = fc.record({ cols: fc.integer({ min: 1, max: 90 }), rows: fc.integer({ min: 1, max: 12 }) });
    const anyFrames = fc.oneof(...geometries.map((one) => fc.tuple(anyFrame(one), anyFrame(one))));
    fc.assert(
      fc.property(anySize, anyFrames, (size, frames) => {
        const terminal = createVt100Screen(size);
        let shown: TerminalScreen | null = null;
        for (const frame of frames) {
          const wanted = layOut({ header, frame, lines, charset: "utf8", size });
          terminal.write(paint(shown, wanted));
          shown = wanted;
          expect(terminal.rows().join("\n").trimEnd()).toBe(wanted.rows.join("\n").trimEnd());
          expect(terminal.cursor()).toEqual(wanted.cursor);
        }
      }),
    );
  });
});

describe("painting", () => {
  it.each(cases)("brings the terminal to the wanted picture, $cols x $rows, $charset", ({ charset, ...geometry }) => {
    fc.assert(
      fc.property(fc.array(anyFrame(geometry), { minLength: 1, maxLength: 6 }), fc.nat(2), (frames, headerRows) => {
        const terminal = createVt100Screen();
        const header = ["http://127.0.0.1:8080", "Ctrl-C ends"].slice(0, headerRows);
        let shown: TerminalScreen | null = null;
        for (const frame of frames) {
          const wanted = onScreen(frame, charset, header);
          terminal.write(paint(shown, wanted));
          shown = wanted;
          expect(terminal.rows().slice(0, wanted.rows.length)).toEqual(wanted.rows);
          expect(terminal.rows().slice(wanted.rows.length).join("")).toBe("");
          expect(terminal.cursor()).toEqual(wanted.cursor);
          expect(terminal.cursorShown()).toBe(wanted.cursorShown);
        }
      }),
    );
  });

  it("clears lines that are no longer there", () => {
    const terminal = createVt100Screen();
    const frame = someFrame(["a ".repeat(8), "b ".repeat(8)]);
    const long = layOut({ header: [], frame, lines: [...lines, "UP", "help"], charset: "utf8", size: vt100Size });
    const short = layOut({ header: [], frame, lines: ["?"], charset: "utf8", size: vt100Size });
    terminal.write(paint(null, long) + paint(long, short));
    expect(terminal.rows().slice(0, short.rows.length)).toEqual(short.rows);
    expect(terminal.rows().slice(short.rows.length).join("")).toBe("");
  });

  it("sends nothing when nothing changed", () => {
    fc.assert(
      fc.property(anyFrame({ cols: 16, rows: 2 }), (frame) => {
        expect(paint(onScreen(frame, "utf8"), onScreen({ ...frame, lines: [...frame.lines] }, "utf8"))).toBe("");
      }),
    );
  });

  it.each(cases)("changes a cell with at most 16 bytes, $cols x $rows, $charset", ({ charset, ...geometry }) => {
    fc.assert(
      fc.property(
        anyFrame(geometry),
        fc.nat(geometry.rows - 1),
        fc.nat(geometry.cols - 1),
        fc.constantFrom("x", "↵", " "),
        fc.nat(2),
        (frame, row, col, cell, headerRows) => {
          const lines = frame.lines.map((line, at) =>
            at === row ? line.slice(0, col) + cell + line.slice(col + 1) : line,
          );
          const header = ["one", "two"].slice(0, headerRows);
          const sent = paint(onScreen(frame, charset, header), onScreen({ ...frame, lines }, charset, header));
          expect(bytes(sent)).toBeLessThanOrEqual(16);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("types a character where the cursor stands with one byte", () => {
    const at = (text: string, col: number) =>
      onScreen(someFrame(["PROXY USER      ", text.padEnd(16)], { cursor: { row: 1, col } }), "utf8");
    expect(paint(at("scan", 4), at("scann", 5))).toBe("n");
  });

  const busiest = (cols: number, rows: number) =>
    someFrame(
      Array.from({ length: rows }, (_, row) =>
        row === 0 ? `${"LAN IP ADDR".padEnd(cols - 5, "X")}←→↑↓↵` : "8".repeat(cols),
      ),
      { cursor: { row: 1, col: 3 } },
    );

  it.each([
    { cols: 16, rows: 2, charset: "utf8", most: 400 },
    { cols: 16, rows: 2, charset: "ascii", most: 400 },
    { cols: 20, rows: 2, charset: "utf8", most: 400 },
    { cols: 20, rows: 4, charset: "utf8", most: 400 },
    { cols: 20, rows: 4, charset: "ascii", most: 400 },
  ] as const)("repaints $cols x $rows, $charset, with at most $most bytes", ({ cols, rows, charset, most }) => {
    expect(bytes(paint(null, onScreen(busiest(cols, rows), charset)))).toBeLessThanOrEqual(most);
  });

  it("changes every cell of 16x2 with at most 60 bytes", () => {
    const from = onScreen(someFrame(["a".repeat(16), "b".repeat(16)]), "ascii");
    const to = onScreen(someFrame(["c".repeat(16), "d".repeat(16)]), "ascii");
    expect(bytes(paint(from, to))).toBeLessThanOrEqual(60);
  });
});
