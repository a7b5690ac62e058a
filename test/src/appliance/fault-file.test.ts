import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { createFakeClock, type FakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import {
  createFaultFile,
  emptyHistory,
  type FaultFile,
  restMs,
  type StoredHistory,
} from "../../../src/appliance/fault-file.ts";
import type { NumberedFault } from "../../../src/model/fault.ts";
import { type Log, silentLog } from "../../../src/model/log.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { createDurableFolder } from "../../../src/settings/durable.ts";
import { anyDamage, damageFile } from "../../support/file-damage.ts";
import { createSomeLog } from "../../support/some-log.ts";

/** On the machine that decides over a change; a person at work does not want to wait that long. */
const cases = process.env.CI === undefined ? 300 : 3_000;

const directory = "/var/lib/bezel/faults";
const path = `${directory}/history.json`;
const open = (files: MemoryFiles, clock: FakeClock = createFakeClock(), log: Log = silentLog): FaultFile =>
  createFaultFile({ folder: createDurableFolder(files, directory), clock, log });
const read = (files: MemoryFiles, log?: Log) => open(files, createFakeClock(), log).read();

const anyInstant = fc
  .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const anyFault = fc.record({
  code: fc.constantFrom("timeout", "lan-no-carrier", "settings-lost"),
  message: fc.string({ maxLength: 32 }),
  legacyCode: fc.constantFrom(null, "E00" as const, "E14" as const),
  detail: fc.string({ unit: "binary", maxLength: 200 }),
  next: fc.string({ maxLength: 200 }),
  since: anyInstant,
  until: anyInstant,
});
const anyHistory: fc.Arbitrary<StoredHistory> = fc
  .record({ faults: fc.array(anyFault, { maxLength: 50 }), stands: fc.boolean(), through: fc.nat({ max: 60 }) })
  .map(({ faults, stands, through }) => ({
    faults: faults.map((fault, age) => ({
      ...fault,
      number: faults.length - age,
      until: stands && age === 0 ? null : fault.until,
    })),
    told: { through, standing: stands && through >= faults.length && faults.length > 0 ? [faults.length] : [] },
  }));

function historyOf(...numbers: readonly number[]): StoredHistory {
  const fault = (number: number): NumberedFault => ({
    number,
    code: "timeout",
    message: "Timeout was reached (28)",
    legacyCode: "E06",
    detail: `${number}`,
    next: "",
    since: "2026-01-01T00:00:00.000Z",
    until: "2026-01-01T00:00:01.000Z",
  });
  return { faults: numbers.map(fault), told: { through: 0, standing: [] } };
}

async function stored(...histories: readonly StoredHistory[]): Promise<MemoryFiles> {
  const files = createMemoryFiles();
  for (const history of histories) {
    const file = open(files);
    file.keep(history);
    await file.close();
  }
  return files;
}

describe("the stored history", () => {
  it("comes back as it was, after a power cut too", async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const files = await stored(history);
        expect(await read(files.afterPowerCut())).toEqual(history);
      }),
      { numRuns: cases },
    );
  });

  it("is empty on a new disk, without a word", async () => {
    const { log, lines } = createSomeLog();
    expect(await read(createMemoryFiles(), log)).toEqual(emptyHistory);
    expect(lines).toEqual([]);
  });

  it("is whole or empty whatever became of its file, and one line says so; the next one is stored all the same", async () => {
    const seen = { whole: 0, empty: 0 };
    await fc.assert(
      fc.asyncProperty(anyHistory, anyDamage, async (history, damage) => {
        const files = await stored(history);
        const written = files.text(path);
        await damageFile(files, path, damage, ['{"schema":3}\n', files.text(path) ?? ""]);
        const { log, lines } = createSomeLog();
        const found = await read(files, log);
        const isUntouched = files.text(path) === written && files.mode(path) !== 0;
        expect(found).toEqual(isUntouched ? history : emptyHistory);
        expect(lines).toEqual(
          isUntouched || damage.kind === "missing"
            ? []
            : ["error: the history of faults cannot be read and begins anew"],
        );
        seen[isUntouched ? "whole" : "empty"]++;

        const file = open(files);
        file.keep(historyOf(3));
        await file.close();
        expect(await read(files.afterPowerCut())).toEqual(historyOf(3));
      }),
      { numRuns: cases },
    );
    expect(Math.min(seen.whole, seen.empty)).toBeGreaterThan(0);
  });

  it("is the old or the new one, whole, after a power cut at any step", async () => {
    const before = await stored(historyOf(1));
    const found = { old: 0, new: 0 };
    for (let operations = 0; operations < 12; operations++) {
      for (let seed = 0; seed < 20; seed++) {
        const files = before.afterPowerCut();
        files.cutPowerAfter(operations);
        const file = open(files);
        file.keep(historyOf(2, 1));
        await file.close();
        const after = await read(files.afterPowerCut(randomFate(seed)));
        const isNew = after.faults.length === 2;
        expect(after).toEqual(isNew ? historyOf(2, 1) : historyOf(1));
        found[isNew ? "new" : "old"]++;
      }
    }
    expect(Math.min(found.old, found.new)).toBeGreaterThan(0);
  });

  it.each<[string, unknown]>([
    ["a later version", { ...historyOf(1), schema: 2 }],
    ["a number twice", { ...historyOf(1, 1), schema: 1 }],
    ["51 faults", { ...historyOf(...Array.from({ length: 51 }, (_, n) => n + 1)), schema: 1 }],
    [
      "a code that nobody has",
      { schema: 1, told: emptyHistory.told, faults: [{ ...historyOf(1).faults[0], legacyCode: "E15" }] },
    ],
    ["a number that no poll can tell", { ...historyOf(0x80000000), schema: 1 }],
    [
      "a time that no poll can tell",
      {
        schema: 1,
        told: emptyHistory.told,
        faults: [{ ...historyOf(1).faults[0], since: "2026-01-01T00:00:00.000001Z" }],
      },
    ],
    [
      "two that stand",
      {
        schema: 1,
        told: emptyHistory.told,
        faults: historyOf(1, 2).faults.map((fault) => ({ ...fault, until: null })),
      },
    ],
  ])("of %s is not believed, though its checksum is right", async (_, document) => {
    const files = createMemoryFiles();
    files.put(path, encodeDocument(document as object));
    const { log, lines } = createSomeLog();
    expect(await read(files, log)).toEqual(emptyHistory);
    expect(lines).toHaveLength(1);
  });

  it("with texts longer than any can be read back", async () => {
    const [fault] = historyOf(1).faults;
    const long = {
      ...(fault as NumberedFault),
      message: "m".repeat(999),
      detail: "d".repeat(9999),
      next: "\u{1f600}".repeat(999),
    };
    const files = await stored({ faults: [long], told: emptyHistory.told });
    expect((await read(files)).faults).toMatchObject([{ number: 1, detail: "d".repeat(400) }]);
  });
});

