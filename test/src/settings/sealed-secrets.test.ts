import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import type { SecretsChange } from "../../../src/model/effect.ts";
import type { Sealer } from "../../../src/model/sealer.ts";
import { factorySettings, type ProxySettings, type Settings } from "../../../src/model/settings.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { openSettingsStore, type SettingsStore } from "../../../src/settings/store.ts";
import { createModelSealer } from "../../support/model-credentials.ts";
import { createSomeLog } from "../../support/some-log.ts";

const directory = "/var/lib/bezel/settings";
const clock = createFakeClock();
const canary = "canary-1";

async function open(files: MemoryFiles, sealer: Sealer | null) {
  const { log, lines, records } = createSomeLog();
  const hidden: string[] = [];
  const hide = (secret: string) => void hidden.push(secret);
  const store = await openSettingsStore({ files, directory, clock, log, sealer, hide });
  return { store, lines, records, hidden };
}

const proxied = (change: Partial<ProxySettings> = {}): Settings => ({
  ...factorySettings(),
  proxy: { host: "proxy.example", port: 3128, user: "anna", passwordRef: null, ...change },
});

async function keep(store: SettingsStore, settings: Settings, secrets?: SecretsChange) {
  const begun = await store.begin(settings, secrets);
  const committed = begun.ok ? await begun.value.commit() : begun;
  if (!committed.ok) throw new Error(committed.error);
}

/** A box whose password was stored where this seals, or nothing does. */
async function boxWith(sealer: Sealer | null): Promise<MemoryFiles> {
  const files = createMemoryFiles();
  const { store } = await open(files, sealer);
  await keep(store, proxied(), { proxyPassword: canary });
  await store.reached();
  return files.afterPowerCut();
}

const names = async (files: MemoryFiles) => (await files.list(directory)).filter((name) => name.startsWith("secret-"));
/** Files that hold the canary in clear. */
const clear = async (files: MemoryFiles) =>
  (await files.list(directory)).filter((name) => files.text(`${directory}/${name}`)?.includes(canary));
/** The password, opened if need be. */
const password = async (files: MemoryFiles, sealer: Sealer | null) => {
  const { store } = await open(files, sealer);
  await store.openSecrets();
  return store.proxyPassword();
};

describe("a password where the machine can seal", () => {
  it("is on the disk sealed and nowhere in clear, is used at once, and is opened by the next start that needs it", async () => {
    const sealer = createModelSealer();
    const files = createMemoryFiles();
    const { store, lines, records, hidden } = await open(files, sealer);
    await keep(store, proxied(), { proxyPassword: canary });
    expect(store.proxyPassword()).toBe(canary);
    expect(store.secrets()).toEqual({ kept: "sealed", problem: null });
    expect(lines).toContain("info: settings: a secret is sealed");
    expect(records.join()).not.toContain(canary);
    expect(hidden).toContain(canary);
    expect(await clear(files)).toEqual([]);
    const [name] = await names(files);
    expect(files.mode(`${directory}/${name}`)).toBe(0o600);

    sealer.asked.length = 0;
    const next = await open(files.afterPowerCut(), sealer);
    expect([next.store.proxyPassword(), next.store.secrets().kept, sealer.asked]).toEqual([null, "sealed", []]);
    expect(next.store.settings()).toEqual(store.settings());
    await next.store.openSecrets();
    await next.store.openSecrets();
    expect([next.store.proxyPassword(), next.hidden, sealer.asked]).toEqual([canary, [canary], ["open"]]);
  });

  it("does not keep the store from opening, however long it takes", async () => {
    const disk = await boxWith(createModelSealer());
    const hangs = () => new Promise<never>(() => {});
    const { store } = await open(disk, { seal: hangs, open: hangs });
    void store.openSecrets();
    void store.sealSecrets();
    expect(store.settings().proxy).toMatchObject({ user: "anna", passwordRef: expect.any(String) });
    await keep(store, { ...store.settings(), lan: { ...store.settings().lan, vlan: 7 } });
    expect(store.settings().lan.vlan).toBe(7);
  });
});

describe("a password where the machine cannot seal", () => {
  it.each<[string, Partial<ReturnType<typeof createModelSealer>>, string]>([
    ["for want of a key", { key: null }, "no host key, no TPM2"],
    ["for want of the helper", { missing: true }, "nobody listens"],
  ])(
    "%s lies in a file of mode 0600, which is said, and is sealed by the first start that can",
    async (_, lack, why) => {
      const sealer = Object.assign(createModelSealer(), lack);
      const files = createMemoryFiles();
      const { store, records } = await open(files, sealer);
      await keep(store, proxied(), { proxyPassword: canary });
      expect(store.secrets()).toEqual({ kept: "plain", problem: null });
      const said = records.filter((line) => line.includes("a secret is not sealed; it lies in a file of mode 0600"));
      expect(said).toEqual([expect.stringMatching(`^warn: .*${why}`)]);
      expect(await clear(files)).toEqual(await names(files));

      const later = files.afterPowerCut();
      const again = await open(later, sealer);
      await again.store.sealSecrets();
      expect([again.store.secrets().kept, again.store.proxyPassword()]).toEqual(["plain", canary]);

      Object.assign(sealer, { key: "host", missing: false });
      const able = await open(later, sealer);
      const named = await names(later);
      await able.store.sealSecrets();
      expect(able.store.secrets()).toEqual({ kept: "sealed", problem: null });
      expect([await names(later), await clear(later)]).toEqual([named, []]);
      expect(able.store.settings()).toEqual(store.settings());
      expect(await password(later.afterPowerCut(), sealer)).toBe(canary);
    },
  );

  it("is read and sealed as the first versions wrote it, without its reference", async () => {
    const disk = await boxWith(null);
    const [name = ""] = await names(disk);
    disk.put(`${directory}/${name}`, encodeDocument({ schema: 2, secret: canary }));
    expect(await password(disk, null)).toBe(canary);
    const sealer = createModelSealer();
    const { store } = await open(disk, sealer);
    await store.sealSecrets();
    expect([await clear(disk), await password(disk.afterPowerCut(), sealer)]).toEqual([[], canary]);
  });

  it("that is forgotten while it is being sealed does not come back", async () => {
    const disk = await boxWith(null);
    const model = createModelSealer();
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { store } = await open(disk, { ...model, seal: (...secret) => asked.then(() => model.seal(...secret)) });
    const sealing = store.sealSecrets();
    await keep(store, factorySettings(), "forget");
    answer();
    await sealing;
    expect(await names(disk)).toEqual([]);
  });
});

