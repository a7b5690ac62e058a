import type { Picture } from "../display.ts";
import { addressOf, cellAt, cellCount, cheapestOrder, distance, writesThrough } from "./cell-route.ts";
import type { CharacterRom } from "./character-roms.ts";
import type { Step, StepCost } from "./four-bit-bus.ts";
import { assignSlots, emptySlots, type GlyphSlots } from "./glyph-slots.ts";
import { asciiRelative, type Bitmap, type Glyphs } from "./glyphs.ts";

export const instruction = {
  clear: 0x01,
  /** The address counter goes up, the glass does not shift. */
  entryMode: 0x06,
  control: 0x08,
  fourBitTwoLines: 0x28,
  cgramAddress: 0x40,
  ddramAddress: 0x80,
} as const;
const displayOn = 0b100;
const cursorOn = 0b010;

const space = 0x20;

/** What the chip holds, as far as its driver knows. */
export interface ChipState {
  /** Character codes, `cellCount` of them. */
  readonly cells: readonly number[];
  readonly slots: GlyphSlots;
  /** The cell that the address counter points at; null while it points into the CGRAM. */
  readonly at: number | null;
  /** The last display control instruction. */
  readonly control: number;
  /** The level that RS was left at. */
  readonly rs: boolean;
}

/** The chip after clear and a display that was turned on. */
export const clearedChip: ChipState = {
  cells: new Array<number>(cellCount).fill(space),
  slots: emptySlots,
  at: 0,
  control: instruction.control | displayOn,
  rs: false,
};

/** What a driver knows from the start. */
export interface PlanContext {
  readonly cols: number;
  readonly rows: number;
  readonly rom: CharacterRom;
  readonly glyphs: Glyphs;
  readonly cost: StepCost;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly chip: ChipState;
}

/**
 * The smallest update that takes the chip from what it shows to the picture.
 *
 * A glyph is loaded before a cell shows it, and a slot that the glass shows is not reloaded before the cells that show it
 * have been written over, so no cell ever flashes another character's dots.
 */
export function planUpdate(chip: ChipState, picture: Picture, context: PlanContext): Plan {
  const { cols, cost } = context;
  const characters = picture.lines.flatMap((line) => line.split(""));
  const glassCells = characters.map((_, index) => cellAt(cols, Math.floor(index / cols), index % cols));

  const needed = [...new Set(characters)].filter((it) => !context.rom.has(it) && context.glyphs.has(it));
  const { slots, loads } = assignSlots(
    chip.slots,
    needed,
    new Set(glassCells.map((cell) => chip.cells[cell] ?? space)),
  );
  const wanted = new Map<number, number>();
  for (const [index, cell] of glassCells.entries())
    wanted.set(cell, codeOf(characters[index] ?? " ", slots, context.rom));

  const control =
    instruction.control | (picture.on ? displayOn : 0) | (picture.on && picture.cursor !== null ? cursorOn : 0);
  const cursorCell =
    picture.cursor === null || !picture.on ? null : cellAt(cols, picture.cursor.row, picture.cursor.col);
  const update = (controlFirst: boolean): Plan => {
    const writer = createWriter(chip, cost);
    if (controlFirst) writer.control(control);
    if (loads.length > 0) {
      const reloaded = new Set(loads);
      const freed = new Map<number, number>();
      for (const [cell, code] of wanted) {
        if (reloaded.has(chip.cells[cell] ?? space)) freed.set(cell, reloaded.has(code) ? space : code);
      }
      writer.cells(freed, null);
      for (const slot of loads) writer.glyph(slot, context.glyphs.get(slots.held[slot] ?? "") ?? []);
    }
    writer.cells(wanted, cursorCell);
    if (cursorCell !== null) writer.moveTo(cursorCell);
    if (!controlFirst) writer.control(control);
    return { steps: writer.steps, chip: { ...writer.state(), slots } };
  };

  // What goes dark should do so before the rest changes and what lights up after it, unless the other way is cheaper.
  const darkens = (chip.control & ~control) !== 0;
  const [preferred, other] = [update(darkens), update(!darkens)];
  return priceOf(other.steps, chip.rs, cost) < priceOf(preferred.steps, chip.rs, cost) ? other : preferred;
}

function priceOf(steps: readonly Step[], rsBefore: boolean, cost: StepCost): number {
  let rs = rsBefore;
  let price = 0;
  for (const step of steps) {
    if (step.type !== "byte") continue;
    price += cost.byte + (step.rs === rs ? 0 : cost.rsChange);
    rs = step.rs;
  }
  return price;
}

function codeOf(character: string, slots: GlyphSlots, rom: CharacterRom): number {
  const inRom = rom.get(character);
  if (inRom !== undefined) return inRom;
  const slot = slots.held.indexOf(character);
  return slot >= 0 ? slot : (rom.get(asciiRelative(character)) ?? space);
}

/** Collects steps and follows what they do to the chip. */
function createWriter(chip: ChipState, cost: StepCost) {
  const steps: Step[] = [];
  const cells = [...chip.cells];
  let at = chip.at;
  let { rs, control } = chip;
  let nextGlyphSlot: number | null = null;

  const byte = (toRs: boolean, value: number) => {
    steps.push({ type: "byte", rs: toRs, value });
    rs = toRs;
  };
  const moveTo = (cell: number) => {
    if (at === cell) return;
    byte(false, instruction.ddramAddress | addressOf(cell));
    at = cell;
  };
  const writeHere = (from: number, code: number) => {
    byte(true, code);
    cells[from] = code;
    at = (from + 1) % cellCount;
    nextGlyphSlot = null;
  };

  return {
    steps: steps as readonly Step[],
    state: () => ({ cells, at, rs, control }),
    moveTo,
    control: (value: number) => {
      if (value !== control) byte(false, value);
      control = value;
    },
    /** Neighbouring slots follow one another without a new address. */
    glyph: (slot: number, bitmap: Bitmap) => {
      if (nextGlyphSlot !== slot) byte(false, instruction.cgramAddress | (slot << 3));
      for (const row of bitmap) byte(true, row);
      nextGlyphSlot = slot + 1;
      at = null;
    },
    /** Writes those cells of `wanted` that differ, in the cheapest order for a counter that should end at `endAt`. */
    cells: (wanted: ReadonlyMap<number, number>, endAt: number | null) => {
      const changed = [...wanted.keys()].filter((cell) => cells[cell] !== wanted.get(cell)).sort((a, b) => a - b);
      for (const run of cheapestOrder(changed, { at, rs, endAt, cost })) {
        if (!writesThrough(at, run.first, rs, cost)) moveTo(run.first);
        const start = at ?? run.first;
        const count = distance(start, run.first) + run.length;
        for (let step = 0; step < count; step++) {
          const cell = (start + step) % cellCount;
          writeHere(cell, wanted.get(cell) ?? cells[cell] ?? space);
        }
      }
    },
  };
}
