import type * as z from "zod";
import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { StorageFacts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { factorySettings, type Settings } from "../model/settings.ts";
import { decodeDocument, encodeDocument, maxDocumentBytes } from "./document.ts";
import { createDurableFolder, type DurableFolder } from "./durable.ts";
import type { StorageGuard } from "./guard.ts";
import { createStoreSchemas, type StoredSettings, schemaVersion } from "./schema.ts";

/**
 * The files of the store. Unreadable ones are kept aside for support under their name and `.damaged`, one of each.
 * `rejected` is the journal of the last change that did not stand.
 */
export const storeFiles = {
  current: "settings.json",
  previous: "settings.previous.json",
  journal: "change.json",
  lastGood: "last-good.json",
  rejected: "rejected.json",
} as const;

export interface StoreParts {
  readonly folder: DurableFolder;
  readonly guard: StorageGuard;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Recovered {
  readonly loaded: StorageFacts["loaded"];
  readonly committed: StoredSettings;
  readonly lastGood: Settings | null;
  /** The generation before the committed one; null where there is none. */
  readonly previous: Settings | null;
  /** A reset was cut short and is finished: no secret but those that the committed settings name may be left. */
  readonly reset: boolean;
}

type Found<T> =
  | { readonly kind: "good"; readonly document: T }
  | { readonly kind: "absent" }
  /** `refusal`: the machine would not let us read it; null when what we read is damaged. */
  | { readonly kind: "unreadable"; readonly detail: string; readonly refusal: HalError | null };

/**
 * The settings that a store opened now would hold, without a touch on the disk. Rejects with a HalError of kind `denied`
 * when they are not ours to read.
 */
export async function readSettings(files: Files, directory: string): Promise<Settings> {
  const folder = createDurableFolder(files, directory);
  const { stored } = createStoreSchemas();
  const current = await find(folder, storeFiles.current, stored);
  const previous = await find(folder, storeFiles.previous, stored);
  for (const found of [current, previous]) {
    if (found.kind === "unreadable" && found.refusal?.kind === "denied") throw found.refusal;
  }
  return choose(current, previous).document?.settings ?? factorySettings();
}

/**
 * Reads the store and leaves it as if nothing had happened: the best generation is the current one, unreadable files are
 * aside, a reset that was cut short is finished, and there is no journal. Never fails for the disk's sake.
 */
export async function recover(parts: StoreParts): Promise<Recovered> {
  const { folder, guard, log } = parts;
  const schemas = createStoreSchemas();
  await guard.store("opening the store", () => folder.prepare());

  const current = await find(folder, storeFiles.current, schemas.stored);
  const previous = await find(folder, storeFiles.previous, schemas.stored);
  const lastGood = await find(folder, storeFiles.lastGood, schemas.stored);
  const journal = await find(folder, storeFiles.journal, schemas.journal);
  const { loaded, document } = choose(current, previous);
  const committed = document ?? documentOf(factorySettings(), 0, parts.clock);

  for (const [file, found, aside] of [
    [storeFiles.current, current, `${storeFiles.current}.damaged`],
    [storeFiles.previous, previous, `${storeFiles.previous}.damaged`],
    [storeFiles.lastGood, lastGood, `${storeFiles.lastGood}.damaged`],
    [storeFiles.journal, journal, null],
  ] as const) {
    if (found.kind !== "unreadable") continue;
    log.error({ file, detail: found.detail }, "settings: a file cannot be read; it is kept aside");
    if (aside !== null) await setAside(parts, file, aside);
  }
  if (loaded !== "current") {
    if (loaded === "new") log.info({}, "a new store, with the factory's settings");
    else log.warn({ loaded, revision: committed.revision }, "the settings in force are not those of the current file");
    await guard.store("repairing the store", async () => {
      await folder.replace(storeFiles.current, encodeDocument(committed));
      await folder.settle();
    });
  }

  const found = {
    committed,
    lastGood: lastGood.kind === "good" ? lastGood.document.settings : null,
    previous: previous.kind === "good" ? previous.document.settings : null,
  };
  if (journal.kind === "absent") return { ...found, loaded, reset: false };
  if (journal.kind === "good" && journal.document.revision <= committed.revision) {
    // The power went between the commit and the end of the journal: the change stands.
    await guard.attempt("ending the journal", () => folder.remove(storeFiles.journal));
    return { ...found, loaded, reset: journal.document.intent === "reset" };
  }
  if (journal.kind === "good" && journal.document.intent === "reset") {
    const { settings, revision } = journal.document;
    log.warn({ revision }, "a reset was cut short; it is finished");
    const done = documentOf(settings, revision, parts.clock);
    const stored = await guard.store("finishing the reset", async () => {
      await folder.replace(storeFiles.current, encodeDocument(done));
      await folder.settle();
    });
    // As long as the disk refuses the journal stays, and says the same again at the next start.
    if (stored.ok) await guard.attempt("ending the journal", () => folder.remove(storeFiles.journal));
    return { ...found, committed: done, loaded: "current", reset: stored.ok };
  }
  log.warn({ revision: committed.revision }, "a change was cut short; the settings before it stand");
  await setAside(parts, storeFiles.journal, storeFiles.rejected);
  return { ...found, loaded: loaded === "current" || loaded === "new" ? "reverted" : loaded, reset: false };
}

export async function setAside({ folder, guard }: StoreParts, name: string, as: string): Promise<void> {
  await guard.attempt(`keeping ${name} aside`, async () => {
    await folder.rename(name, as);
    await folder.settle();
  });
}

export function documentOf(settings: Settings, revision: number, clock: Clock): StoredSettings {
  return { schema: schemaVersion, revision, savedAt: new Date(clock.now()).toISOString(), settings };
}

async function find<T>(folder: DurableFolder, file: string, schema: z.ZodType<T>): Promise<Found<T>> {
  try {
    const decoded = decodeDocument(schema, await folder.read(file, maxDocumentBytes));
    if (decoded.ok) return { kind: "good", document: decoded.value };
    return { kind: "unreadable", detail: decoded.error.detail, refusal: null };
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    if (error.kind === "absent") return { kind: "absent" };
    return { kind: "unreadable", detail: error.message, refusal: error };
  }
}

/** The best generation; no document stands for the factory's settings. */
function choose(
  current: Found<StoredSettings>,
  previous: Found<StoredSettings>,
): { readonly loaded: StorageFacts["loaded"]; readonly document: StoredSettings | null } {
  if (current.kind === "good") return { loaded: "current", document: current.document };
  if (previous.kind === "good") return { loaded: "previous", document: previous.document };
  return { loaded: current.kind === "absent" && previous.kind === "absent" ? "new" : "factory", document: null };
}
