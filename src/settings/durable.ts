import { posix } from "node:path";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";

/** Settings are nobody's business but ours. */
const fileMode = 0o600;
const folderMode = 0o700;
/** Room that a change needs: journal, new generation and the copy of the old one. */
const probeBytes = 16 * 1024;
const probeName = "probe.tmp";

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
  /** `replace` and `setAside` may be lost or appear in any order until this has returned. */
  settle(): Promise<void>;
  /** Renames `name` to `as`, in the place of what was there. A folder that is one of the two stays, under a name of its own. */
  setAside(name: string, as: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes the folder if need be, and tries whether it can be written. */
  prepare(): Promise<void>;
}

export function createDurableFolder(files: Files, directory: string): DurableFolder {
  const pathOf = (name: string) => posix.join(directory, name);

  const isFolder = async (name: string) => {
    try {
      await files.list(pathOf(name));
      return true;
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      return false;
    }
  };

  const setAside = async (name: string, as: string) => {
    try {
      await files.rename(pathOf(name), pathOf(as));
    } catch (error) {
      // rename(2) puts a file on a file and a folder on an empty folder, and nothing else.
      if (!(await isFolder(name)) && !(await isFolder(as))) throw error;
      const taken = new Set(await files.list(directory));
      let number = 2;
      while (taken.has(`${as}.${number}`)) number += 1;
      await files.rename(pathOf(name), pathOf(`${as}.${number}`));
    }
  };

  /**
   * Tries again, once, what failed for something that can be moved out of the way: a folder where a damaged file system shows
   * one in the place of a file, and what another user (root, by hand) left under a temporary name, which the attempt removes.
   */
  const pastObstacles = async (names: readonly string[], attempt: () => Promise<void>) => {
    try {
      await attempt();
    } catch (error) {
      let moved = error instanceof HalError && error.kind === "denied";
      for (const name of names) {
        if (!(await isFolder(name))) continue;
        await setAside(name, `${name}.damaged`);
        moved = true;
      }
      if (!moved) throw error;
      await attempt();
    }
  };

  const write = async (name: string, bytes: Uint8Array) => {
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
    replace: (name, bytes) => pastObstacles([`${name}.tmp`, name], () => write(name, bytes)),
    settle: () => files.syncDirectory(directory),
    setAside,
    remove: (name) => files.remove(pathOf(name)),
    prepare: async () => {
      await make();
      await pastObstacles([probeName], async () => {
        const probe = pathOf(probeName);
        try {
          await files.write(probe, new Uint8Array(probeBytes), fileMode);
          // Space is only promised, not taken, until the bytes are on the disk (delayed allocation).
          await files.sync(probe);
        } finally {
          await ignoringHalErrors(() => files.remove(probe));
        }
      });
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
