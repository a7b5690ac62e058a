import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { readSettings, storeFiles } from "../../../src/settings/recover.ts";
import { openSettingsStore, type SettingsStore } from "../../../src/settings/store.ts";
import { someStaticSettings } from "../../support/some-settings.ts";

const directory = "/var/lib/bezel/settings";
const clock = createFakeClock();
const open = (files: MemoryFiles) => openSettingsStore({ files, directory, clock, log: silentLog });
const path = (name: keyof typeof storeFiles) => `${directory}/${storeFiles[name]}`;

const factory = factorySettings();
const first = someStaticSettings({ address: "10.77.0.21" });
const second = someStaticSettings({ address: "10.77.0.22" });

async function begin(store: SettingsStore, settings: Settings) {
  const begun = await store.begin(settings);
  if (!begun.ok) throw new Error(begun.error);
  return begun.value;
}

async function keep(store: SettingsStore, settings: Settings) {
  const committed = await (await begin(store, settings)).commit();
  if (!committed.ok) throw new Error(committed.error);
}

/** A disk on which `first` replaced the factory's settings. */
async function usedDisk(): Promise<MemoryFiles> {
  const files = createMemoryFiles();
  await keep(await open(files), first);
  return files.afterPowerCut();
}

const found = (store: SettingsStore) => ({ settings: store.settings(), storage: store.storage() });

describe("settings store", () => {
  it("starts a new box with the factory's settings, and remembers that it did", async () => {
    const files = createMemoryFiles();
    expect(found(await open(files))).toEqual({ settings: factory, storage: { loaded: "new", problem: null } });
    expect(found(await open(files.afterPowerCut()))).toEqual({
      settings: factory,
      storage: { loaded: "current", problem: null },
    });
  });

  it("keeps its folder and files to itself", async () => {
    const files = await usedDisk();
    expect(files.mode(directory)).toBe(0o700);
    expect(files.mode(path("current"))).toBe(0o600);
  });

  it("keeps a committed change, and the generation before it", async () => {
    const files = await usedDisk();
    const store = await open(files);
    expect(store.revision()).toBe(1);
    await keep(store, second);
    expect(store.settings()).toEqual(second);
    expect(store.revision()).toBe(2);
    const disk = files.afterPowerCut();
    disk.put(path("current"), "");
    expect(found(await open(disk))).toEqual({ settings: first, storage: { loaded: "previous", problem: null } });
  });

  it("lets an abandoned change go and keeps its journal for support", async () => {
    const files = await usedDisk();
    const store = await open(files);
    await (await begin(store, second)).abandon();
    expect(store.settings()).toEqual(first);
    const disk = files.afterPowerCut();
    expect(found(await open(disk))).toEqual({ settings: first, storage: { loaded: "current", problem: null } });
    expect(disk.text(path("rejected"))).toContain("10.77.0.22");
  });

  it("takes a change that was cut short back, once", async () => {
    const files = await usedDisk();
    await begin(await open(files), second);
    const disk = files.afterPowerCut();
    expect(found(await open(disk))).toEqual({ settings: first, storage: { loaded: "reverted", problem: null } });
    expect(disk.text(path("rejected"))).toContain("10.77.0.22");
    expect(found(await open(disk.afterPowerCut())).storage.loaded).toBe("current");
  });

  it("takes one change at a time", async () => {
    const store = await open(createMemoryFiles());
    const change = await begin(store, first);
    await expect(store.begin(second)).rejects.toThrow("a change is open already");
    await change.abandon();
    await keep(store, second);
  });

  it("remembers the last settings that reached the platform", async () => {
    const files = await usedDisk();
    const store = await open(files);
    expect(store.lastGood()).toBeNull();
    await store.reached();
    await keep(store, second);
    expect(store.lastGood()).toEqual(first);
    expect((await open(files.afterPowerCut())).lastGood()).toEqual(first);
  });

  it("does not write the last good settings twice", async () => {
    const files = await usedDisk();
    const store = await open(files);
    await store.reached();
    const before = files.operations().length;
    await store.reached();
    expect(files.operations().length).toBe(before);
  });

  it("writes the last good settings again after a full disk, and offers them meanwhile", async () => {
    const files = await usedDisk();
    const store = await open(files);
    const repair = files.fail({ kind: "full", names: ["write"] });
    await store.reached();
    expect(store.lastGood()).toEqual(first);
    expect(store.storage().problem).toBe("settings cannot be stored: disk full");
    repair();
    await store.reached();
    expect(store.storage().problem).toBeNull();
    expect((await open(files.afterPowerCut())).lastGood()).toEqual(first);
  });

  it("notices that the disk has room again when nothing is to be stored", async () => {
    const files = await usedDisk();
    const store = await open(files);
    await store.reached();
    const repair = files.fail({ kind: "full", names: ["write"] });
    expect((await store.begin(second)).ok).toBe(false);
    await store.reached();
    expect(store.storage().problem).toBe("settings cannot be stored: disk full");
    repair();
    await store.reached();
    expect(store.storage().problem).toBeNull();
  });
});

