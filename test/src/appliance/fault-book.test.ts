import { describe, expect, it } from "vitest";
import { type FaultBook, recordEvent, recordFault } from "../../../src/appliance/fault-book.ts";
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
const empty: FaultBook = { standing: null, records: [] };

describe("fault book", () => {
  it("keeps the time of a fault that goes on", () => {
    const first = recordFault(empty, carrier, "T1");
    expect(recordFault(first, carrier, "T2")).toBe(first);
    expect(first.standing).toEqual({ ...carrier, since: "T1", until: null });
  });

  it("closes a fault that gives way to another and keeps both", () => {
    const book = recordFault(recordFault(empty, timeout, "T1"), carrier, "T2");
    expect(book.standing?.code).toBe("no-carrier");
    expect(book.records.map(({ code, since, until }) => [code, since, until])).toEqual([
      ["no-carrier", "T2", null],
      ["timeout", "T1", "T2"],
    ]);
  });

  it("tells faults apart by their detail", () => {
    const book = recordFault(recordFault(empty, timeout, "T1"), { ...timeout, detail: "10.0.0.2" }, "T2");
    expect(book.records).toHaveLength(2);
  });

  it("closes the standing fault when all is well", () => {
    const book = recordFault(recordFault(empty, carrier, "T1"), null, "T2");
    expect(book.standing).toBeNull();
    expect(book.records).toEqual([{ ...carrier, since: "T1", until: "T2" }]);
    expect(recordFault(book, null, "T3")).toBe(book);
  });

  it("writes an event behind the standing fault, closed from the start", () => {
    const book = recordFault(recordFault(empty, timeout, "T1"), carrier, "T2");
    const records = recordEvent(book.records, { ...timeout, code: "event" }, "T3");
    expect(records.map(({ code, since, until }) => [code, since, until])).toEqual([
      ["no-carrier", "T2", null],
      ["event", "T3", "T3"],
      ["timeout", "T1", "T2"],
    ]);
    // The standing one is still found when it ends.
    expect(recordFault({ ...book, records }, null, "T4").records[0]?.until).toBe("T4");
  });

  it("remembers fifty, newest first", () => {
    let book = empty;
    for (let n = 0; n < 60; n++) book = recordFault(book, { ...carrier, detail: `${n}` }, `T${n}`);
    expect(book.records).toHaveLength(50);
    expect(book.records[0]?.detail).toBe("59");
    expect(book.records.at(-1)?.detail).toBe("10");
  });
});
