import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Small, since a replay copies it for each cut; ext4 makes no journal on anything much smaller. */
const size = "16M";

/** Makes the disk that a guest mounts on its state directory, empty. */
export async function makeStateDisk(path: string): Promise<void> {
  // All at once: the kernel would go on making the file system in the background, among the writes that are recorded.
  await run("mke2fs", ["-q", "-t", "ext4", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-L", "state", path, size]);
}

/** Makes it one that a check cannot mend by itself: e2fsck -a ends with 4 (e2fsck(8)), and asks for a person. */
export async function breakDisk(path: string): Promise<void> {
  for (const request of ["clri <2>", "set_super_value state 0"]) await run("debugfs", ["-w", "-R", request, path]);
}

/** What the next boot does after a power cut: plays the journal. Rejects when that does not make the file system whole. */
export async function recoverDisk(path: string): Promise<void> {
  await run("e2fsck", ["-fy", path]).catch((error: { readonly code?: unknown; readonly stdout?: string }) => {
    // 1: the journal was played, and the counts of what is free were set right, which the kernel does as it goes.
    if (error.code !== 1) throw new Error(`e2fsck: ${error.code}\n${error.stdout}`);
  });
}

/** Copies a folder of a disk that is not mounted into `target`, which is made. */
export async function copyFromDisk(path: string, folder: string, target: string): Promise<void> {
  await mkdir(target);
  await run("debugfs", ["-R", `rdump ${folder} ${target}`, path]);
}