describe("a sealed password that cannot be opened", () => {
  it.each<[string, Sealer | null, string]>([
    ["because the key is another", createModelSealer("another"), "sealed elsewhere"],
    ["because the key is gone", createModelSealer(null), "sealed elsewhere"],
    ["because the helper is missing", Object.assign(createModelSealer(), { missing: true }), "nobody listens"],
    ["because nothing here opens any", null, "nothing here seals or opens secrets"],
  ])("%s counts as none, says why once, and stays while it is named", async (_, sealer, problem) => {
    const disk = await boxWith(createModelSealer());
    const { store, records } = await open(disk, sealer);
    await store.openSecrets();
    await store.openSecrets();
    expect([store.proxyPassword(), store.secrets()]).toEqual([null, { kept: "sealed", problem }]);
    expect(records.filter((line) => line.includes("a secret cannot be opened"))).toEqual([
      expect.stringContaining(problem),
    ]);
    await store.sealSecrets();
    await keep(store, { ...store.settings(), lan: { ...store.settings().lan, vlan: 7 } });
    await store.reached();
    expect(store.secrets().problem).toBe(problem);
    // The machine is itself again.
    expect(await password(disk.afterPowerCut(), createModelSealer())).toBe(canary);
    await keep(store, proxied(), { proxyPassword: "another" });
    expect([store.proxyPassword(), store.secrets().problem]).toEqual(["another", null]);
  });

  it("is opened once whoever opens it is there", async () => {
    const sealer = Object.assign(createModelSealer(), { missing: true });
    const { store } = await open(await boxWith(createModelSealer()), sealer);
    await store.openSecrets();
    sealer.missing = false;
    await store.openSecrets();
    expect([store.proxyPassword(), store.secrets().problem]).toEqual([canary, null]);
  });

  it("is not opened as another one, whose file was put in its place", async () => {
    const sealer = createModelSealer();
    const disk = await boxWith(sealer);
    const [mine = ""] = await names(disk);
    const { store } = await open(disk, sealer);
    await keep(store, proxied(), { proxyPassword: "other" });
    const [theirs = ""] = (await names(disk)).filter((name) => name !== mine);
    const { sealed } = JSON.parse(disk.text(`${directory}/${mine}`)?.split("\n")[0] ?? "");
    const reference = theirs.slice("secret-".length, -".json".length);
    disk.put(`${directory}/${theirs}`, encodeDocument({ schema: 3, reference, sealed }));
    const next = await open(disk.afterPowerCut(), sealer);
    await next.store.openSecrets();
    expect([next.store.proxyPassword(), next.store.secrets().problem]).toEqual([null, "sealed elsewhere"]);
  });
});

describe("the sealing of what lies in clear", { timeout: 60_000 }, () => {
  const sealAll = async (files: MemoryFiles) => {
    const { store } = await open(files, createModelSealer());
    await store.sealSecrets();
    return store;
  };

  it("leaves it clear or sealed, and the right one, wherever the power goes", async () => {
    const rehearsal = await boxWith(null);
    await sealAll(rehearsal);
    const steps = rehearsal.operations().length;
    const seen = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: steps }), fc.integer(), async (cutAfter, seed) => {
        const files = await boxWith(null);
        files.cutPowerAfter(cutAfter);
        await sealAll(files);
        const disk = files.afterPowerCut(randomFate(seed));
        expect(await password(disk, createModelSealer())).toBe(canary);
        expect((await names(disk)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
        seen.add((await clear(disk)).length === 0);
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBe(2);
  });

  it.each<HalErrorKind>(["full", "readOnly", "io", "denied"])(
    "keeps the right one on a disk that answers %s",
    async (kind) => {
      const rehearsal = await boxWith(null);
      await sealAll(rehearsal);
      for (let number = 1; number <= rehearsal.operations().length; number++) {
        const files = await boxWith(null);
        files.fail({ kind, number });
        const store = await sealAll(files);
        expect([canary, null]).toContain(store.proxyPassword());
        if (store.settings().proxy !== null && store.secrets().kept !== null)
          expect(store.proxyPassword()).toBe(canary);
        const next = await open(
          files.afterPowerCut(() => "kept"),
          createModelSealer(),
        );
        await next.store.openSecrets();
        if (next.store.settings().proxy !== null)
          expect(next.store.proxyPassword()).toBe(store.proxyPassword() ?? canary);
      }
    },
  );
});