describe("settings that are only read", () => {
  const read = (files: MemoryFiles) => readSettings(files, directory);

  it.each<[string, (files: MemoryFiles) => void, Settings]>([
    ["the current generation", () => {}, second],
    ["the one before when it is damaged", (files) => files.put(path("current"), "?"), first],
    [
      "the factory's when both are damaged",
      (files) => {
        files.put(path("current"), "?");
        files.put(path("previous"), "?");
      },
      factory,
    ],
  ])("are %s, and the disk stays as it is", async (_, spoil, settings) => {
    const used = await usedDisk();
    const store = await open(used);
    await keep(store, second);
    await begin(store, factory);
    const files = used.afterPowerCut();
    spoil(files);
    expect(await read(files)).toEqual(settings);
    expect(new Set(files.operations().map(({ name }) => name))).toEqual(new Set(["read"]));
    expect((await open(files)).settings()).toEqual(settings);
  });

  it("are the factory's where no store was ever opened", async () => {
    const files = createMemoryFiles();
    expect(await read(files)).toEqual(factory);
    expect(files.text(path("current"))).toBeNull();
  });

  it("are not guessed where they may not be read", async () => {
    const files = await usedDisk();
    files.fail({ kind: "denied", names: ["read"] });
    await expect(read(files)).rejects.toMatchObject({ kind: "denied" });
  });
});

describe("power cut in a change", { timeout: 60_000 }, () => {
  /** Change, then the platform is reached: every file of the store is written. */
  const changeToSecond = async (files: MemoryFiles) => {
    const store = await open(files);
    const begun = await store.begin(second);
    if (!begun.ok) return "refused";
    const committed = await begun.value.commit();
    if (!committed.ok) {
      await begun.value.abandon();
      return "reverted";
    }
    await store.reached();
    return "kept";
  };

  it("at any operation, whatever of the unsynced survives, leaves the old or the new settings", async () => {
    const rehearsal = await usedDisk();
    expect(await changeToSecond(rehearsal)).toBe("kept");
    const steps = rehearsal.operations().length;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: steps }), fc.integer(), async (cutAfter, seed) => {
        const files = await usedDisk();
        files.cutPowerAfter(cutAfter);
        await changeToSecond(files);
        const disk = files.afterPowerCut(randomFate(seed));
        const store = await open(disk);
        expect([first, second]).toContainEqual(store.settings());
        expect(["current", "reverted"]).toContain(store.storage().loaded);
        expect(store.storage().problem).toBeNull();
        expect(store.lastGood() ?? second).toEqual(second);
        // The next change is none the worse for what the cut left behind.
        await keep(store, first);
        expect((await open(disk.afterPowerCut())).settings()).toEqual(first);
        seen.add(store.storage().loaded);
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual(["current", "reverted"]);
  });

  it("on the first change of a new box leaves the factory's or the new settings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 30 }), fc.integer(), async (cutAfter, seed) => {
        const files = createMemoryFiles();
        files.cutPowerAfter(cutAfter);
        const outcome = await changeToSecond(files);
        const store = await open(files.afterPowerCut(randomFate(seed)));
        expect([factory, second]).toContainEqual(store.settings());
        if (outcome === "kept" && cutAfter >= 30) expect(store.settings()).toEqual(second);
      }),
      { numRuns: 200 },
    );
  });

  it("after a change was reported as kept does not lose it", async () => {
    const files = await usedDisk();
    await keep(await open(files), second);
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const store = await open(files.afterPowerCut(randomFate(seed)));
        expect(found(store)).toEqual({ settings: second, storage: { loaded: "current", problem: null } });
      }),
    );
  });
});

