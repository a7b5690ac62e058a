import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { fromErrno, HalError } from "../errors.ts";
import type { Files } from "../files.ts";

/** The machine's file system. */
export function createFiles(): Files {
  return {
    read: (path, maxBytes) => withFile(path, constants.O_RDONLY, undefined, (file) => readAtMost(file, path, maxBytes)),
    write: (path, bytes, mode) => writeWith(constants.O_TRUNC, path, bytes, mode),
    create: async (path, bytes, mode) => {
      try {
        await writeWith(constants.O_EXCL, path, bytes, mode);
      } catch (error) {
        // Opened and not written: it is ours.
        if (error instanceof HalError && (error.kind === "full" || error.kind === "io")) {
          await unlink(path).catch(() => {});
        }
        throw error;
      }
    },
    // A write-back error that happened before this open is still reported here (errseq_t, Linux 4.13).
    sync: (path) => withFile(path, constants.O_RDONLY, undefined, (file) => file.sync()),
    rename: (from, to) => named(from, rename(from, to)),
    remove: async (path) => {
      try {
        await named(path, unlink(path));
      } catch (error) {
        if (!(error instanceof HalError && error.kind === "absent")) throw error;
      }
    },
    makeDirectory: (path, mode) => named(path, makeFolders(path, mode)),
    syncDirectory: (path) =>
      withFile(path, constants.O_RDONLY | constants.O_DIRECTORY, undefined, (folder) => folder.sync()),
    list: async (path) => (await named(path, readdir(path))).sort(),
  };
}

/**
 * One by one from the top. Node's recursive mkdir goes round for ever, at full load, where a folder that exists answers
 * ENOENT, as those of /proc do.
 */
async function makeFolders(path: string, mode: number): Promise<void> {
  let folder = "";
  for (const name of path.split("/").filter(Boolean)) {
    folder += `/${name}`;
    try {
      await mkdir(folder, mode);
    } catch (error) {
      // Automounters and network file systems answer more than EEXIST for a folder that is there.
      const there = await stat(folder).catch(() => null);
      if (there?.isFile()) throw new HalError("io", folder, "is a file", { cause: error });
      if (!there?.isDirectory()) throw error;
    }
  }
}

async function named<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw fromErrno(path, error);
  }
}

function writeWith(flag: number, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  return withFile(path, constants.O_WRONLY | constants.O_CREAT | flag, mode, async (file) => {
    // open(2) gives the mode to new files only, and takes the umask off.
    await file.chmod(mode);
    await file.writeFile(bytes);
  });
}

function withFile<T>(
  path: string,
  flags: number,
  mode: number | undefined,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const run = async () => {
    const file = await open(path, flags, mode);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  };
  return named(path, run());
}

/** Trusts no size that the kernel states: files of /sys claim 4096 bytes, those of /proc none, others grow meanwhile. */
async function readAtMost(file: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total <= maxBytes) {
    const buffer = new Uint8Array(Math.min(maxBytes + 1 - total, 65536));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  throw new HalError("unsupported", path, `the file is larger than ${maxBytes} bytes`);
}
