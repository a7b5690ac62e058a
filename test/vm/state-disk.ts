import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
/** The smallest that leaves the ext4 journal room for what is tried. */
const size = "64M";

/** Makes the disk that a guest mounts on its state directory, empty. */
export async function makeStateDisk(path: string): Promise<void> {
  // All at once: the kernel would go on making the file system in the background, among the writes that are recorded.
  await run("mke2fs", ["-q", "-t", "ext4", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-L", "state", path, size]);
}

/** Does what the first mount after a power cut does: plays the journal. Rejects when the file system is damaged beyond that. */
export async function recoverDisk(path: string): Promise<void> {
  // 1: the journal was played, or something else mended; that is the rule and no damage.
  const mended = await run("e2fsck", ["-fy", path]).then(
    () => 0,
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code !== 1) throw new Error(`e2fsck ${path}: ${error.code}\n${error.stdout}`);
      return 1;
    },
  );
  void mended;
}

/** Copies a folder of a disk that is not mounted into `target`, which is made. */
export async function copyFromDisk(path: string, folder: string, target: string): Promise<void> {
  await mkdir(target);
  await run("debugfs", ["-R", `rdump ${folder} ${target}`, path]);
}
