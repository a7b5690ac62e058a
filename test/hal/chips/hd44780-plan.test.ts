import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterRoms } from "../../../hal/chips/character-roms.ts";
import type { Step } from "../../../hal/chips/four-bit-bus.ts";
import { panelGlyphs } from "../../../hal/chips/glyphs.ts";
import { type ChipState, clearedChip, type PlanContext, planUpdate } from "../../../hal/chips/hd44780-plan.ts";
import type { Picture } from "../../../hal/display.ts";
import { lcdFloor } from "../../support/lcd-floor.ts";
import { pictureSequences, type Size, sizes } from "../../support/pictures.ts";

const rom = characterRoms.A00;

const contextFor = (size: Size): PlanContext => ({
  ...size,
  rom,
  glyphs: panelGlyphs,
  cost: { byte: 4, rsChange: 1 },
});

function bytesOf(steps: readonly Step[], rsBefore: boolean): number {
  let rs = rsBefore;
  let bytes = 0;
  for (const step of steps) {
    if (step.type !== "byte") throw new Error("an update consists of whole bytes");
    bytes += 4 + (step.rs === rs ? 0 : 1);
    rs = step.rs;
  }
  return bytes;
}

describe("the smallest update", () => {
  it.each(sizes)("is within 1.05 of the floor: $cols x $rows", (size) => {
    fc.assert(
      fc.property(pictureSequences(size, 12), (pictures) => {
        let chip = clearedChip;
        let before: Picture = { lines: new Array(size.rows).fill(" ".repeat(size.cols)), cursor: null, on: true };
        for (const after of pictures) {
          const plan = planUpdate(chip, after, contextFor(size));
          expect(bytesOf(plan.steps, chip.rs)).toBeLessThanOrEqual(1.05 * lcdFloor(size, chip, before, after));
          chip = plan.chip;
          before = after;
        }
      }),
      { numRuns: 1000 },
    );
  });

  const blank: Picture = { lines: [" ".repeat(16), " ".repeat(16)], cursor: null, on: true };
  const at = (row: number, col: number, text: string, more: Partial<Picture> = {}): Picture => ({
    ...blank,
    lines: blank.lines.map((line, index) =>
      index === row ? line.slice(0, col) + text + line.slice(col + text.length) : line,
    ),
    ...more,
  });
  const cursor = { row: 1, col: 5 };
  /** Where the steps before leave the counter. */
  const elsewhere: ChipState = { ...clearedChip, at: 30, rs: true };
  const underCursor: ChipState = { ...clearedChip, at: 45, control: 0x0e };

  it.each<[string, ChipState, Picture, number]>([
    ["nothing changed", elsewhere, blank, 0],
    ["one cell", elsewhere, at(0, 7, "x"), 1 + 4 + 1 + 4],
    ["a full 16x2", elsewhere, { ...blank, lines: ["a".repeat(16), "b".repeat(16)] }, 2 + 8 + 2 + 128],
    ["the cell under the cursor", underCursor, at(1, 5, "x", { cursor }), 1 + 4 + 1 + 4],
    ["the cell before the cursor, which then stands right", underCursor, at(1, 4, "x", { cursor }), 4 + 1 + 4],
    ["the cell under the cursor, which moves on", underCursor, at(1, 5, "x", { cursor: { row: 1, col: 6 } }), 1 + 4],
    ["only the cursor", underCursor, at(0, 0, "", { cursor: { row: 0, col: 9 } }), 4],
    ["the cursor goes off", underCursor, blank, 4],
    ["two cells with one between", elsewhere, at(0, 7, "x y"), 1 + 4 + 1 + 12],
    ["two cells with two between", elsewhere, at(0, 7, "x  y"), 1 + 4 + 1 + 4 + 1 + 4 + 1 + 4],
    ["a new glyph", elsewhere, at(0, 7, "↑"), 1 + 36 + 1 + 1 + 4 + 1 + 4],
    ["two new glyphs in neighbouring slots", elsewhere, at(0, 7, "↑↓"), 1 + 36 + 1 + 32 + 1 + 4 + 1 + 8],
  ])("%s", (_, chip, after, bytes) => {
    expect(bytesOf(planUpdate(chip, after, contextFor({ cols: 16, rows: 2 })).steps, chip.rs)).toBe(bytes);
  });

  it("goes over the end of a line of the RAM without an address: 20x4, rows 1 and 3, 2 and 4", () => {
    const size = { cols: 20, rows: 4 } as const;
    const lines = ["a", "b", "c", "d"].map((letter) => letter.repeat(20));
    const plan = planUpdate(clearedChip, { lines, cursor: null, on: true }, contextFor(size));
    expect(bytesOf(plan.steps, false)).toBe(1 + 4 * 80);
  });

  it("is never beaten by another order of the runs", () => {
    const permutations = (runs: readonly number[]): number[][] =>
      runs.length === 0
        ? [[]]
        : runs.flatMap((run, index) => permutations(runs.toSpliced(index, 1)).map((rest) => [run, ...rest]));
    const cell = fc.nat(15);
    fc.assert(
      fc.property(
        fc.uniqueArray(cell, { minLength: 1, maxLength: 5 }),
        fc.nat(15),
        cell,
        fc.boolean(),
        (cells, start, end, rs) => {
          const line = Array.from({ length: 16 }, (_, col) => (cells.includes(col) ? "x" : " ")).join("");
          const chip: ChipState = { ...clearedChip, at: start, rs, control: 0x0e };
          const after: Picture = { lines: [line, " ".repeat(16)], cursor: { row: 0, col: end }, on: true };

          const price = (order: readonly number[]) => {
            let [counter, level, bytes] = [start, rs, 0];
            for (const next of order) {
              const jump = (level ? 1 : 0) + 4 + 1;
              const through = next >= counter ? 4 * (next - counter) + (level ? 0 : 1) : Number.POSITIVE_INFINITY;
              bytes += Math.min(jump, through) + 4;
              [counter, level] = [next + 1, true];
            }
            return bytes + (counter === end ? 0 : (level ? 1 : 0) + 4);
          };
          const best = Math.min(...permutations(cells).map(price));
          expect(bytesOf(planUpdate(chip, after, contextFor({ cols: 16, rows: 2 })).steps, rs)).toBeLessThanOrEqual(
            best,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
