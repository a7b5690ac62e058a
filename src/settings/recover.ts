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
import { createStoreSchemas, type Journal, type StoredSettings, type StoreSchemas, schemaVersion } from "./schema.ts";

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

const damagedSuffix = ".damaged";

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
  /** The current file holds `committed`. False where it is lost and the disk did not take another one yet. */
  readonly repaired: boolean;
}

let schemasMade: StoreSchemas | undefined;
/** They take milliseconds to make, and any number of stores can share them. */
function storeSchemas(): StoreSchemas {
  schemasMade ??= createStoreSchemas();
  return schemasMade;
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
  const { current, previous } = await findGenerations(folder, storeSchemas().stored);
  for (const found of [current, previous]) {
    if (found.kind === "unreadable" && found.refusal?.kind === "denied") throw found.refusal;
  }
  const best = [current, previous].find((found) => found.kind === "good");
  const journal = await find(folder, storeFiles.journal, createStoreSchemas().journal);
  const reset = journal.kind === "good" ? unfinishedReset(journal.document, best?.document.revision ?? 0) : null;
  return (reset ?? best?.document)?.settings ?? factorySettings();
}

/**
 * Reads the store and leaves it as if nothing had happened: the best generation is the current one, unreadable files are
 * aside, a reset that was cut short is finished, and there is no journal. Never fails for the disk's sake.
 */
export async function recover(parts: StoreParts): Promise<Recovered> {
  const { folder, guard, log } = parts;
  const schemas = storeSchemas();
  await guard.store("opening the store", () => folder.prepare());

  const { current, previous } = await findGenerations(folder, schemas.stored);
  const lastGood = await find(folder, storeFiles.lastGood, schemas.stored);
  const journal = await find(folder, storeFiles.journal, schemas.journal);
  const rejected = await find(folder, storeFiles.rejected, schemas.journal);
  const isUsed =
    wasReached(lastGood, 1) || wasReached(journal, 2) || wasReached(rejected, 2) || (await hasDamaged(folder));
  const { loaded, document } = choose({ current, previous }, isUsed);
  const found = document ?? documentOf(factorySettings(), 0, parts.clock);
  const change = journal.kind === "good" ? journal.document : null;
  const isOver = change !== null && change.revision <= found.revision;
  const unfinished = change === null ? null : unfinishedReset(change, found.revision);
  const isCutShort = journal.kind !== "absent" && !isOver && unfinished === null;
  const committed = unfinished === null ? found : documentOf(unfinished.settings, unfinished.revision, parts.clock);

  // After a power cut at any step of this the next start has to come to the same end. So the journal goes before there is a
  // current file that it could be taken to follow.
  for (const [file, found] of [
    [storeFiles.current, current],
    [storeFiles.previous, previous],
    [storeFiles.lastGood, lastGood],
    [storeFiles.journal, journal],
  ] as const) {
    if (found.kind !== "unreadable") continue;
    log.error({ file, detail: found.detail }, "settings: a file cannot be read; it is kept aside");
    if (file !== storeFiles.journal) await setAside(parts, file, `${file}${damagedSuffix}`);
  }
  if (isCutShort) {
    log.warn({ revision: committed.revision }, "a change was cut short; the settings before it stand");
    await setAside(parts, storeFiles.journal, storeFiles.rejected);
  } else if (isOver) {
    // The power went between the commit and the end of the journal: the change stands.
    await guard.attempt("ending the journal", () => folder.remove(storeFiles.journal));
  }
  let repaired = true;
  if (unfinished !== null) {
    log.warn({ revision: committed.revision }, "a reset was cut short; it is finished");
    repaired = (await guard.store("finishing the reset", () => repair(folder, committed))).ok;
    // Where the disk refuses the journal stays, and the next start finishes it.
    if (repaired) await guard.attempt("ending the journal", () => folder.remove(storeFiles.journal));
  } else if (loaded !== "current") {
    if (loaded === "new") log.info({}, "a new store, with the factory's settings");
    else log.warn({ loaded, revision: committed.revision }, "the settings in force are not those of the current file");
    repaired = (await guard.store("repairing the store", () => repair(folder, committed))).ok;
  }

  return {
    loaded: isCutShort && (loaded === "current" || loaded === "new") ? "reverted" : loadedOf(loaded, unfinished),
    committed,
    repaired,
    reset: change?.intent === "reset" && (isOver || repaired),
    lastGood: lastGood.kind === "good" ? lastGood.document.settings : null,
    previous: previous.kind === "good" ? previous.document.settings : null,
  };
}

function unfinishedReset(change: Journal, revision: number): Journal | null {
  return change.intent === "reset" && change.revision > revision ? change : null;
}

/** What a reset puts in force is what the person asked for, whatever was found beside it. */
function loadedOf(loaded: StorageFacts["loaded"], reset: Journal | null): StorageFacts["loaded"] {
  return reset === null ? loaded : "current";
}

export async function setAside({ folder, guard }: StoreParts, name: string, as: string): Promise<void> {
  await guard.attempt(`keeping ${name} aside`, async () => {
    await folder.setAside(name, as);
    await folder.settle();
  });
}

/** Writes the current file anew. Rejects with a HalError. */
export async function repair(folder: DurableFolder, committed: StoredSettings): Promise<void> {
  await folder.replace(storeFiles.current, encodeDocument(committed));
  await folder.settle();
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

interface Generations {
  readonly current: Found<StoredSettings>;
  readonly previous: Found<StoredSettings>;
}

/** The store never writes a current generation that is older than the one before it: such a file is not what it was. */
async function findGenerations(folder: DurableFolder, stored: z.ZodType<StoredSettings>): Promise<Generations> {
  const current = await find(folder, storeFiles.current, stored);
  const previous = await find(folder, storeFiles.previous, stored);
  if (current.kind !== "good" || previous.kind !== "good") return { current, previous };
  if (current.document.revision >= previous.document.revision) return { current, previous };
  const detail = "it is older than the generation before it";
  return { current: { kind: "unreadable", detail, refusal: null }, previous };
}

/** The best generation; no document stands for the factory's settings. */
function choose({ current, previous }: Generations, isUsed: boolean) {
  const result = (loaded: StorageFacts["loaded"], document: StoredSettings | null) => ({ loaded, document });
  if (current.kind === "good") return result("current", current.document);
  if (previous.kind === "good") return result("previous", previous.document);
  const isNew = current.kind === "absent" && previous.kind === "absent" && !isUsed;
  return result(isNew ? "new" : "factory", null);
}

/**
 * Whether what was found is of a store that had come to this revision. Both generations may be missing because they were
 * never written, as on a disk that was full from the first start on: there, a change that was begun has revision 1.
 */
function wasReached(found: Found<{ readonly revision: number }>, revision: number): boolean {
  return found.kind === "unreadable" || (found.kind === "good" && found.document.revision >= revision);
}

/** Whether a start before this one has set something aside. */
async function hasDamaged(folder: DurableFolder): Promise<boolean> {
  try {
    return (await folder.list()).some((name) => name.endsWith(damagedSuffix));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return false;
  }
}
