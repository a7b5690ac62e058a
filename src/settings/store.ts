import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import type { SecretsChange } from "../model/effect.ts";
import type { SecretFacts, StorageFacts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { ok, type Result } from "../model/result.ts";
import type { Sealer } from "../model/sealer.ts";
import type { Settings } from "../model/settings.ts";
import { encodeDocument } from "./document.ts";
import { createDurableFolder } from "./durable.ts";
import { createStorageGuard } from "./guard.ts";
import { documentOf, recover, repair, type StoreParts, setAside, storeFiles } from "./recover.ts";
import { type Journal, schemaVersion } from "./schema.ts";
import { readSecrets } from "./secrets.ts";

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
  /** Of the settings in force; null: none is stored, or `openSecrets` could not open it. */
  proxyPassword(): string | null;
  /** How the secrets of the settings in force are kept. */
  secrets(): SecretFacts;
  /** Opens what the settings in force need, which the start does not wait for. Takes as long as the sealer does, never rejects. */
  openSecrets(): Promise<void>;
  /** Seals what lies in clear, where the machine can by now. Never rejects for the disk's sake. */
  sealSecrets(): Promise<void>;
  /**
   * Writes down that a change to `settings` begins. The error is a sentence for people; then nothing may be touched.
   * One change at a time: the one before has to be committed or abandoned. A new password gets its reference here; a
   * reference in `settings` that leads nowhere is dropped.
   */
  begin(settings: Settings, secrets?: SecretsChange): Promise<Result<OpenChange, string>>;
  /**
   * Marks the settings in force as the last good ones. Not being able to store that is a storage problem, no error. A
   * problem that stands is looked at again.
   */
  reached(): Promise<void>;
}

/**
 * A change in the journal. `commit` is called once, or `abandon`, or `abandon` after a commit that failed. A reset (secrets
 * `forget`) is only committed: its journal puts it in force at the next start, whatever happens now.
 */
export interface OpenChange {
  /** Puts the new settings in force. On an error, which a reset does not have, the old ones are. */
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
  /** null, the default: secrets lie in files of mode 0600. */
  readonly sealer?: Sealer | null;
  /** Is told each secret as soon as it is known, so that no log holds it. */
  readonly hide?: (secret: string) => void;
}

