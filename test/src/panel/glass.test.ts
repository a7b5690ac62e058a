import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterRoms, romNames } from "../../../hal/chips/character-roms.ts";
import { slotCount } from "../../../hal/chips/glyph-slots.ts";
import { panelGlyphs } from "../../../hal/chips/glyphs.ts";
import type { Picture } from "../../../hal/display.ts";
import { pictureOf } from "../../../src/surfaces/lcd.ts";
import { createLcdBench } from "../../support/lcd-bench.ts";
import { sizes } from "../../support/pictures.ts";
import { homeFacts, panelBench } from "./bench.ts";
import { enter, scenes } from "./scenes.ts";

const printableAscii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
/** All that a frame may hold. */
const alphabet = [...printableAscii, ..."←→↑↓↵↔↕"];

const chips = romNames.flatMap((rom) => sizes.map((size) => ({ rom, ...size })));

/** Shows pictures one after another through the driver on a modelled chip, and reads its glass after each. */
async function glassesOf(options: (typeof chips)[number], pictures: readonly Picture[]) {
  const { display, settled, see, model } = createLcdBench({ ...options, hertz: 400_000 });
  await settled(display.reset());
  const seen: ReturnType<typeof see>[] = [];
  for (const picture of pictures) {
    await settled(display.show(picture));
    seen.push(see());
  }
  expect(model.violations).toEqual([]);
  return seen;
}

describe.each(romNames)("an HD44780 with ROM %s", (rom) => {
  it("has or can be taught all that a frame may hold, and never needs more glyphs than it has room for", () => {
    const lacking = alphabet.filter((character) => !characterRoms[rom].has(character));
    expect(lacking.filter((character) => !panelGlyphs.has(character))).toEqual([]);
    expect(lacking.length).toBeLessThanOrEqual(slotCount);
  });
});

describe.each(chips)("on $cols x $rows with ROM $rom", { timeout: 60_000 }, (options) => {
  it("every screen of the panel is drawn as its frame says", async () => {
    const pictures = scenes(options).map(({ frame }) => pictureOf(frame));
    const seen = await glassesOf(options, pictures);
    for (const [index, { lines, cursor }] of pictures.entries()) expect(seen[index]).toMatchObject({ lines, cursor });
  });

  it("so is whatever stands in a text field", async () => {
    const anyText = fc.array(fc.stringMatching(/^[!-~]{1,32}$/), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyText, async (texts) => {
        const pictures = texts.map((text) => {
          const bench = panelBench(homeFacts, options);
          enter(bench, "setup/proxy");
          bench.type("\n\u0015p\n\n");
          return pictureOf(bench.type(text));
        });
        const seen = await glassesOf(options, pictures);
        expect(seen.map(({ lines }) => lines)).toEqual(pictures.map(({ lines }) => lines));
      }),
      { numRuns: 20 },
    );
  });

  it("and all that a frame may hold, in every place", async () => {
    const { cols, rows } = options;
    const cells = cols * rows;
    const pictures = Array.from({ length: Math.ceil((alphabet.length + cells) / 7) }, (_, step): Picture => {
      const from = Array.from({ length: cells }, (_, cell) => alphabet[(step * 7 + cell) % alphabet.length] ?? " ");
      const line = (row: number) => from.slice(row * cols, (row + 1) * cols).join("");
      return { lines: Array.from({ length: rows }, (_, row) => line(row)), cursor: null, on: true };
    });
    const seen = await glassesOf(options, pictures);
    expect(seen.map(({ lines }) => lines)).toEqual(pictures.map(({ lines }) => lines));
  });
});
