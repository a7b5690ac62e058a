import { spawn } from "node:child_process";

/** One line of a figure. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  /** The yardstick, measured or counted in the same run. */
  readonly against: string;
  readonly ratio: string;
  /** The goal in words; empty where the row is there for orientation only. */
  readonly goal: string;
  /** null: without a goal. */
  readonly met: boolean | null;
}

export interface Figure {
  readonly title: string;
  /** What the columns mean and how it was measured. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
}

/** How long the measurements may take. */
export interface Effort {
  /** Pairs of an alternated measurement. */
  readonly pairs: number;
  /** Observation of an idle process. */
  readonly idleSeconds: number;
  /** What takes NetworkManager minutes is measured as well. */
  readonly networkManager: boolean;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 50), min: Math.min(...values), max: Math.max(...values) };
}

/** The smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (value === undefined) throw new RangeError("no values");
  return value;
}

/** `61.2 (58.0-70.1)`: median, smallest and largest. */
export function showSpread({ median, min, max }: Spread): string {
  return `${median.toFixed(1)} (${min.toFixed(1)}-${max.toFixed(1)})`;
}

/** Measures two things in turn, A B A B; see {@link inTurn}. */
export async function alternate(
  pairs: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<{ readonly a: Spread; readonly b: Spread }> {
  return inTurn(pairs, { a, b });
}

/**
 * Measures several things in turn, so that a machine that is slow for a while is slow for all of them. One round before the
 * first warms the caches and does not count.
 */
export async function inTurn<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<Name, Spread>>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await measures[name]();
      if (round > 0) values[name].push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spreadOf(values[name])])) as Record<Name, Spread>;
}

/** Milliseconds from the start of a program to its end. Throws when it fails. */
export function timeProgram(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child = spawn(program, args, { stdio: "ignore" });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve(performance.now() - startMs);
      else reject(new Error(`${program} ended with ${code}`));
    });
  });
}

/** A time in ms beside the bare one, and how many times as long it may be; null: no goal. */
export function ratioRow(what: string, { ours, bare }: { ours: Spread; bare: Spread }, most: number | null): Row {
  const ratio = ours.median / bare.median;
  return {
    what,
    ours: `${showSpread(ours)} ms`,
    against: `${showSpread(bare)} ms`,
    ratio: ratio.toFixed(2),
    goal: most === null ? "" : `<= ${most} x`,
    met: most === null ? null : ratio <= most,
  };
}

const columns = ["what", "ours", "against", "ratio", "goal"] as const;

/** The figure as a table for a terminal. */
export function showFigure({ title, notes, rows }: Figure): string {
  const verdict = ({ goal, met }: Row) => (met === null ? goal : `${goal}: ${met ? "met" : "MISSED"}`);
  const cells = [columns, ...rows.map((row) => [row.what, row.ours, row.against, row.ratio, verdict(row)])];
  const widths = columns.map((_, col) => Math.max(...cells.map((line) => line[col]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, col) => cell.padEnd(widths[col] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return [`## ${title}`, ...notes, "", ...lines, ""].join("\n");
}