/** Opens the store. A damaged, full or read-only disk is no failure: see {@link SettingsStore.storage}. */
export async function openSettingsStore({
  files,
  directory,
  clock,
  log,
  sealer = null,
  hide = () => {},
}: SettingsStoreDeps): Promise<SettingsStore> {
  const folder = createDurableFolder(files, directory);
  const guard = createStorageGuard(directory, log);
  const parts: StoreParts = { folder, guard, clock, log };
  const recovered = await recover(parts);
  const secrets = await readSecrets({ folder, log, sealer, hide });

  let committed = { ...recovered.committed, settings: secrets.known(recovered.committed.settings) };
  let previous = recovered.previous;
  let lastGood = recovered.lastGood;
  let lastGoodOnDisk = recovered.lastGood;
  let marking = Promise.resolve();
  let open = false;
  let repaired = recovered.repaired;
  if (committed.settings.proxy?.passwordRef !== recovered.committed.settings.proxy?.passwordRef) {
    log.error({}, "settings: the proxy's password is lost; it has to be entered again");
  }

  const reference = () => committed.settings.proxy?.passwordRef ?? null;
  /** Every generation keeps its secrets, so that it can be gone back to. */
  const generations = () => [committed.settings, previous, lastGoodOnDisk, lastGood].filter((one) => one !== null);
  await secrets.keep(recovered.reset ? [committed.settings] : [...generations(), recovered.committed.settings]);

  /** Of a change that has ended, one way or the other. */
  const removeJournal = async () => {
    await folder.remove(storeFiles.journal);
    await folder.settle();
  };

  const openChange = (settings: Settings, revision: number, isReset: boolean): OpenChange => ({
    commit: async () => {
      const next = documentOf(settings, revision, clock);
      const stored = await guard.store("committing the change", async () => {
        await folder.replace(storeFiles.previous, encodeDocument(committed));
        await folder.replace(storeFiles.current, encodeDocument(next));
      });
      if (!stored.ok && !isReset) return stored;
      // From here the new settings are what the next start reads, so they are in force even if the disk fails below.
      previous = committed.settings;
      committed = next;
      repaired = stored.ok;
      open = false;
      if (!stored.ok) return ok(null);
      const safe = await guard.attempt("ending the journal", async () => {
        // The new settings have to be safe before the journal goes. That it is gone need not be safe: its revision tells.
        await folder.settle();
        await folder.remove(storeFiles.journal);
      });
      if (safe.ok) await secrets.keep(isReset ? [settings] : generations());
      return ok(null);
    },
    abandon: async () => {
      if (isReset) throw new Error("a reset that was begun cannot be abandoned");
      open = false;
      await setAside(parts, storeFiles.journal, storeFiles.rejected);
      await secrets.keep(generations());
    },
  });

  return {
    storage: () => ({ loaded: recovered.loaded, problem: guard.problem() }),
    settings: () => committed.settings,
    revision: () => committed.revision,
    lastGood: () => (lastGood === null ? null : secrets.known(lastGood)),
    proxyPassword: () => secrets.get(reference()),
    secrets: () => ({ kept: secrets.kept(reference()), problem: secrets.problem(reference()) }),
    openSecrets: () => secrets.open(reference()),
    sealSecrets: () => secrets.seal(),
    begin: async (wanted, change) => {
      if (open) throw new Error("a change is open already");
      open = true;
      // A repair of the current file must not meet with its replacement.
      await marking;
      const revision = committed.revision + 1;
      const startedAt = new Date(clock.now()).toISOString();
      let settings = wanted;
      /** The next start finds the journal, unless the disk loses what it was not made to keep. */
      let isWritten = false;
      let isTried = false;
      const stored = await guard.store("beginning a change", async () => {
        // The journal that stands for what is in force must not go before that is safe without it.
        if (!repaired) await repair(folder, committed);
        repaired = true;
        settings = await secrets.put(wanted, change);
        const intent = change === "forget" ? "reset" : "change";
        const journal: Journal = { schema: schemaVersion, intent, revision, startedAt, settings };
        isTried = true;
        await folder.replace(storeFiles.journal, encodeDocument(journal));
        isWritten = true;
        await folder.settle();
      });
      if (stored.ok) return ok(openChange(settings, revision, change === "forget"));
      // It may be there already: the next start would take a change back that never began.
      await guard.attempt("taking the journal back", async () => {
        // What stands there may be what the settings in force come from.
        if (!isTried) return;
        await folder.remove(storeFiles.journal);
        isWritten = false;
        await folder.settle();
      });
      // Then it would finish a reset of which we had said that it was not begun.
      if (isWritten && change === "forget") return ok(openChange(settings, revision, true));
      open = false;
      await secrets.keep(generations());
      return stored;
    },
    reached: () => {
      const document = committed;
      lastGood = document.settings;
      // One after the other: two writers of one file would tear it.
      marking = marking.then(async () => {
        // Nothing may be to be stored for months: a disk that has room again is found out by trying.
        if (guard.problem() !== null) {
          const writable = await guard.store("trying the disk again", async () => {
            await folder.prepare();
            // What is in force may not be safe yet, or not on the disk at all.
            await folder.settle();
            if (open) return;
            if (!repaired) await repair(folder, committed);
            repaired = true;
            await removeJournal();
          });
          if (!writable.ok) return;
        }
        if (isDeepStrictEqual(lastGoodOnDisk, document.settings)) return;
        const stored = await guard.store("storing the last good settings", async () => {
          await folder.replace(storeFiles.lastGood, encodeDocument(document));
          await folder.settle();
        });
        if (!stored.ok) return;
        lastGoodOnDisk = document.settings;
        // Not under a change: what it has stored is named by no generation yet.
        if (!open) await secrets.keep(generations());
      });
      return marking;
    },
  };
}
