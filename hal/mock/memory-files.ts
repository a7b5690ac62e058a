import { posix } from "node:path";
import { HalError, type HalErrorKind } from "../errors.ts";
import type { Files } from "../files.ts";
import {
  applyChange,
  createFolder,
  type FileNode,
  type FolderNode,
  type NameChange,
  type Pending,
  remains,
  type Survival,
} from "./memory-disk.ts";

export type { Survival } from "./memory-disk.ts";

export type FileOperationName = keyof Files;

export interface FileOperation {
  /** Counted from 1 over all operations of this object. */
  readonly number: number;
  readonly name: FileOperationName;
  readonly path: string;
  /** Where a rename goes. */
  readonly to?: string;
}

/** Which operations fail, and how. All conditions that are given have to hold. */
export interface FileFault {
  readonly kind: HalErrorKind;
  readonly number?: number;
  /** All operations from this number on. */
  readonly from?: number;
  readonly names?: readonly FileOperationName[];
  readonly path?: string | RegExp;
  /** How often; for good when absent. */
  readonly times?: number;
}

/** What a power cut does to one operation that was not synced. */
export interface PendingOperation {
  readonly kind: "content" | "names";
  readonly path: string;
  /** Of the content; 0 for names. */
  readonly byteLength: number;
}

/**
 * Files in memory, as forgetful as a real disk: content is only safe after `sync`, names only after `syncDirectory` of
 * their folder. Every operation happens at once, its result arrives later. The owner's permission bits of a file count.
 */
export interface MemoryFiles extends Files {
  /** All operations so far, the failed ones included. */
  operations(): readonly FileOperation[];
  /** Failing writes of kind `full` and `io` leave half of the bytes behind, as a real disk does. Ends with the call of the result. */
  fail(fault: FileFault): () => void;
  /** After this many operations the power is gone: every later one rejects with kind `io` and changes nothing. */
  cutPowerAfter(operations: number): void;
  /**
   * What the next start finds after a power cut now; this object stays as it is. By default nothing unsynced survives;
   * `fate` may let any of it survive, in part or whole.
   */
  afterPowerCut(fate?: (operation: PendingOperation) => Survival): MemoryFiles;
  /** Puts a file there as if it had always been, synced, with its folders. */
  put(path: string, content: Uint8Array | string, mode?: number): void;
  /** The content as text; null when there is no such file. */
  text(path: string): string | null;
  /** Permission bits; null when there is no such file or folder. */
  mode(path: string): number | null;
}

/** A fate for {@link MemoryFiles.afterPowerCut} in which chance, repeatable by its seed, decides over each operation. */
export function randomFate(seed: number): (operation: PendingOperation) => Survival {
  let state = seed >>> 0;
  // mulberry32
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return ({ kind, byteLength }) => {
    const draw = random();
    if (kind === "content" && draw < 1 / 3) return { keptBytes: Math.floor(random() * (byteLength + 1)) };
    return draw < 2 / 3 ? "kept" : "lost";
  };
}

export function createMemoryFiles(): MemoryFiles {
  return filesOn(createFolder(0o755));
}

