import type { Fault, NumberedFault } from "../model/fault.ts";

/** How many faults are remembered. */
export const mostRecords = 50;

/** Who finds faults. One of each can stand at a time; that of the file systems goes before. */
export const faultSources = ["file-system", "contact"] as const;
export type FaultSource = (typeof faultSources)[number];

/** What was found, newest first by its number; before the others whatever stands. */
export type FaultBook = readonly NumberedFault[];

export function sourceOf({ code }: Pick<Fault, "code">): FaultSource {
  return code.startsWith("efs-") ? "file-system" : "contact";
}

/** What this source has found and has not taken back. */
export function standingFault(book: FaultBook, source: FaultSource): NumberedFault | null {
  return book.find((record) => record.until === null && sourceOf(record) === source) ?? null;
}

/** A fault that says the same as another one is that one, going on. */
export function sameFault(a: Fault, b: Fault): boolean {
  return a.code === b.code && a.message === b.message && a.detail === b.detail;
}

/**
 * Writes down what a source finds wrong now (null: nothing). A fault that says the same as the one that stands keeps its time;
 * any other one closes it, at `ended` where that is known to have been before now. So a general fault that gives way to a more
 * specific one stays readable, with the time it had.
 */
export function recordFault(
  book: FaultBook,
  source: FaultSource,
  fault: Fault | null,
  now: string,
  ended = now,
): FaultBook {
  const standing = standingFault(book, source);
  if (fault === null && standing === null) return book;
  if (fault !== null && standing !== null && sameFault(fault, standing)) return book;
  const closed = book.map((record) =>
    record === standing ? { ...record, until: later(record.since, ended) } : record,
  );
  return ordered(
    fault === null ? closed : [{ ...fault, number: nextNumber(book), since: now, until: null }, ...closed],
  );
}

/** Writes down what happened and is over. */
export function recordEvent(book: FaultBook, fault: Fault, now: string): FaultBook {
  return ordered([{ ...fault, number: nextNumber(book), since: now, until: now }, ...book]);
}

function ordered(book: FaultBook): FaultBook {
  const rank = ({ number, until }: NumberedFault) => (until === null ? Number.MAX_SAFE_INTEGER : 0) + number;
  return [...book].sort((a, b) => rank(b) - rank(a)).slice(0, mostRecords);
}

function nextNumber(book: FaultBook): number {
  return Math.max(0, ...book.map(({ number }) => number)) + 1;
}

/** Of two times, ISO 8601 UTC: the clock may have been set back, and nothing ends before it began. */
function later(one: string, other: string): string {
  return one > other ? one : other;
}
