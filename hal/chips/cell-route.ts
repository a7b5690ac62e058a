import type { StepCost } from "./four-bit-bus.ts";

/**
 * Cells of the display RAM, in the order in which the address counter walks them in two-line mode: addresses 0x00 to 0x27,
 * then 0x40 to 0x67, then round again. On 16 columns most of them are beside the glass.
 */
export const cellCount = 80;
const cellsPerLine = cellCount / 2;

/** The cell at a place of the glass: the third row goes on where the first one ends, the fourth after the second. */
export function cellAt(cols: number, row: number, col: number): number {
  return (row % 2) * cellsPerLine + (row >= 2 ? cols : 0) + col;
}

/** The DDRAM address of a cell. */
export function addressOf(cell: number): number {
  return cell < cellsPerLine ? cell : 0x40 + cell - cellsPerLine;
}

/** Cells to write, without a gap. */
export interface Run {
  readonly first: number;
  readonly length: number;
}

const endOf = (run: Run) => (run.first + run.length) % cellCount;

/** Steps of the address counter from one cell to another. */
export const distance = (from: number, to: number) => (to - from + cellCount) % cellCount;

/** A run also begins where the address counter is and where it should end: it may pay to start or to stop there. */
function runsOf(changed: readonly number[], { at, endAt }: Pick<Route, "at" | "endAt">): Run[] {
  const runs: Run[] = [];
  for (const cell of changed) {
    const last = runs.at(-1);
    const follows = last !== undefined && last.first + last.length === cell;
    if (follows && cell !== at && cell !== endAt) runs.splice(-1, 1, { ...last, length: last.length + 1 });
    else runs.push({ first: cell, length: 1 });
  }
  return runs;
}

/** Where a route begins and ends. */
export interface Route {
  /** The cell that the address counter points at; null: none. */
  readonly at: number | null;
  /** The level of RS. */
  readonly rs: boolean;
  /** Where the counter should be in the end; null: anywhere. */
  readonly endAt: number | null;
  readonly cost: StepCost;
}

/**
 * The order of the runs that needs the fewest address instructions. Two neighbours may be nearer than an address
 * costs, so orders go round the RAM from any run; only where the counter should end a run, or it and its near predecessors,
 * may be kept for last.
 */
export function cheapestOrder(changed: readonly number[], route: Route): readonly Run[] {
  const runs = runsOf(changed, route);
  if (runs.length < 2) return runs;
  let best: readonly Run[] = runs;
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
export function writesThrough(from: number | null, to: number, rs: boolean, cost: StepCost): boolean {
  return throughCost(from, to, rs, cost) <= jumpCost(rs, cost);
}

function throughCost(from: number | null, to: number, rs: boolean, cost: StepCost): number {
  if (from === null) return Number.POSITIVE_INFINITY;
  return distance(from, to) * cost.byte + (rs ? 0 : cost.rsChange);
}

function jumpCost(rs: boolean, cost: StepCost): number {
  return (rs ? cost.rsChange : 0) + cost.byte + cost.rsChange;
}
