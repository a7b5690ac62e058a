import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FaultBook,
  faultSources,
  recordEvent,
  recordFault,
  sourceOf,
  standingFault,
} from "../../../src/appliance/fault-book.ts";
import type { Fault } from "../../../src/model/fault.ts";

const carrier: Fault = {
  code: "no-carrier",
  message: "no CARRIER on LAN interface",
  legacyCode: null,
  detail: "lan0",
  next: "Check the cable.",
};
const timeout: Fault = {
  code: "timeout",
  message: "Timeout was reached (28)",
  legacyCode: "E06",
  detail: "10.0.0.1",
  next: "Check the firewall.",
};
const mount: Fault = { ...carrier, code: "efs-mount", message: "EFS mount fatal error", detail: "data.mount" };

/** Writes down one after the other; null: all is well. */
const found = (book: FaultBook, ...events: readonly (readonly [Fault | null, string])[]) =>
  events.reduce((now, [fault, time]) => recordFault(now, "contact", fault, time), book);
const shown = (book: FaultBook) => book.map(({ number, code, since, until }) => [number, code, since, until]);

describe("fault book", () => {
  it("keeps the time of a fault that goes on", () => {
    const first = found([], [carrier, "T1"]);
    expect(found(first, [carrier, "T2"])).toBe(first);
    expect(standingFault(first, "contact")).toEqual({ ...carrier, number: 1, since: "T1", until: null });
  });

  it("closes a fault that gives way to another and keeps both", () => {
    expect(shown(found([], [timeout, "T1"], [carrier, "T2"]))).toEqual([
      [2, "no-carrier", "T2", null],
      [1, "timeout", "T1", "T2"],
    ]);
  });

  it("tells faults apart by their detail", () => {
    expect(found([], [timeout, "T1"], [{ ...timeout, detail: "10.0.0.2" }, "T2"])).toHaveLength(2);
  });

  it("closes the standing fault when all is well", () => {
    const book = found([], [carrier, "T1"], [null, "T2"]);
    expect(shown(book)).toEqual([[1, "no-carrier", "T1", "T2"]]);
    expect(found(book, [null, "T3"])).toBe(book);
  });

  it("writes an event behind the standing fault, closed from the start, and before it once that is over", () => {
    const book = recordEvent(found([], [timeout, "T1"], [carrier, "T2"]), { ...timeout, code: "event" }, "T3");
    expect(shown(book)).toEqual([
      [2, "no-carrier", "T2", null],
      [3, "event", "T3", "T3"],
      [1, "timeout", "T1", "T2"],
    ]);
    expect(shown(found(book, [null, "T4"])).slice(0, 2)).toEqual([
      [3, "event", "T3", "T3"],
      [2, "no-carrier", "T2", "T4"],
    ]);
  });

  it("lets a fault of the file systems stand beside those of the contact", () => {
    const both = recordFault(found([], [timeout, "T1"]), "file-system", mount, "T2");
    const later = found(both, [carrier, "T3"]);
    expect(shown(later)).toEqual([
      [3, "no-carrier", "T3", null],
      [2, "efs-mount", "T2", null],
      [1, "timeout", "T1", "T3"],
    ]);
    expect(standingFault(later, "file-system")?.code).toBe("efs-mount");
    expect(shown(found(later, [null, "T4"]))[0]).toEqual([2, "efs-mount", "T2", null]);
  });

  it("ends a fault at the time that it is given, and none before it began: clocks are set back", () => {
    const book = found([], [carrier, "2026-01-01T00:00:00.000Z"]);
    const ended = (now: string, at: string) => recordFault(book, "contact", null, now, at)[0]?.until;
    expect(ended("2026-01-03T00:00:00.000Z", "2026-01-02T00:00:00.000Z")).toBe("2026-01-02T00:00:00.000Z");
    expect(ended("1970-01-01T00:00:09.000Z", "1970-01-01T00:00:01.000Z")).toBe("2026-01-01T00:00:00.000Z");
  });

  it("remembers fifty, newest first, whatever the clock says", () => {
    let book: FaultBook = [];
    for (let n = 0; n < 60; n++) book = found(book, [{ ...carrier, detail: `${n}` }, `T${99 - n}`]);
    expect(book).toHaveLength(50);
    expect(book[0]?.detail).toBe("59");
    expect(book.at(-1)?.detail).toBe("10");
  });

  it("keeps its order, its numbers and at most one that stands of each source, whatever happens", () => {
    const anyFault = fc.constantFrom(carrier, timeout, mount, { ...mount, code: "efs-fsck" });
    const anyStep = fc.tuple(
      fc.option(anyFault),
      fc.constantFrom("event", ...faultSources),
      fc.date({ noInvalidDate: true }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
        let book: FaultBook = [];
        for (const [fault, what, date] of steps) {
          const now = date.toISOString();
          const highest = Math.max(0, ...book.map(({ number }) => number));
          const before = book;
          if (what !== "event") {
            const own = fault !== null && sourceOf(fault) === what ? fault : null;
            book = recordFault(book, what, own, now);
            expect(standingFault(book, what)).toEqual(own === null ? null : expect.objectContaining(own));
          } else if (fault !== null) book = recordEvent(book, fault, now);
          const numbers = book.map(({ number }) => number);
          expect(new Set(numbers).size).toBe(numbers.length);
          expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(highest + 1);
          expect(book.length).toBeLessThanOrEqual(Math.min(50, before.length + 1));
          const past = book.filter(({ until }) => until !== null).map(({ number }) => number);
          expect(past).toEqual([...past].sort((a, b) => b - a));
          expect(book.filter(({ until }) => until === null).length).toBeLessThanOrEqual(faultSources.length);
        }
      }),
    );
  });
});
