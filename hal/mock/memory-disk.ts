/** The inside of the in-memory file system: what is on the disk, and what only the page cache knows. */

export interface FileNode {
  readonly kind: "file";
  content: Uint8Array;
  mode: number;
  /** What fsync put on the disk last; null: nothing yet, so that a surviving name shows an empty file. */
  synced: Uint8Array | null;
}

export interface FolderNode {
  readonly kind: "folder";
  readonly mode: number;
  entries: Map<string, Node>;
  syncedEntries: Map<string, Node>;
}

export type Node = FileNode | FolderNode;

/** Something that was done and is not on the disk for sure. One rename(2) is one operation on two names. */
export type Pending =
  | { readonly kind: "content"; readonly path: string; readonly node: FileNode; readonly bytes: Uint8Array }
  | { readonly kind: "names"; readonly path: string; readonly changes: readonly NameChange[] };

export interface NameChange {
  readonly folder: FolderNode;
  readonly name: string;
  /** null: the name is gone. */
  readonly node: Node | null;
}

/** What becomes of a pending operation in a power cut; `keptBytes` tears a write: the file ends after that many. */
export type Survival = "kept" | "lost" | { readonly keptBytes: number };

export function createFolder(mode: number): FolderNode {
  return { kind: "folder", mode, entries: new Map(), syncedEntries: new Map() };
}

export function applyChange({ folder, name, node }: NameChange, view: "entries" | "syncedEntries"): void {
  if (node === null) folder[view].delete(name);
  else folder[view].set(name, node);
}

/**
 * The tree as the next start finds it: what was synced, and on top of it the pending operations that survive. A copy; the
 * given tree stays as it is.
 */
export function remains(
  root: FolderNode,
  pending: readonly Pending[],
  fate: (operation: Pending) => Survival,
): FolderNode {
  const files = new Map<FileNode, FileNode>();
  const folders = new Map<FolderNode, FolderNode>();
  const fileOf = (node: FileNode): FileNode => {
    const known = files.get(node);
    if (known !== undefined) return known;
    const content = node.synced ?? new Uint8Array();
    const copy: FileNode = { kind: "file", content, mode: node.mode, synced: content };
    files.set(node, copy);
    return copy;
  };
  const folderOf = (node: FolderNode): FolderNode => {
    const known = folders.get(node);
    if (known !== undefined) return known;
    const copy = createFolder(node.mode);
    folders.set(node, copy);
    for (const [name, entry] of node.syncedEntries) copy.syncedEntries.set(name, copyOf(entry));
    return copy;
  };
  const copyOf = (node: Node): Node => (node.kind === "file" ? fileOf(node) : folderOf(node));
  const disk = folderOf(root);
  for (const operation of pending) {
    const survival = fate(operation);
    if (survival === "lost") continue;
    if (operation.kind === "content") {
      const file = fileOf(operation.node);
      file.content = survival === "kept" ? operation.bytes : operation.bytes.slice(0, survival.keptBytes);
      file.synced = file.content;
    } else {
      for (const { folder, name, node } of operation.changes) {
        const change = { folder: folderOf(folder), name, node: node === null ? null : copyOf(node) };
        applyChange(change, "syncedEntries");
      }
    }
  }
  for (const folder of folders.values()) folder.entries = new Map(folder.syncedEntries);
  return disk;
}