describe("writing", () => {
  const writes = (files: MemoryFiles) =>
    files.operations().filter(({ name, to }) => name === "rename" && to === path).length;

  it("happens at once, then once for all that came within ten seconds", async () => {
    const files = createMemoryFiles();
    const clock = createFakeClock();
    const file = open(files, clock);
    file.keep(historyOf(1));
    await clock.advance(0);
    expect([writes(files), await read(files.afterPowerCut())]).toEqual([1, historyOf(1)]);
    for (let number = 2; number <= 32; number++) {
      file.keep(historyOf(number));
      await clock.advance(1000);
    }
    expect(writes(files)).toBe(4);
    await clock.advance(restMs);
    expect([writes(files), await read(files.afterPowerCut())]).toEqual([5, historyOf(32)]);
    await clock.advance(10 * restMs);
    expect([writes(files), clock.pending()]).toEqual([5, []]);
  });

  it("is done when the file is closed, and none comes after", async () => {
    const files = createMemoryFiles();
    const clock = createFakeClock();
    const file = open(files, clock);
    file.keep(historyOf(1));
    await clock.advance(0);
    file.keep(historyOf(2));
    await file.close();
    file.keep(historyOf(3));
    expect([await read(files.afterPowerCut()), clock.pending()]).toEqual([historyOf(2), []]);

    const fresh = createMemoryFiles();
    const unused = open(fresh, clock);
    await unused.close();
    unused.keep(historyOf(1));
    await clock.advance(restMs);
    expect([fresh.operations(), clock.pending()]).toEqual([[], []]);
  });

  it.each<HalErrorKind>(["full", "readOnly", "denied", "io"])(
    "on a disk that says %s is said once, and works again when the disk does",
    async (kind) => {
      const files = createMemoryFiles();
      const clock = createFakeClock();
      const { log, lines } = createSomeLog();
      const file = open(files, clock, log);
      const heal = files.fail({ kind, names: ["write", "rename", "makeDirectory"] });
      for (let number = 1; number <= 3; number++) {
        file.keep(historyOf(number));
        await clock.advance(restMs);
      }
      expect(lines).toEqual(["error: the history of faults cannot be stored: it lasts until the next restart"]);
      heal();
      file.keep(historyOf(4));
      await clock.advance(restMs);
      expect(await read(files.afterPowerCut())).toEqual(historyOf(4));
      files.fail({ kind, names: ["write", "rename", "makeDirectory"] });
      file.keep(historyOf(5));
      await file.close();
      expect(lines).toHaveLength(2);
    },
  );
});
