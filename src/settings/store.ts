import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import type { StorageFacts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { ok, type Result } from "../model/result.ts";
import type { Settings } from "../model/settings.ts";
import { encodeDocument } from "./document.ts";
import { createDurableFolder } from "./durable.ts";
import { createStorageGuard } from "./guard.ts";
import { documentOf, recover, type StoreParts, setAside, storeFiles } from "./recover.ts";
import { type Journal, schemaVersion } from "./schema.ts";

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
  /**
   * Marks the settings in force as the last good ones. Not being able to store that is a storage problem, no error. A
   * problem that stands is looked at again.
   */
  reached(): Promise<void>;
}

/** A change in the journal. `commit` is called once, or `abandon`, or `abandon` after a commit that failed. */
export interface OpenChange {
  /** Puts the new settings in force. On an error the old ones are. */
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

/** Opens the store. A damaged, full or read-only disk is no failure: see {@link SettingsStore.storage}. */
export async function openSettingsStore({ files, directory, clock, log }: SettingsStoreDeps): Promise<SettingsStore> {
  const folder = createDurableFolder(files, directory);
  const guard = createStorageGuard(directory, log);
  const parts: StoreParts = { folder, guard, clock, log };
  const recovered = await recover(parts);

  let committed = recovered.committed;
  let lastGood = recovered.lastGood;
  let lastGoodOnDisk = recovered.lastGood;
  let marking = Promise.resolve();
  let open = false;

  const openChange = (settings: Settings, revision: number): OpenChange => ({
    commit: async () => {
      const next = documentOf(settings, revision, clock);
      const stored = await guard.store("committing the change", async () => {
        await folder.replace(storeFiles.previous, encodeDocument(committed));
        await folder.replace(storeFiles.current, encodeDocument(next));
      });
      if (!stored.ok) return stored;
      // From here the new settings are what the next start reads, so they are in force even if the disk fails below.
      committed = next;
      open = false;
      await guard.attempt("ending the journal", async () => {
        // The new settings have to be safe before the journal goes. That it is gone need not be safe: its revision tells.
        await folder.settle();
        await folder.remove(storeFiles.journal);
      });
      return ok(null);
    },
    abandon: async () => {
      open = false;
      await setAside(parts, storeFiles.journal, storeFiles.rejected);
    },
  });

  return {
    storage: () => ({ loaded: recovered.loaded, problem: guard.problem() }),
    settings: () => committed.settings,
    revision: () => committed.revision,
    lastGood: () => lastGood,
    begin: async (settings) => {
      if (open) throw new Error("a change is open already");
      open = true;
      const revision = committed.revision + 1;
      const startedAt = new Date(clock.now()).toISOString();
      const journal: Journal = { schema: schemaVersion, intent: "change", revision, startedAt, settings };
      const stored = await guard.store("beginning a change", async () => {
        await folder.replace(storeFiles.journal, encodeDocument(journal));
        await folder.settle();
      });
      if (stored.ok) return ok(openChange(settings, revision));
      open = false;
      return stored;
    },
    reached: () => {
      const document = committed;
      lastGood = document.settings;
      // One after the other: two writers of one file would tear it.
      marking = marking.then(async () => {
        // Nothing may be to be stored for months: a disk that has room again is found out by trying.
        if (guard.problem() !== null) {
          const writable = await guard.store("trying the disk again", () => folder.prepare());
          if (!writable.ok) return;
        }
        if (isDeepStrictEqual(lastGoodOnDisk, document.settings)) return;
        const stored = await guard.store("storing the last good settings", async () => {
          await folder.replace(storeFiles.lastGood, encodeDocument(document));
          await folder.settle();
        });
        if (stored.ok) lastGoodOnDisk = document.settings;
      });
      return marking;
    },
  };
}
