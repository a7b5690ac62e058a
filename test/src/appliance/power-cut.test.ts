import { describe, expect, it } from "vitest";
import { type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

/** Accepts what the fields of a static LAN open with, up to the last question. */
const toLastQuestion = ["ENTER", "ENTER", "DOWN*2", "ENTER", "ENTER*9"];

/** A change whose power goes after so many operations on the disk since the last question was answered. */
async function changeCutAfter(operations: number): Promise<{ readonly box: Bench; readonly wanted: number }> {
  const box = await startedBox();
  await box.press(...toLastQuestion);
  const before = box.files.operations().length;
  box.files.cutPowerAfter(before + operations);
  await box.press("ENTER");
  await box.advance(8000);
  await box.stop();
  return { box, wanted: box.files.operations().length - before };
}

/** The next start, up to the point where it has brought the machine to the settings. */
async function startAgain(files: MemoryFiles): Promise<Bench> {
  const box = await startBox({ files });
  await box.until(({ facts }) => facts().phase === "ready");
  return box;
}

describe("a power cut in a change made by keys", () => {
  it("at any step leaves the old or the new settings, whole, and the next start brings the machine to them", async () => {
    const undisturbed = await changeCutAfter(Number.POSITIVE_INFINITY);
    const chosen = undisturbed.box.facts().settings;
    expect([chosen.lan.ipv4.method, undisturbed.wanted]).toEqual(["static", expect.any(Number)]);

    const found = { old: 0, new: 0 };
    for (let operations = 0; operations <= undisturbed.wanted; operations++) {
      const { box } = await changeCutAfter(operations);
      for (const fate of [undefined, () => "kept" as const, randomFate(operations)]) {
        const next = await startAgain(box.files.afterPowerCut(fate));
        const { settings, storage } = next.facts();
        const isNew = settings.lan.ipv4.method === "static";
        found[isNew ? "new" : "old"]++;
        expect(settings).toEqual(isNew ? chosen : factorySettings());
        expect(next.kernel.current().lan.method).toBe(settings.lan.ipv4.method);
        expect(["current", "reverted"]).toContain(storage.loaded);
        expect(storage.problem).toBeNull();
        await next.stop();
      }
    }
    expect(found.old).toBeGreaterThan(0);
    expect(found.new).toBeGreaterThan(0);
  }, 20_000);
});
