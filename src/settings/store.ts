import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import type { Clock } from "../../hal/clock.ts";
import { HalError, type HalErrorKind } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { StorageFacts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { factorySettings, type Settings } from "../model/settings.ts";
import { decodeDocument, encodeDocument, maxDocumentBytes } from "./document.ts";
import { createDurableFolder } from "./durable.ts";
import { type Journal, journalSchema, type StoredSettings, schemaVersion, storedSettingsSchema } from "./schema.ts";

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

/**
 * The settings on the disk. A power cut at any moment leaves the old or the new settings, whole. The settings in force are
 * the committed ones; a change that was begun does not count until `commit`.
 */
export interface SettingsStore {
  /** How the store was found and whether it can be written now. */
  storage(): StorageFacts;
  /** The settings in force. */
  settings(): Settings;
  /** Counts the changes that were kept. */
  revision(): number;
  /** The last settings that reached the platform; null when there are none. */
  lastGood(): Settings | null;
  /**
   * Writes down that a change to `settings` begins. The error is a sentence for people; then nothing may be touched.
   * One change at a time: the one before has to be committed or abandoned.
   */
  begin(settings: Settings): Promise<Result<OpenChange, string>>;
  /** Marks the settings in force as the last good ones. Not being able to store that is a storage problem, no error. */
  reached(): Promise<void>;
}

/** A change in the journal. One of the two is called, once. */
export interface OpenChange {
  /** Puts the new settings in force. On an error the old ones are, and `abandon` is still to be called. */
  commit(): Promise<Result<null, string>>;
  /** Lets the old settings stand; the journal is kept aside for support. */
  abandon(): Promise<void>;
}

export interface SettingsStoreDeps {
  readonly files: Files;
  /** Absolute. Made when it is missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Found<T> =
  | { readonly kind: "good"; readonly document: T }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable" };

/** Opens the store. A damaged, full or read-only disk is no failure: see {@link SettingsStore.storage}. */
export async function openSettingsStore({ files, directory, clock, log }: SettingsStoreDeps): Promise<SettingsStore> {
  const folder = createDurableFolder(files, directory);
  let problem: string | null = null;

  /** Carries out `write`; a machine's error becomes the storage problem, success clears it. */
  const storing = async (what: string, write: () => Promise<void>): Promise<Result<null, string>> => {
    try {
      await write();
      problem = null;
      return ok(null);
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      problem = `settings cannot be stored: ${reasonOf(error.kind)}`;
      log.error({ directory, kind: error.kind, detail: error.message }, `${what}: ${problem}`);
      return failed(problem);
    }
  };

  const find = async <T>(name: string, schema: z.ZodType<T>): Promise<Found<T>> => {
    let detail: string;
    try {
      const decoded = decodeDocument(schema, await folder.read(name, maxDocumentBytes));
      if (decoded.ok) return { kind: "good", document: decoded.value };
      detail = decoded.error.detail;
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      if (error.kind === "absent") return { kind: "absent" };
      detail = error.message;
    }
    log.error({ directory, file: name, detail }, `${name} cannot be read; it is kept aside`);
    return { kind: "unreadable" };
  };

  const setAside = (name: string, as: string) =>
    storing(`keeping ${name} aside`, async () => {
      await folder.rename(name, as);
      await folder.settle();
    });

  await storing("opening the store", () => folder.prepare());
  const current = await find(storeFiles.current, storedSettingsSchema);
  const previous = await find(storeFiles.previous, storedSettingsSchema);
  const good = await find(storeFiles.lastGood, storedSettingsSchema);
  const journal = await find(storeFiles.journal, journalSchema);

  let { loaded, committed } = choose(current, previous, clock);
  let lastGoodOnDisk = good.kind === "good" ? good.document.settings : null;
  let lastGood = lastGoodOnDisk;
  let marking = Promise.resolve();

  for (const [name, found] of [
    [storeFiles.current, current],
    [storeFiles.previous, previous],
    [storeFiles.lastGood, good],
  ] as const) {
    if (found.kind === "unreadable") await setAside(name, `${name}.damaged`);
  }
  if (loaded !== "current") {
    log.warn({ loaded, revision: committed.revision }, "the settings in force are not those of the current file");
    await storing("repairing the store", async () => {
      await folder.replace(storeFiles.current, encodeDocument(committed));
      await folder.settle();
    });
  }
  if (journal.kind === "good" && journal.document.revision <= committed.revision) {
    // The power went between the commit and the end of the journal: the change stands.
    await storing("ending the journal", () => folder.remove(storeFiles.journal));
  } else if (journal.kind !== "absent") {
    log.warn({ revision: committed.revision }, "a change was cut short; the settings before it stand");
    if (loaded === "current" || loaded === "new") loaded = "reverted";
    await setAside(storeFiles.journal, storeFiles.rejected);
  }

  let open = false;
  const openChange = (settings: Settings, revision: number): OpenChange => ({
    commit: async () => {
      const next = documentOf(settings, revision, clock);
      const stored = await storing("committing the change", async () => {
        await folder.replace(storeFiles.previous, encodeDocument(committed));
        await folder.replace(storeFiles.current, encodeDocument(next));
      });
      if (!stored.ok) return stored;
      // From here the new settings are what the next start reads, so they are in force even if the disk fails below.
      committed = next;
      open = false;
      await storing("ending the journal", async () => {
        // The new settings have to be safe before the journal goes. That the journal is gone need not be: its revision tells.
        await folder.settle();
        await folder.remove(storeFiles.journal);
      });
      return ok(null);
    },
    abandon: async () => {
      open = false;
      await setAside(storeFiles.journal, storeFiles.rejected);
    },
  });

  return {
    storage: () => ({ loaded, problem }),
    settings: () => committed.settings,
    revision: () => committed.revision,
    lastGood: () => lastGood,
    begin: async (settings) => {
      if (open) throw new Error("a change is open already");
      open = true;
      const revision = committed.revision + 1;
      const startedAt = new Date(clock.now()).toISOString();
      const entry: Journal = { schema: schemaVersion, intent: "change", revision, startedAt, settings };
      const stored = await storing("beginning a change", async () => {
        await folder.replace(storeFiles.journal, encodeDocument(entry));
        await folder.settle();
      });
      if (stored.ok) return ok(openChange(settings, revision));
      open = false;
      return stored;
    },
    reached: () => {
      const document = committed;
      lastGood = document.settings;
      marking = marking.then(async () => {
        if (isDeepStrictEqual(lastGoodOnDisk, document.settings)) return;
        const stored = await storing("storing the last good settings", async () => {
          await folder.replace(storeFiles.lastGood, encodeDocument(document));
          await folder.settle();
        });
        if (stored.ok) lastGoodOnDisk = document.settings;
      });
      return marking;
    },
  };
}

function choose(
  current: Found<StoredSettings>,
  previous: Found<StoredSettings>,
  clock: Clock,
): { loaded: StorageFacts["loaded"]; committed: StoredSettings } {
  if (current.kind === "good") return { loaded: "current", committed: current.document };
  if (previous.kind === "good") return { loaded: "previous", committed: previous.document };
  const committed = documentOf(factorySettings(), 0, clock);
  return { loaded: current.kind === "absent" && previous.kind === "absent" ? "new" : "factory", committed };
}

function documentOf(settings: Settings, revision: number, clock: Clock): StoredSettings {
  return { schema: schemaVersion, revision, savedAt: new Date(clock.now()).toISOString(), settings };
}

function reasonOf(kind: HalErrorKind): string {
  if (kind === "full") return "disk full";
  if (kind === "readOnly") return "disk is read-only";
  if (kind === "denied") return "no permission";
  return "disk error";
}
