import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import type { SecretsChange } from "../../../src/model/effect.ts";
import { silentLog } from "../../../src/model/log.ts";
import { factorySettings, type ProxySettings, type Settings } from "../../../src/model/settings.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { storeFiles } from "../../../src/settings/recover.ts";
import { openSettingsStore, type SettingsStore } from "../../../src/settings/store.ts";
import { createSomeLog } from "../../support/some-log.ts";

const directory = "/var/lib/bezel/settings";
const clock = createFakeClock();
const open = (files: MemoryFiles, log = silentLog) => openSettingsStore({ files, directory, clock, log });

const proxied = (change: Partial<ProxySettings> = {}): Settings => ({
  ...factorySettings(),
  proxy: { host: "proxy.example", port: 3128, user: "anna", passwordRef: null, ...change },
});

async function keep(store: SettingsStore, settings: Settings, secrets?: SecretsChange) {
  const begun = await store.begin(settings, secrets);
  const committed = begun.ok ? await begun.value.commit() : begun;
  if (!committed.ok) throw new Error(committed.error);
}

const secretFiles = async (files: MemoryFiles) =>
  (await files.list(directory)).filter((name) => name.startsWith("secret-"));
/** Files that hold this text. */
const holding = async (files: MemoryFiles, text: string) =>
  (await files.list(directory)).filter((name) => files.text(`${directory}/${name}`)?.includes(text));

describe("the proxy's password", () => {
  it("lies in a file of its own, which the settings name", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, proxied(), { proxyPassword: "canary-1" });
    const reference = store.settings().proxy?.passwordRef;
    expect(reference).toMatch(/^[0-9a-f]{32}$/);
    expect(await holding(files, "canary-1")).toEqual([`secret-${reference}.json`]);
    expect(files.mode(`${directory}/secret-${reference}.json`)).toBe(0o600);
    expect(store.proxyPassword()).toBe("canary-1");

    const next = await open(files.afterPowerCut());
    expect(next.settings()).toEqual(store.settings());
    expect(next.proxyPassword()).toBe("canary-1");
  });

  it("stays with changes that name it, and goes with those that do not once nothing can be gone back to", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, proxied(), { proxyPassword: "one" });
    await keep(store, { ...store.settings(), lan: { ...store.settings().lan, vlan: 7 } });
    expect(store.proxyPassword()).toBe("one");
    await keep(store, proxied(), { proxyPassword: "two" });
    expect(store.proxyPassword()).toBe("two");
    expect(await secretFiles(files)).toHaveLength(2);
    await keep(store, factorySettings());
    expect(store.proxyPassword()).toBeNull();
    expect(await holding(files, '"one"')).toEqual([]);
    await keep(store, factorySettings());
    expect(await secretFiles(files)).toEqual([]);
  });

  it("comes back with the last good settings", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, proxied(), { proxyPassword: "good" });
    await store.reached();
    for (const vlan of [1, 2, 3]) {
      await keep(store, { ...factorySettings(), lan: { ...factorySettings().lan, vlan } });
    }
    const next = await open(files.afterPowerCut());
    await keep(next, next.lastGood() ?? factorySettings());
    expect(next.proxyPassword()).toBe("good");
  });

  it("is forgotten when the change says so, though the last good settings name it", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, proxied(), { proxyPassword: "canary-2" });
    await store.reached();
    await keep(store, factorySettings(), "forget");
    expect(await secretFiles(files)).toEqual([]);
    expect(await holding(files, "canary-2")).toEqual([]);
    expect(store.lastGood()).toEqual(proxied());
    await keep(store, store.lastGood() ?? factorySettings());
    expect(store.settings()).toEqual(proxied());
    expect(store.proxyPassword()).toBeNull();
  });

  it("of a change that was let go leaves nothing behind", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    const begun = await store.begin(proxied(), { proxyPassword: "canary-3" });
    if (begun.ok) await begun.value.abandon();
    expect(await holding(files, "canary-3")).toEqual([]);
    const repair = files.fail({ kind: "full", names: ["write"], path: /change\.json/ });
    expect((await store.begin(proxied(), { proxyPassword: "canary-4" })).ok).toBe(false);
    repair();
    expect(await holding(files, "canary-4")).toEqual([]);
  });

  it("needs a proxy, and a reference leads somewhere or is dropped", async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, factorySettings(), { proxyPassword: "x" });
    expect(await secretFiles(files)).toEqual([]);
    await keep(store, proxied({ passwordRef: "0".repeat(32) }));
    expect(store.settings()).toEqual(proxied());
  });

  it("that is damaged counts as none, and is said", async () => {
    const files = createMemoryFiles();
    await keep(await open(files), proxied(), { proxyPassword: "canary-5" });
    const disk = files.afterPowerCut();
    const [name] = await secretFiles(disk);
    disk.put(`${directory}/${name}`, "?");
    const { log, lines } = createSomeLog();
    const store = await open(disk, log);
    expect(store.settings()).toEqual(proxied());
    expect(store.proxyPassword()).toBeNull();
    expect(lines).toContain("error: settings: a secret cannot be read");
  });

  it("is unknown to documents of version 1, which are read as they are", async () => {
    const files = createMemoryFiles();
    const { passwordRef, ...proxy } = { ...proxied().proxy };
    const savedAt = "2026-01-01T00:00:00.000Z";
    const old = { schema: 1, revision: 3, savedAt, settings: { ...factorySettings(), proxy } };
    files.put(`${directory}/${storeFiles.current}`, encodeDocument(old));
    const store = await open(files);
    expect(store.settings()).toEqual(proxied());
    expect(store.storage()).toEqual({ loaded: "current", problem: null });
    expect(store.revision()).toBe(3);
  });
});

