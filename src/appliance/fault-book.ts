import type { Fault, FaultRecord } from "../model/fault.ts";

/** How many faults are remembered. */
const pages = 50;

export interface FaultBook {
  readonly standing: FaultRecord | null;
  /** Newest first, the standing one included. */
  readonly records: readonly FaultRecord[];
}

/**
 * Writes down what is wrong now (null: nothing). A fault that says the same as the standing one keeps its time; any other
 * one closes it. So a general fault that gives way to a more specific one stays readable, with the time it had.
 */
export function recordFault(book: FaultBook, fault: Fault | null, now: string): FaultBook {
  const { standing } = book;
  if (fault !== null && standing !== null && sameFault(fault, standing)) return book;
  if (fault === null && standing === null) return book;
  const closed = book.records.map((record) => (record === standing ? { ...record, until: now } : record));
  if (fault === null) return { standing: null, records: closed };
  const opened: FaultRecord = { ...fault, since: now, until: null };
  return { standing: opened, records: [opened, ...closed].slice(0, pages) };
}

/** Writes down what happened and is over, behind a standing fault. */
export function recordEvent(records: readonly FaultRecord[], fault: Fault, now: string): readonly FaultRecord[] {
  const standing = records.filter((record) => record.until === null);
  const past = records.filter((record) => record.until !== null);
  return [...standing, { ...fault, since: now, until: now }, ...past].slice(0, pages);
}

function sameFault(a: Fault, b: Fault): boolean {
  return a.code === b.code && a.message === b.message && a.detail === b.detail;
}
