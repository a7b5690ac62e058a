import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { type FileFault, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import type { SettingsStore } from "../../../src/settings/store.ts";
import { someStaticSettings } from "../../support/some-settings.ts";
import { anyChange, type Change, diskAfter, inForce, makeChange, open } from "./some-history.ts";

/** On the machine that decides over a change; a person at work does not want to wait that long. */
const cases = process.env.CI === undefined ? 200 : 3_000;

const changing = ["write", "sync", "rename", "remove", "makeDirectory", "syncDirectory"] as const;
/** Which operations such a disk refuses. */
const disks: Readonly<Record<"full" | "readOnly" | "io" | "denied", Partial<FileFault>>> = {
  full: { names: ["write", "sync", "rename", "makeDirectory"] },
  readOnly: { names: changing },
  io: {},
  denied: { names: changing },
};
type Kind = keyof typeof disks & HalErrorKind;
const kinds = Object.keys(disks) as readonly Kind[];

const proxied = (settings: Settings, port: number): Settings => ({
  ...settings,
  proxy: { host: "proxy.example", port, user: "anna", passwordRef: null },
});
const change = (settings: Settings, password: Change["password"]): Change => ({
  settings,
  password,
  end: "commit",
  reached: true,
});
const first = change(proxied(someStaticSettings({ address: "10.77.0.21" }), 3128), "new");
const changes: readonly [string, Change][] = [
  ["to other settings and another password", change(proxied(someStaticSettings({ address: "10.77.0.22" }), 80), "new")],
  ["that keeps the password", change(proxied(factorySettings(), 8080), "same")],
  ["back to the factory's settings", change(factorySettings(), "forget")],
];

/** A used box that runs. */
async function running() {
  const files = await diskAfter({ changes: [first, { ...first, end: "abandon" }], cut: null });
  return { files, store: await open(files), first: inForce(await open(files.afterPowerCut())) };
}

function withoutPassword(store: SettingsStore): Settings {
  const settings = store.settings();
  return settings.proxy === null ? settings : { ...settings, proxy: { ...settings.proxy, passwordRef: null } };
}

/** The same disk, all of it written and healthy, as a restart without a power cut finds it. */
const restarted = (files: MemoryFiles) => open(files.afterPowerCut(() => "kept"));

/** What has to hold at any time while the program runs, whatever the disk refuses. */
async function expectAgreement(files: MemoryFiles, store: SettingsStore, seeds: readonly number[]) {
  const now = inForce(store);
  expect(inForce(await restarted(files))).toEqual(now);
  for (const seed of seeds) {
    const next = await open(files.afterPowerCut(randomFate(seed)));
    // Where nothing is said to be wrong, what is in force is safe.
    if (store.storage().problem === null) expect(inForce(next)).toEqual(now);
  }
}

/** The disk is well again: the store finds out by itself, and what is in force is safe. */
async function expectRecovery(
  files: MemoryFiles,
  store: SettingsStore,
  seed: number,
  { found = inForce, loaded = ["current"] }: { found?: (store: SettingsStore) => unknown; loaded?: string[] } = {},
) {
  await store.reached();
  expect(store.storage().problem).toBeNull();
  const next = await open(files.afterPowerCut(randomFate(seed)));
  expect(found(next)).toEqual(found(store));
  expect(loaded).toContain(next.storage().loaded);
  expect(next.storage().problem).toBeNull();
  expect(await makeChange(store, change(someStaticSettings({ address: "10.77.0.99" }), "none"))).toBe(true);
  expect(inForce(await open(files.afterPowerCut(randomFate(seed))))).toEqual(inForce(store));
}

describe.each(changes)("a change %s", { timeout: 300_000 }, (_, second) => {
  describe.each(kinds)("on a disk that answers %s", (kind) => {
    it.each(["once", "for good"] as const)(
      "at any operation, %s: old or new, whole, and over with it",
      async (times) => {
        const rehearsal = await running();
        const from = rehearsal.files.operations().length;
        expect(await makeChange(rehearsal.store, second)).toBe(true);
        const steps = rehearsal.files.operations().length - from;
        const ways = new Set<string>();
        for (let step = 1; step <= steps; step++) {
          const { files, store, first: old } = await running();
          const number = files.operations().length + step;
          const heal = files.fail({ ...disks[kind], kind, ...(times === "once" ? { number } : { from: number }) });
          const kept = await makeChange(store, second);
          expect(store.settings().proxy?.port).toBe(kept ? second.settings.proxy?.port : 3128);
          if (!kept) expect(inForce(store)).toEqual(old);
          else if (second.password !== "forget") expect(store.proxyPassword()).not.toBeNull();
          ways.add(`${kept}`);
          const seeds = [step, 1000 + step, 2000 + step];
          await expectAgreement(files, store, seeds);
          for (const seed of seeds) {
            const found = inForce(await open(files.afterPowerCut(randomFate(seed))));
            expect([old, inForce(store)]).toContainEqual(found);
          }
          heal();
          await expectRecovery(files, store, step);
        }
        expect([...ways].sort()).toEqual(["false", "true"]);
      },
    );
  });
});

describe(`${cases} disks that fail now and then`, { timeout: 900_000 }, () => {
  const failing = fc.record({
    kind: fc.constantFrom(...kinds),
    from: fc.nat({ max: 150 }),
    times: fc.integer({ min: 1, max: 30 }),
  });

  it("never part what is in force from what the next start finds, unless it is said", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(failing, { minLength: 1, maxLength: 3 }),
        fc.array(anyChange, { minLength: 1, maxLength: 4 }),
        fc.integer(),
        async (faults, steps, seed) => {
          const { files, store } = await running();
          const begun = files.operations().length;
          const heal = faults.map(({ kind, from, times }) =>
            files.fail({ ...disks[kind], kind, from: begun + from, times }),
          );
          for (const step of steps) {
            const before = inForce(store);
            const kept = await makeChange(store, step);
            if (!kept) expect(inForce(store)).toEqual(before);
            await expectAgreement(files, store, [seed]);
          }
          for (const end of heal) end();
          await expectRecovery(files, store, seed);
        },
      ),
      { numRuns: cases },
    );
  });

  it("start with what was committed or say that it is lost, and recover", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ ...{ kind: fc.constantFrom(...kinds), from: fc.nat({ max: 25 }) }, times: fc.nat({ max: 9 }) }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        fc.integer(),
        async (faults, seed) => {
          const disk = await diskAfter({ changes: [first, { ...first, password: "same" }], cut: null });
          const old = inForce(await open(disk.afterPowerCut()));
          const heal = faults.map(({ kind, from, times }) =>
            disk.fail({ ...disks[kind], kind, from, times: times + 1 }),
          );
          const store = await open(disk);
          const { loaded } = store.storage();
          if (loaded === "current") expect(store.settings().lan).toEqual(old.settings.lan);
          else expect(["previous", "factory", "reverted"]).toContain(loaded);
          // Generations that can neither be read nor moved, on a disk that takes a new one, are there again at the next start:
          // nothing is lost that can be had.
          const later = ["current", "reverted", ...(loaded === "factory" ? ["previous"] : [])];
          const found = loaded === "factory" ? () => null : withoutPassword;
          if (store.storage().problem === null) expect(found(await restarted(disk))).toEqual(found(store));
          for (const end of heal) end();
          // A password that could not be read counts as none, and a journal that could not be moved is found, at the next
          // start again.
          await expectRecovery(disk, store, seed, { found, loaded: later });
          expect([old.password, null]).toContain(store.proxyPassword());
        },
      ),
      { numRuns: cases },
    );
  });
});