describe("failing disk", () => {
  const kinds: readonly HalErrorKind[] = ["full", "readOnly", "io", "denied"];
  const reasons: Partial<Record<HalErrorKind, string>> = {
    full: "settings cannot be stored: disk full",
    readOnly: "settings cannot be stored: disk is read-only",
    io: "settings cannot be stored: disk error",
    denied: "settings cannot be stored: no permission",
  };

  it.each(kinds)("%s at any operation of a change leaves the old or the new settings", async (kind) => {
    const rehearsal = await usedDisk();
    await keep(await open(rehearsal), second);
    for (let number = 1; number <= rehearsal.operations().length; number++) {
      const files = await usedDisk();
      files.fail({ kind, number });
      const store = await open(files);
      const begun = await store.begin(second);
      const outcome = begun.ok ? await begun.value.commit() : begun;
      if (begun.ok && !outcome.ok) await begun.value.abandon();
      if (!outcome.ok) expect(outcome.error).toBe(reasons[kind]);
      // Factory settings are in force where it was the reading of the current file that failed.
      if (outcome.ok) expect(store.settings()).toEqual(second);
      else expect([first, factory]).toContainEqual(store.settings());
      // What the program says is in force is what the next start finds.
      expect((await open(files)).settings()).toEqual(store.settings());
    }
  });

  it.each(kinds)("%s for good is said at the start, and no change begins", async (kind) => {
    const files = await usedDisk();
    await open(files);
    files.fail({ kind, names: ["write", "sync", "rename", "remove", "makeDirectory", "syncDirectory"] });
    const store = await open(files);
    expect(found(store)).toEqual({ settings: first, storage: { loaded: "current", problem: reasons[kind] } });
    expect(await store.begin(second)).toEqual({ ok: false, error: reasons[kind] });
    expect(files.text(path("journal"))).toBeNull();
  });

  it("that recovers takes changes again without a restart", async () => {
    const files = await usedDisk();
    const repair = files.fail({ kind: "full", names: ["write"] });
    const store = await open(files);
    repair();
    await keep(store, second);
    expect(store.storage().problem).toBeNull();
  });

  it("stays a problem until content can be written again", async () => {
    const files = await usedDisk();
    const store = await open(files);
    files.fail({ kind: "full", names: ["write"], path: /settings\.json\.tmp$/ });
    const change = await begin(store, second);
    expect((await change.commit()).ok).toBe(false);
    await change.abandon();
    expect(store.storage().problem).toBe("settings cannot be stored: disk full");
  });

  it("frees what a failed attempt wrote", async () => {
    const files = await usedDisk();
    const store = await open(files);
    files.fail({ kind: "full", names: ["write"], times: 1 });
    expect((await store.begin(second)).ok).toBe(false);
    expect((await files.list(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("that cannot be written at all still gives a new box its settings", async () => {
    const files = createMemoryFiles();
    files.fail({ kind: "readOnly", names: ["write", "makeDirectory"] });
    expect(found(await open(files))).toEqual({
      settings: factory,
      storage: { loaded: "new", problem: "settings cannot be stored: disk is read-only" },
    });
  });
});

describe("damaged store", () => {
  const harm: fc.Arbitrary<(text: string) => Uint8Array> = fc.oneof(
    fc.tuple(fc.nat(), fc.nat({ max: 7 })).map(([at, bit]) => (text: string) => {
      const bytes = Buffer.from(text);
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      return bytes;
    }),
    fc.nat().map((at) => (text: string) => Buffer.from(text).subarray(0, at % text.length)),
    fc.nat({ max: 600 }).map((length) => () => new Uint8Array(length)),
    fc.constant(() => new Uint8Array(70_000).fill(0x20)),
  );

  const fullDisk = async () => {
    const files = await usedDisk();
    const store = await open(files);
    await store.reached();
    await keep(store, second);
    await begin(store, factory);
    return files.afterPowerCut();
  };

  it.each([
    [["current"], first, "previous"],
    [["previous"], second, "reverted"],
    [["journal"], second, "reverted"],
    [["lastGood"], second, "reverted"],
    [["current", "previous"], factory, "factory"],
    [["current", "previous", "journal", "lastGood"], factory, "factory"],
  ] as const)("%s: the next best settings are in force", async (names, settings, loaded) => {
    await fc.assert(
      fc.asyncProperty(harm, async (damage) => {
        const files = await fullDisk();
        for (const name of names) files.put(path(name), damage(files.text(path(name)) ?? ""));
        const store = await open(files);
        expect(found(store)).toEqual({ settings, storage: { loaded, problem: null } });
        expect(store.lastGood()).toEqual((names as readonly string[]).includes("lastGood") ? null : first);
        // Repaired: the next start finds them as if nothing had been.
        const again = await open(files.afterPowerCut());
        expect(found(again)).toEqual({ settings, storage: { loaded: "current", problem: null } });
        await keep(again, first);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps the damaged file aside, one of each name", async () => {
    const files = await fullDisk();
    files.put(path("current"), "first damage");
    await open(files);
    expect(files.text(`${path("current")}.damaged`)).toBe("first damage");
    files.put(path("current"), "second damage");
    await open(files);
    expect(files.text(`${path("current")}.damaged`)).toBe("second damage");
    expect((await files.list(directory)).filter((name) => name.includes("damaged"))).toHaveLength(1);
  });

  it("takes settings of a newer version for unreadable, says so and keeps them", async () => {
    const warnings: object[] = [];
    const files = await fullDisk();
    const newer = Buffer.from(encodeDocument({ schema: 4, whatever: true })).toString();
    files.put(path("current"), newer);
    const log = { ...silentLog, error: (fields: object) => warnings.push(fields) };
    const store = await openSettingsStore({ files, directory, clock, log });
    expect(store.storage().loaded).toBe("previous");
    expect(warnings).toContainEqual({
      file: "settings.json",
      detail: "from a newer version (schema 4)",
    });
    expect(files.text(`${path("current")}.damaged`)).toBe(newer);
  });

  it("that cannot be read for the disk's sake falls back in the same way", async () => {
    const files = await fullDisk();
    files.fail({ kind: "io", names: ["read"], path: path("current") });
    expect((await open(files)).settings()).toEqual(first);
  });
});
