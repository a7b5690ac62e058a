import type { Picture } from "../display.ts";
import type { CharacterRom } from "./character-roms.ts";
import type { Step, StepCost } from "./four-bit-bus.ts";
import { assignSlots, emptySlots, type GlyphSlots } from "./glyph-slots.ts";
import { asciiRelative, type Bitmap, type Glyphs } from "./glyphs.ts";

/**
 * Cells of the display RAM, in the order in which the address counter walks them in two-line mode: addresses 0x00 to 0x27,
 * then 0x40 to 0x67, then round again. On 16 columns most of them are beside the glass.
 */
export const cellCount = 80;
const cellsPerLine = cellCount / 2;

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

/** The cell at a place of the glass: the third row goes on where the first one ends, the fourth after the second. */
export function cellAt(cols: number, row: number, col: number): number {
  return (row % 2) * cellsPerLine + (row >= 2 ? cols : 0) + col;
}

/** The DDRAM address of a cell. */
export function addressOf(cell: number): number {
  return cell < cellsPerLine ? cell : 0x40 + cell - cellsPerLine;
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
  const writer = createWriter(chip, cost);

  // What goes dark does so before the rest changes, what lights up does so after.
  const darkens = (chip.control & ~control) !== 0;
  if (darkens) writer.control(control);
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
  if (!darkens && control !== chip.control) writer.control(control);
  return { steps: writer.steps, chip: { ...writer.state(), slots, control } };
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
  let rs = chip.rs;
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
    state: () => ({ cells, at, rs }),
    moveTo,
    control: (value: number) => byte(false, value),
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
      for (const run of cheapestOrder(runsOf(changed), { at, rs, endAt, cost })) {
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

/** Cells to write, without a gap. */
interface Run {
  readonly first: number;
  readonly length: number;
}

/** Where the address counter is after a run. */
const endOf = (run: Run) => (run.first + run.length) % cellCount;

/** Steps of the address counter from one cell to another. */
const distance = (from: number, to: number) => (to - from + cellCount) % cellCount;

function runsOf(changed: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const cell of changed) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.length === cell)
      runs.splice(-1, 1, { ...last, length: last.length + 1 });
    else runs.push({ first: cell, length: 1 });
  }
  return runs;
}

interface Route {
  readonly at: number | null;
  readonly rs: boolean;
  readonly endAt: number | null;
  readonly cost: StepCost;
}

/**
 * The order of the runs that needs the fewest address instructions. Two neighbours may be nearer than an address
 * costs, so orders go round the RAM from any run; only where the counter should end a run, or it and its near predecessors,
 * may be kept for last.
 */
function cheapestOrder(runs: readonly Run[], route: Route): readonly Run[] {
  if (runs.length < 2) return runs;
  let best = runs;
  let bestCost = Number.POSITIVE_INFINITY;
  const consider = (order: readonly Run[]) => {
    const cost = crossingCost(order, route);
    if (cost < bestCost) [best, bestCost] = [order, cost];
  };
  const { endAt, cost } = route;
  for (let turn = 0; turn < runs.length; turn++) {
    const order = [...runs.slice(turn), ...runs.slice(0, turn)];
    consider(order);
    const last = endAt === null ? -1 : order.findIndex((run) => writesThrough(endOf(run), endAt, true, cost));
    for (let from = last; from > 0; from--) {
      consider([...order.slice(0, from), ...order.slice(last + 1), ...order.slice(from, last + 1)]);
      const [before, run] = [order[from - 1], order[from]];
      if (!before || !run || !writesThrough(endOf(before), run.first, true, cost)) break;
    }
  }
  return best;
}

/** What an order costs besides the changed cells themselves. */
function crossingCost(order: readonly Run[], route: Route): number {
  let { at, rs } = route;
  let total = 0;
  for (const run of order) {
    total += Math.min(throughCost(at, run.first, rs, route.cost), jumpCost(rs, route.cost));
    at = endOf(run);
    rs = true;
  }
  if (route.endAt === null || at === route.endAt) return total;
  return total + route.cost.rsChange + route.cost.byte;
}

/** Cells between are written again, unchanged, when that is cheaper than an address. */
function writesThrough(from: number | null, to: number, rs: boolean, cost: StepCost): boolean {
  return throughCost(from, to, rs, cost) <= jumpCost(rs, cost);
}

function throughCost(from: number | null, to: number, rs: boolean, cost: StepCost): number {
  if (from === null) return Number.POSITIVE_INFINITY;
  return distance(from, to) * cost.byte + (rs ? 0 : cost.rsChange);
}

function jumpCost(rs: boolean, cost: StepCost): number {
  return (rs ? cost.rsChange : 0) + cost.byte + cost.rsChange;
}