function filesOn(root: FolderNode): MemoryFiles {
  const log: FileOperation[] = [];
  const faults = new Set<{ readonly fault: FileFault; left: number }>();
  let pending: Pending[] = [];
  let powerLasts = Number.POSITIVE_INFINITY;

  const find = (path: string) => {
    if (!posix.isAbsolute(path)) throw new Error(`${path}: a path has to be absolute`);
    let node: FileNode | FolderNode | undefined = root;
    for (const part of posix.normalize(path).split("/").filter(Boolean)) {
      if (node?.kind === "file") throw new HalError("io", path, "leads through a file");
      node = node?.entries.get(part);
    }
    return node;
  };
  const folderAt = (path: string): FolderNode => {
    const node = find(path);
    if (node === undefined) throw new HalError("absent", path, "no such folder");
    if (node.kind !== "folder") throw new HalError("io", path, "not a folder");
    return node;
  };
  const fileAt = (path: string): FileNode => {
    const node = find(path);
    if (node === undefined) throw new HalError("absent", path, "no such file");
    if (node.kind !== "file") throw new HalError("io", path, "is a folder");
    return node;
  };
  /** What a user that is not root may open. */
  const openable = (path: string, permission: number) => {
    const node = fileAt(path);
    if ((node.mode & permission) === 0) throw new HalError("denied", path, "permission denied");
    return node;
  };
  const nameOf = (path: string) => ({ folder: folderAt(posix.dirname(path)), name: posix.basename(path) });
  const changeNames = (path: string, changes: readonly NameChange[]) => {
    for (const change of changes) applyChange(change, "entries");
    pending.push({ kind: "names", path, changes });
  };
  const setContent = (path: string, node: FileNode, bytes: Uint8Array) => {
    node.content = bytes;
    pending.push({ kind: "content", path, node, bytes });
  };

  const faultOf = (operation: FileOperation): HalErrorKind | null => {
    if (operation.number > powerLasts) throw new HalError("io", operation.path, "the power is gone");
    for (const entry of faults) {
      const { number, from, names, path } = entry.fault;
      if (number !== undefined && number !== operation.number) continue;
      if (from !== undefined && operation.number < from) continue;
      if (names !== undefined && !names.includes(operation.name)) continue;
      if (typeof path === "string" && path !== operation.path) continue;
      if (path instanceof RegExp && !path.test(operation.path)) continue;
      entry.left--;
      if (entry.left <= 0) faults.delete(entry);
      return entry.fault.kind;
    }
    return null;
  };
  /** Notes the operation, lets faults have their way, then does it; `halfDone` is what a fault of that kind leaves behind. */
  const operate = async <T>(
    operation: Omit<FileOperation, "number">,
    perform: () => T,
    halfDone: (kind: HalErrorKind) => void = () => {},
  ): Promise<T> => {
    const noted = { number: log.length + 1, ...operation };
    log.push(noted);
    const fault = faultOf(noted);
    if (fault === null) return perform();
    halfDone(fault);
    throw new HalError(fault, operation.path, `${operation.name} failed (injected)`);
  };

  const write = (path: string, bytes: Uint8Array, mode: number) => {
    const { folder, name } = nameOf(path);
    const existing = folder.entries.get(name);
    if (existing?.kind === "folder") throw new HalError("io", path, "is a folder");
    if (existing !== undefined) openable(path, 0o200);
    const node: FileNode = existing ?? { kind: "file", content: new Uint8Array(), mode, synced: null };
    node.mode = mode;
    if (existing === undefined) changeNames(path, [{ folder, name, node }]);
    setContent(path, node, bytes.slice());
  };
  const makeDirectory = (path: string, mode: number) => {
    const parent = posix.dirname(path);
    if (find(parent) === undefined) makeDirectory(parent, mode);
    const { folder, name } = nameOf(path);
    const existing = find(path);
    if (existing?.kind === "file") throw new HalError("io", path, "is a file");
    if (existing === undefined) changeNames(path, [{ folder, name, node: createFolder(mode) }]);
  };
  const sync = (path: string) => {
    const node = openable(path, 0o400);
    node.synced = node.content;
    pending = pending.filter((operation) => operation.kind !== "content" || operation.node !== node);
  };
  const syncDirectory = (path: string) => {
    const folder = folderAt(path);
    folder.syncedEntries = new Map(folder.entries);
    pending = pending.flatMap((operation): Pending[] => {
      if (operation.kind !== "names") return [operation];
      const changes = operation.changes.filter((change) => change.folder !== folder);
      return changes.length === 0 ? [] : [{ ...operation, changes }];
    });
  };

  return {
    read: (path, maxBytes) =>
      operate({ name: "read", path }, () => {
        const { content } = openable(path, 0o400);
        if (content.length > maxBytes) {
          throw new HalError("unsupported", path, `the file is larger than ${maxBytes} bytes`);
        }
        return content.slice();
      }),
    write: (path, bytes, mode) =>
      operate(
        { name: "write", path },
        () => write(path, bytes, mode),
        (kind) => {
          if (kind === "full" || kind === "io") write(path, bytes.subarray(0, bytes.length >> 1), mode);
        },
      ),
    create: (path, bytes, mode) =>
      operate({ name: "create", path }, () => {
        if (find(path) !== undefined) throw new HalError("exists", path, "there is something of that name");
        write(path, bytes, mode);
      }),
    sync: (path) => operate({ name: "sync", path }, () => sync(path)),
    rename: (from, to) =>
      operate({ name: "rename", path: from, to }, () => {
        const source = nameOf(from);
        const target = nameOf(to);
        const node = source.folder.entries.get(source.name);
        if (node === undefined) throw new HalError("absent", from, "no such file");
        const replaced = target.folder.entries.get(target.name);
        if (replaced !== undefined && replaced.kind !== node.kind) throw new HalError("io", to, "of another kind");
        if (replaced?.kind === "folder" && replaced.entries.size > 0) throw new HalError("io", to, "is not empty");
        if (replaced === node) return;
        changeNames(to, [
          { ...source, node: null },
          { ...target, node },
        ]);
      }),
    remove: (path) =>
      operate({ name: "remove", path }, () => {
        const node = find(path);
        if (node === undefined) return;
        if (node.kind === "folder") throw new HalError("io", path, "is a folder");
        changeNames(path, [{ ...nameOf(path), node: null }]);
      }),
    makeDirectory: (path, mode) => operate({ name: "makeDirectory", path }, () => makeDirectory(path, mode)),
    syncDirectory: (path) => operate({ name: "syncDirectory", path }, () => syncDirectory(path)),
    list: (path) => operate({ name: "list", path }, () => [...folderAt(path).entries.keys()].sort()),

    operations: () => [...log],
    fail: (fault) => {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      faults.add(entry);
      return () => faults.delete(entry);
    },
    cutPowerAfter: (operations) => {
      powerLasts = operations;
    },
    afterPowerCut: (fate = () => "lost") =>
      filesOn(
        remains(root, pending, (operation) =>
          fate({
            kind: operation.kind,
            path: operation.path,
            byteLength: operation.kind === "content" ? operation.bytes.length : 0,
          }),
        ),
      ),
    put: (path, content, mode = 0o600) => {
      makeDirectory(posix.dirname(path), 0o700);
      const { folder: home, name } = nameOf(path);
      if (home.entries.get(name)?.kind === "file") home.entries.delete(name);
      write(path, typeof content === "string" ? Buffer.from(content) : content, 0o600);
      sync(path);
      fileAt(path).mode = mode;
      for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
        syncDirectory(folder);
        if (folder === "/") break;
      }
    },
    text: (path) => {
      const node = find(path);
      return node?.kind === "file" ? Buffer.from(node.content).toString() : null;
    },
    mode: (path) => find(path)?.mode ?? null,
  };
}
