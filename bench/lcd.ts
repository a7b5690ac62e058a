import { characterRoms } from "../hal/chips/character-roms.ts";
import { panelGlyphs } from "../hal/chips/glyphs.ts";
import { clearedChip, planUpdate } from "../hal/chips/hd44780-plan.ts";
import type { Picture } from "../hal/display.ts";
import { pictureOf } from "../src/surfaces/lcd.ts";
import { createLcdBench } from "../test/support/lcd-bench.ts";
import { lcdFloor } from "../test/support/lcd-floor.ts";
import type { Figure, Row } from "./measure.ts";
import { typicalScenes } from "./screens.ts";

const sizes = [
  { cols: 16, rows: 2 },
  { cols: 20, rows: 4 },
] as const;
type Size = (typeof sizes)[number];

const goal = "<= 1.05 x floor, 1 transaction";

/** Bytes and transactions on the display's bus for typical changes of the screen. */
export async function measureLcd(): Promise<Figure> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await measureSize(size)));
  return {
    title: "LCD: bus bytes of a screen change (HD44780 behind a PCF8574, 100 kHz)",
    notes: [
      "Pictures of the real panel through the real driver on a modelled bus. Bytes without the address byte of a transaction.",
      "Floor: 4 a changed cell, 4 an address or cursor set, 1 an RS change, 36 a newly loaded glyph; ratio is ours to it.",
      "LCDproc 0.5.9: 6 transactions of one byte for a changed cell and for an address (a run of cells, the cursor).",
    ],
    rows,
  };
}

async function measureSize(size: Size): Promise<readonly Row[]> {
  const bench = createLcdBench(size);
  const context = { ...size, rom: characterRoms.A00, glyphs: panelGlyphs, cost: { byte: 4, rsChange: 1 } };
  // The chip's state is the driver's secret, and the floor depends on it: where the counter is, which glyphs are loaded.
  let chip = clearedChip;
  let before: Picture = { lines: new Array<string>(size.rows).fill(" ".repeat(size.cols)), cursor: null, on: true };
  await bench.settled(bench.display.reset());
  const rows: Row[] = [];
  for (const { change, frame } of await typicalScenes(size)) {
    const after = pictureOf(frame);
    bench.takeTransactions();
    await bench.settled(bench.display.show(after));
    const transactions = bench.takeTransactions();
    if (change !== null) {
      const bytes = transactions.flat().length;
      const floor = lcdFloor(size, chip, before, after);
      rows.push({
        what: `${size.cols}x${size.rows} ${change}`,
        ours: `${bytes} B in ${transactions.length}`,
        against: `floor ${floor} B; LCDproc ${lcdprocTransactions(before, after)} B in as many`,
        ratio: (bytes / floor).toFixed(2),
        goal,
        met: bytes <= 1.05 * floor && transactions.length === 1,
      });
    }
    chip = planUpdate(chip, after, context).chip;
    before = after;
  }
  if (bench.model.violations.length > 0) throw new Error(bench.model.violations.join("; "));
  return rows;
}

/** What LCDproc sends for the same change; its glyphs are taken to be loaded already. */
function lcdprocTransactions(before: Picture, after: Picture): number {
  let cells = 0;
  let addresses = 0;
  for (const [row, line] of after.lines.entries()) {
    for (let col = 0; col < line.length; col++) {
      if (line[col] === before.lines[row]?.[col]) continue;
      cells += 1;
      if (col === 0 || line[col - 1] === before.lines[row]?.[col - 1]) addresses += 1;
    }
  }
  const cursor = after.cursor === null ? 0 : 1;
  return 6 * (cells + addresses + cursor);
}
