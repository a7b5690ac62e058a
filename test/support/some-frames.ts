import fc from "fast-check";
import type { Frame, Geometry } from "../../src/model/frame.ts";

export const glyphs = ["←", "→", "↑", "↓", "↵", "↔", "↕"];
export const geometries: readonly Geometry[] = [
  { cols: 16, rows: 2 },
  { cols: 20, rows: 2 },
  { cols: 20, rows: 4 },
];

/** A frame from its lines; what is not said is dark and without a cursor. */
export function someFrame(lines: readonly string[], change: Partial<Frame> = {}): Frame {
  return {
    screen: "home",
    cols: lines[0]?.length ?? 0,
    rows: lines.length,
    lines,
    cursor: null,
    leds: { s1: false, s2: false, s3: false },
    blank: false,
    ...change,
  };
}

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.constant(" ") },
  { weight: 4, arbitrary: fc.constantFrom(..."ABCDEFabcdef0123456789.-") },
  { weight: 1, arbitrary: fc.constantFrom(...glyphs) },
);

/** Any frame of a geometry. */
export function anyFrame({ cols, rows }: Geometry): fc.Arbitrary<Frame> {
  const line = fc.array(cell, { minLength: cols, maxLength: cols }).map((cells) => cells.join(""));
  return fc.record({
    screen: fc.constant("home"),
    cols: fc.constant(cols),
    rows: fc.constant(rows),
    lines: fc.array(line, { minLength: rows, maxLength: rows }),
    cursor: fc.option(fc.record({ row: fc.nat(rows - 1), col: fc.nat(cols - 1) })),
    leds: fc.record({ s1: fc.boolean(), s2: fc.boolean(), s3: fc.boolean() }),
    blank: fc.boolean(),
  });
}
