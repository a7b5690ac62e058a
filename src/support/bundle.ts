import { gzip } from "node:zlib";
import { createTar } from "nanotar";
import type { Masked } from "../model/mask.ts";
import type { Gathered } from "./gather.ts";
import type { Item } from "./items.ts";

/** A file of the bundle. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

export interface BundleAbout {
  /** ISO 8601 UTC. */
  readonly madeAt: string;
  readonly version: string;
  readonly isRoot: boolean;
  /** What can be told of the secrets that were looked for: how many, or why they are not known. */
  readonly secrets: string;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  /** Of those that are missing or not whole, what more rights would give; paths. */
  readonly needRoot: readonly string[];
  readonly missing: readonly { readonly file: string; readonly reason: string }[];
}

/** The files of a bundle, the index first. Pure. */
export function bundleOf(gathered: readonly Gathered[], mask: (text: string) => Masked, about: BundleAbout): Bundle {
  const rows: string[][] = [["file", "bytes", "ms", "exit", "from"]];
  const remarks: string[] = [""];
  const files: BundleFile[] = [];
  const missing: Bundle["missing"][number][] = [];
  const needRoot: string[] = [];
  for (const { item, content, ms, exitCode, note } of gathered) {
    const masked = mask(content.ok ? content.value : `${content.error}\n`);
    const name = content.ok ? item.file : `${item.file}.missing`;
    files.push({ name, text: masked.text });
    if (!content.ok) missing.push({ file: item.file, reason: masked.text.trim() });
    const lacksRights =
      !about.isRoot && (item.withoutRoot === "less" || (item.withoutRoot === "nothing" && !content.ok));
    if (lacksRights) needRoot.push(item.file);
    const remark = [
      lacksRights ? "root gets more" : "",
      masked.count === 0 ? "" : `masked in ${masked.count} places`,
      mask(content.ok ? note : content.error.split("\n", 1).join("")).text,
    ].filter((part) => part !== "");
    const bytes = String(Buffer.byteLength(masked.text));
    rows.push([name, bytes, String(ms), exitCode === null ? "-" : String(exitCode), sourceOf(item)]);
    remarks.push(remark.join("; "));
  }
  const index = [
    `Support bundle of bezel ${about.version}, made at ${about.madeAt} ${about.isRoot ? "by root" : "without root"}`,
    `Secrets: ${about.secrets}`,
    "",
    // A remark may be long: it stands below its file.
    ...columns(rows).flatMap((row, index) => [row, ...(remarks[index] ? [`    ${remarks[index]}`] : [])]),
    "",
  ].join("\n");
  return { files: [{ name: "index.txt", text: mask(index).text }, ...files], missing, needRoot };
}

function sourceOf({ from }: Item): string {
  if ("told" in from) return `bezel's ${from.told}`;
  const [first, ...more] = from.programs;
  return `${first?.join(" ") ?? ""}${more.length === 0 ? "" : ` and ${more.length} more`}`;
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, col) => Math.max(...rows.map((row) => row[col]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, col) => cell.padEnd(widths[col] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The files below `folder` as a .tar.gz. Names with the folder have at most 99 bytes. */
export function packBundle(files: readonly BundleFile[], folder: string, madeMs: number): Promise<Uint8Array> {
  const tar = createTar(
    files.map(({ name, text }) => ({ name: `${folder}/${name}`, data: text })),
    { attrs: { mode: "600", uid: 0, gid: 0, mtime: madeMs } },
  );
  return new Promise((resolve, reject) => {
    // The end of an archive is two blocks of zeros (POSIX pax, ustar), which nanotar 0.3.0 leaves out where a record is full.
    gzip(Buffer.concat([tar, Buffer.alloc(1024)]), (error, packed) => {
      if (error === null) resolve(packed);
      else reject(error);
    });
  });
}

/** `bezel-support-29001-20260131T101500Z`: the bundle's folder, and its file's name without ending. */
export function bundleName(serial: string, madeAt: string): string {
  const safeSerial = serial.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 32) || "unknown";
  const time = madeAt.replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `bezel-support-${safeSerial}-${time}`;
}