describe("power cut in a change of the password", { timeout: 60_000 }, () => {
  const used = async () => {
    const files = createMemoryFiles();
    const store = await open(files);
    await keep(store, proxied(), { proxyPassword: "old" });
    await store.reached();
    return files.afterPowerCut();
  };
  const change = async (files: MemoryFiles, secrets: SecretsChange) => {
    const store = await open(files);
    const settings = secrets === "forget" ? factorySettings() : proxied({ port: 8080 });
    const begun = await store.begin(settings, secrets);
    if (!begun.ok) return;
    const committed = await begun.value.commit();
    if (!committed.ok) await begun.value.abandon();
    else await store.reached();
  };

  it.each<[string, SecretsChange]>([
    ["a new one", { proxyPassword: "new" }],
    ["a reset", "forget"],
  ])("at any operation leaves settings with the password that they were given: %s", async (_, secrets) => {
    const rehearsal = await used();
    await change(rehearsal, secrets);
    const steps = rehearsal.operations().length;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: steps }), fc.integer(), async (cutAfter, seed) => {
        const files = await used();
        files.cutPowerAfter(cutAfter);
        await change(files, secrets);
        const disk = files.afterPowerCut(randomFate(seed));
        const store = await open(disk);
        const { proxy } = store.settings();
        const found = proxy === null ? "none" : `${proxy.port} ${store.proxyPassword()}`;
        expect(["3128 old", secrets === "forget" ? "none" : "8080 new"]).toContain(found);
        seen.add(found);
        // Nothing is left but what a generation names.
        expect((await secretFiles(disk)).length).toBeLessThanOrEqual(2);
        expect(
          (await disk.list(directory)).filter((name) => name.startsWith("secret-") && name.endsWith(".tmp")),
        ).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(seen.size).toBe(2);
  });
});

describe("failing disk in a change of the password", () => {
  it.each<HalErrorKind>(["full", "readOnly", "io", "denied"])(
    "%s at any operation: the password of what is in force",
    async (kind) => {
      const used = createMemoryFiles();
      await keep(await open(used), proxied(), { proxyPassword: "old" });
      const attempt = async (files: MemoryFiles) => {
        const store = await open(files);
        const begun = await store.begin(proxied({ port: 8080 }), { proxyPassword: "new" });
        const outcome = begun.ok ? await begun.value.commit() : begun;
        if (begun.ok && !outcome.ok) await begun.value.abandon();
        return { store, ok: outcome.ok };
      };
      const rehearsal = used.afterPowerCut();
      expect((await attempt(rehearsal)).ok).toBe(true);
      for (let number = 1; number <= rehearsal.operations().length; number++) {
        const files = used.afterPowerCut();
        files.fail({ kind, number });
        const { store, ok } = await attempt(files);
        const { proxy } = store.settings();
        // Where it was the reading of a file that failed, the factory's settings are in force, or no password is known.
        const found = proxy === null ? null : `${proxy.port} ${store.proxyPassword()}`;
        expect(ok ? ["8080 new"] : ["3128 old", "3128 null", null]).toContain(found);
        expect((await open(files)).proxyPassword()).toBe(store.proxyPassword());
      }
    },
  );
});
