import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { createPinLock, pinWaitMs } from "../../../src/appliance/pin-lock.ts";
import { createFactTable } from "../../../src/model/fact-table.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createDurableFolder } from "../../../src/settings/durable.ts";
import { anyDamage, damageFile } from "../../support/file-damage.ts";
import { someFacts } from "../../support/some-facts.ts";

const pin = "0815";

async function start(files: MemoryFiles) {
  const clock = createFakeClock();
  const facts = createFactTable(someFacts({ lock: { checked: 0, right: false, waitUntilMs: 0 } }));
  const folder = createDurableFolder(files, "/var/lib/bezel/panel");
  const lock = createPinLock({ pin, folder, facts, clock, log: silentLog });
  await lock.loaded;
  const waitMs = () => Math.max(0, (facts.get().lock?.waitUntilMs ?? 0) - clock.monotonic());
  /** Enters PINs, each as soon as one is looked at. */
  const enter = async (...pins: readonly string[]) => {
    for (const entered of pins) {
      await clock.advance(waitMs());
      await lock.check(entered);
    }
    return facts.get().lock;
  };
  return { clock, facts, lock, enter, waitMs };
}

describe("the wait after wrong PINs", () => {
  it.each([
    [0, 0],
    [2, 0],
    [3, 30],
    [4, 60],
    [5, 120],
    [9, 1920],
    [10, 3600],
    [99, 3600],
  ])("after %d is %d s", (failures, seconds) => expect(pinWaitMs(failures)).toBe(seconds * 1000));
});

describe("PIN lock", () => {
  it("says whether a PIN is right, leading zeros and all", async () => {
    const { enter } = await start(createMemoryFiles());
    expect(await enter("815")).toMatchObject({ checked: 1, right: false });
    expect(await enter(pin)).toEqual({ checked: 2, right: true, waitUntilMs: 0 });
  });

  it("looks at none while it waits, the right one included", async () => {
    const { enter, lock, facts, waitMs } = await start(createMemoryFiles());
    await enter("1", "2", "3");
    expect(waitMs()).toBe(30_000);
    await lock.check(pin);
    expect(facts.get().lock).toMatchObject({ checked: 3, right: false });
    expect(await enter(pin)).toMatchObject({ checked: 4, right: true });
  });

  it("counts anew after the right one", async () => {
    const { enter, waitMs } = await start(createMemoryFiles());
    await enter("1", "2", pin, "1", "2");
    expect(waitMs()).toBe(0);
  });

  it("begins the whole wait again after a power cut", async () => {
    const files = createMemoryFiles();
    const before = await start(files);
    await before.enter("1", "2", "3", "4");
    await before.clock.advance(59_000);
    const after = await start(files.afterPowerCut());
    expect(after.waitMs()).toBe(60_000);
    expect(await after.enter("5")).toMatchObject({ right: false });
    expect(after.waitMs()).toBe(120_000);
  });

  it("forgets the count for good after the right one", async () => {
    const files = createMemoryFiles();
    await (await start(files)).enter("1", "2", "3", pin);
    expect((await start(files.afterPowerCut())).waitMs()).toBe(0);
  });

  it("has counted an attempt before its answer is known: a power cut gains none", async () => {
    const files = createMemoryFiles();
    await (await start(files)).enter("1", "2");
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = files.afterPowerCut();
      const { facts, lock } = await start(disk);
      const found: MemoryFiles[] = [];
      facts.subscribe(() => found.push(disk.afterPowerCut(), disk.afterPowerCut(randomFate(seed))));
      await lock.check("3");
      expect(found).toHaveLength(2);
      for (const left of found) expect((await start(left)).waitMs()).toBe(30_000);
    }
  });

  it("counts in memory where the disk cannot be written", async () => {
    const files = createMemoryFiles();
    files.fail({ kind: "readOnly", names: ["write", "makeDirectory"] });
    const { enter, waitMs } = await start(files);
    await enter("1", "2", "3");
    expect(waitMs()).toBe(30_000);
    expect(await enter(pin)).toMatchObject({ right: true });
  });

  it("counts from what a damaged file still says, or anew, and counts on", { timeout: 300_000 }, async () => {
    const file = "/var/lib/bezel/panel/wrong-pins";
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), anyDamage, fc.integer(), async (wrong, damage, seed) => {
        const files = createMemoryFiles();
        files.put(file, String(wrong));
        await damageFile(files, file, damage, ["", "7", '{"schema":2}\n', "-----BEGIN PRIVATE KEY-----"]);
        const text = files.mode(file) === 0 ? "" : (files.text(file) ?? "");
        const counted = /^\d{1,2}$/.test(text) ? Number(text) : 0;
        const before = await start(files);
        expect(before.waitMs()).toBe(pinWaitMs(counted));
        await before.enter("1");
        const after = await start(files.afterPowerCut(randomFate(seed)));
        expect(after.waitMs()).toBe(pinWaitMs(counted + 1));
        expect(await after.enter(pin)).toMatchObject({ right: true, waitUntilMs: 0 });
      }),
      { numRuns: process.env.CI === undefined ? 200 : 2_000 },
    );
  });
});
