import fc from "fast-check";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import type { SecretsChange } from "../../../src/model/effect.ts";
import { type Log, silentLog } from "../../../src/model/log.ts";
import { failed } from "../../../src/model/result.ts";
import type { Sealer } from "../../../src/model/sealer.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { openSettingsStore, type SettingsStore } from "../../../src/settings/store.ts";
import { createModelSealer } from "../../support/model-credentials.ts";
import { anySettings } from "../../support/some-settings.ts";

export const directory = "/var/lib/bezel/settings";
const clock = createFakeClock();
export const sealer = createModelSealer();
const opener: Sealer = { ...sealer, seal: async () => failed({ kind: "refused", detail: "no key" }) };

/** As a start does it: what is needed is opened, what lies in clear is sealed, where the machine `seals`. */
export async function open(files: MemoryFiles, log: Log = silentLog, seals = true): Promise<SettingsStore> {
  const store = await openSettingsStore({ files, directory, clock, log, sealer: seals ? sealer : opener });
  await store.openSecrets();
  await store.sealSecrets();
  return store;
}

/** In every password, so that it is known where one is found. */
export const canary = "canary";

export interface Change {
  readonly settings: Settings;
  /** `same`: the proxy keeps the password that is stored. */
  readonly password: "new" | "same" | "none" | "forget";
  readonly end: "commit" | "abandon";
  readonly reached: boolean;
}

export const anyChange: fc.Arbitrary<Change> = fc
  .record({
    settings: fc.tuple(anySettings, fc.boolean()).map(([settings, proxied]) => ({
      ...settings,
      proxy: proxied ? { host: "proxy.example", port: 3128, user: "anna", passwordRef: null } : settings.proxy,
    })),
    password: fc.constantFrom("new", "new", "same", "none", "forget"),
    end: fc.constantFrom("commit", "commit", "commit", "abandon"),
    reached: fc.boolean(),
  })
  // A reset is not abandoned.
  .map((change) => (change.password === "forget" ? { ...change, end: "commit" } : change));

/** Begins the change; the error where the store does not take it. */
export function beginChange(store: SettingsStore, { settings, password }: Change) {
  const passwordRef = password === "same" ? (store.settings().proxy?.passwordRef ?? null) : null;
  const wanted = settings.proxy === null ? settings : { ...settings, proxy: { ...settings.proxy, passwordRef } };
  const secrets: Partial<Record<Change["password"], SecretsChange>> = {
    new: { proxyPassword: `${canary}-${store.revision()}` },
    forget: "forget",
  };
  return store.begin(wanted, secrets[password]);
}

/** Carries the change out as the network does; whether it was kept. */
export async function makeChange(store: SettingsStore, change: Change): Promise<boolean> {
  const begun = await beginChange(store, change);
  if (!begun.ok) return false;
  const kept = change.end === "commit" && (await begun.value.commit()).ok;
  if (!kept) await begun.value.abandon();
  if (change.reached) await store.reached();
  return kept;
}

export interface History {
  /** The machine could seal its secrets. */
  readonly seals?: boolean;
  readonly changes: readonly Change[];
  /** The power goes at this operation of one more change. */
  readonly cut: { readonly change: Change; readonly after: number; readonly seed: number } | null;
}

export const anyHistory: fc.Arbitrary<History> = fc.record({
  seals: fc.boolean(),
  changes: fc.array(anyChange, { minLength: 1, maxLength: 4 }),
  cut: fc.option(fc.record({ change: anyChange, after: fc.nat({ max: 40 }), seed: fc.integer() }), { nil: null }),
});

/** The disk that these changes leave. */
export async function diskAfter({ seals = true, changes, cut }: History): Promise<MemoryFiles> {
  const files = createMemoryFiles();
  const store = await open(files, silentLog, seals);
  for (const change of changes) await makeChange(store, change);
  if (cut === null) return files.afterPowerCut();
  files.cutPowerAfter(files.operations().length + cut.after);
  await makeChange(store, cut.change);
  return files.afterPowerCut(randomFate(cut.seed));
}

/** All that is in force. */
export const inForce = (store: SettingsStore) => ({ settings: store.settings(), password: store.proxyPassword() });
