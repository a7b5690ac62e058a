import { posix } from "node:path";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";

/** Settings are nobody's business but ours. */
const fileMode = 0o600;
const folderMode = 0o700;
/** Room that a change needs: journal, new generation and the copy of the old one. */
const probeBytes = 16 * 1024;

/**
 * The files of one folder, written so that a power cut at any moment leaves each of them whole: the old one or the new one.
 * All methods reject with a HalError.
 */
export interface DurableFolder {
  /** Names of its files, sorted. */
  list(): Promise<readonly string[]>;
  read(name: string, maxBytes: number): Promise<Uint8Array>;
  /** Puts `bytes` under `name` at once. A power cut may still bring the old content back until `settle`. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** `replace` and `rename` may be lost or appear in any order until this has returned. */
  settle(): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes the folder if need be, and tries whether it can be written. */
  prepare(): Promise<void>;
}

export function createDurableFolder(files: Files, directory: string): DurableFolder {
  const pathOf = (name: string) => posix.join(directory, name);

  const replace = async (name: string, bytes: Uint8Array) => {
    // A name of its own for each file, always the same: what a crash leaves behind is overwritten, never piled up.
    const fresh = pathOf(`${name}.tmp`);
    try {
      await files.write(fresh, bytes, fileMode);
      await files.sync(fresh);
      await files.rename(fresh, pathOf(name));
    } catch (error) {
      // On a full disk the half-written file would hold the space that the next attempt needs.
      await ignoringHalErrors(() => files.remove(fresh));
      throw error;
    }
  };

  const make = async () => {
    try {
      await files.list(directory);
    } catch (error) {
      if (!(error instanceof HalError && error.kind === "absent")) throw error;
      await files.makeDirectory(directory, folderMode);
      // A new folder is only safe with its name in the folder above, and so on up. Those above may not be ours to sync.
      for (let above = posix.dirname(directory); above !== "/"; above = posix.dirname(above)) {
        await ignoringHalErrors(() => files.syncDirectory(above));
      }
      await ignoringHalErrors(() => files.syncDirectory("/"));
    }
  };

  return {
    list: () => files.list(directory),
    read: (name, maxBytes) => files.read(pathOf(name), maxBytes),
    replace,
    settle: () => files.syncDirectory(directory),
    rename: (from, to) => files.rename(pathOf(from), pathOf(to)),
    remove: (name) => files.remove(pathOf(name)),
    prepare: async () => {
      await make();
      const probe = pathOf("probe.tmp");
      try {
        await files.write(probe, new Uint8Array(probeBytes), fileMode);
        // Space is only promised, not taken, until the bytes are on the disk (delayed allocation).
        await files.sync(probe);
      } finally {
        await ignoringHalErrors(() => files.remove(probe));
      }
    },
  };
}

async function ignoringHalErrors(attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
  }
}
