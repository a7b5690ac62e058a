import { describe, expect, it } from "vitest";
import { parseWriteLog } from "./write-log.ts";

const sector = 512;

/** A log as drivers/md/dm-log-writes.c lays it out; lengths in sectors. */
function log(...entries: readonly { at?: number; flags?: number; data?: Buffer }[]): Buffer {
  const head = Buffer.alloc(sector);
  head.writeBigUInt64LE(0x6a736677736872n, 0);
  head.writeBigUInt64LE(1n, 8);
  head.writeBigUInt64LE(BigInt(entries.length), 16);
  head.writeUInt32LE(sector, 24);
  const parts = entries.map(({ at = 0, flags = 0, data = Buffer.alloc(0) }) => {
    const entry = Buffer.alloc(sector);
    entry.writeBigUInt64LE(BigInt(at), 0);
    entry.writeBigUInt64LE(BigInt(data.length / sector), 8);
    entry.writeBigUInt64LE(BigInt(flags), 16);
    return Buffer.concat([entry, data]);
  });
  return Buffer.concat([head, ...parts]);
}

const a = Buffer.alloc(sector, "a");
const b = Buffer.alloc(2 * sector, "b");
const flush = { kind: "flush" };

describe("a log of writes", () => {
  it("gives writes and flushes in their order", () => {
    expect(parseWriteLog(log({ at: 8, data: a }, { flags: 1 }, { at: 2, data: b }))).toEqual([
      { kind: "write", offset: 4096, data: a },
      flush,
      { kind: "write", offset: 1024, data: b },
    ]);
  });

  it("takes a request with a flush for a flush before its data, and one with FUA for a flush after it", () => {
    const write = { kind: "write", offset: 0, data: a };
    expect(parseWriteLog(log({ flags: 1, data: a }))).toEqual([flush, write]);
    expect(parseWriteLog(log({ flags: 2, data: a }))).toEqual([write, flush]);
    expect(parseWriteLog(log({ flags: 3, data: a }))).toEqual([flush, write, flush]);
  });

  it("looks at no more entries than the log says it has: the rest may be half written", () => {
    expect(parseWriteLog(Buffer.concat([log({ data: a }), Buffer.alloc(sector, 0xff)]))).toHaveLength(1);
  });

  it.each([
    ["another file", Buffer.alloc(4096), "not a log of writes"],
    ["nothing", Buffer.alloc(0), "not a log of writes"],
    ["one whose last write is cut off", log({ data: b }).subarray(0, -1), "the log of writes is cut off"],
    ["one with a discard", log({ flags: 4, data: a }), "discards and marks are not expected here"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseWriteLog(bytes)).toThrow(message);
  });
});
