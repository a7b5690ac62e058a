import { characterRoms } from "../../hal/chips/character-roms.ts";
import type { ChipState } from "../../hal/chips/hd44780-plan.ts";
import type { Picture } from "../../hal/display.ts";
import type { Size } from "./pictures.ts";

/** Where the address counter stands at a place of the glass: 0x00-0x27 are 0 to 39, 0x40-0x67 are 40 to 79. */
const rowStarts = (size: Size) => [0, 40, size.cols, 40 + size.cols];

/**
 * Bytes that an update over a PCF8574 at 100 kHz has to cost, reckoned without the driver: 4 a changed cell, 4 an address
 * (one a run of changed cells and one for the cursor, unless the counter is there already), 4 a change of the display's or
 * the cursor's visibility, 36 a new glyph, 1 an RS change.
 */
export function lcdFloor(size: Size, chip: ChipState, before: Picture, after: Picture): number {
  const starts = rowStarts(size);
  const place = (row: number, col: number) => (starts[row] ?? 0) + col;
  const changed: number[] = [];
  for (const [row, line] of after.lines.entries()) {
    for (let col = 0; col < size.cols; col++) if (before.lines[row]?.[col] !== line[col]) changed.push(place(row, col));
  }
  const inOrder = changed.toSorted((a, b) => a - b);
  const firsts = inOrder.filter((cell) => !changed.includes(cell - 1));
  const ends = inOrder.filter((cell) => !changed.includes(cell + 1)).map((cell) => (cell + 1) % 80);
  const held = new Set([...characterRoms.A00.keys(), ...chip.slots.held]);
  const newGlyphs = new Set(
    after.lines
      .join("")
      .split("")
      .filter((character) => !held.has(character)),
  ).size;
  const shown = (picture: Picture) =>
    picture.on && picture.cursor ? place(picture.cursor.row, picture.cursor.col) : null;
  const cursor = shown(after);

  const first = newGlyphs > 0 ? -1 : firsts.indexOf(chip.at ?? -1);
  const last = ends.findIndex((end, run) => end === cursor && (run !== first || ends.length === 1));
  const counterStays = changed.length === 0 && newGlyphs === 0 && cursor === chip.at;
  const addresses = firsts.length - (first >= 0 ? 1 : 0);
  const finalAddress = cursor !== null && last < 0 && !counterStays ? 1 : 0;
  const controlled = after.on !== before.on || (shown(before) === null) !== (cursor === null);

  const least = Math.min(
    ...["first", "last"].map((controlAt) => {
      const levels: string[] = [chip.rs ? "D" : "I"];
      if (controlled && controlAt === "first") levels.push("I");
      if (newGlyphs > 0) levels.push("I", "D");
      for (const run of firsts.keys()) levels.push(...(run === 0 && first >= 0 ? ["D"] : ["I", "D"]));
      if (finalAddress || (controlled && controlAt === "last")) levels.push("I");
      return levels.filter((level, index) => index > 0 && level !== levels[index - 1]).length;
    }),
  );
  return 4 * changed.length + 4 * (addresses + finalAddress) + 4 * Number(controlled) + 36 * newGlyphs + least;
}
