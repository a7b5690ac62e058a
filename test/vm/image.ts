import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { mmdebstrapArguments } from "./base-system.ts";

/** What a guest boots from. Paths. */
export interface Image {
  readonly kernel: string;
  readonly initrd: string;
  /** An ext4 file system. */
  readonly root: string;
}

/** Outside the working copy, which is thrown away more often. */
const cache = "/var/cache/bezel-guest";
/** How long what nobody uses is kept. Every change of the product makes an image. */
const hourMs = 3_600_000;
const keptMs: Readonly<Record<string, number>> = { base: 30 * 24 * hourMs, image: hourMs, work: hourMs };
/** What the guest writes to its root while it runs. */
const spareBytes = 200 * 1024 * 1024;

const execute = promisify(execFile);
const run = (program: string, ...args: string[]) =>
  execute(program, args, { maxBuffer: 64 * 1024 * 1024, timeout: 20 * 60_000 });

/**
 * The image of a guest with this working copy's product in it: from the cache when nothing that goes into it has changed.
 * Debian takes a minute or two to make, the product on top of it some seconds. Needs root and the bundle in dist.
 */
export async function prepareImage(project: string, progress: (line: string) => void): Promise<Image> {
  const sources = join(project, "test/vm");
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "work-"));
  try {
    const base = await prepareBase(sources, work, progress);
    const ours = join(work, "ours");
    await gather(project, ours);
    const recipe = await readFile(join(sources, "image.ts"));
    const folder = join(cache, `image-${digest(base.key, recipe, await digestTree(ours))}`);
    if (!existsSync(folder)) {
      progress("guest: putting the product into the image");
      const made = join(work, "image");
      await assemble(sources, { base: base.archive, ours, work, made });
      await putInPlace(made, folder);
    }
    await keep(base.archive, folder);
    return { kernel: join(folder, "vmlinuz"), initrd: join(folder, "initrd.img"), root: join(folder, "root.ext4") };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function prepareBase(sources: string, work: string, progress: (line: string) => void) {
  const extra = join(sources, "base");
  const key = digest(await readFile(join(sources, "base-system.ts")), await digestTree(extra));
  const archive = join(cache, `base-${key}.tar`);
  if (!existsSync(archive)) {
    progress("guest: making a Debian system with mmdebstrap, which takes a minute or two");
    const made = join(work, "base.tar");
    // The kernel's installation makes the initial file system by what is copied in.
    const folders = (await readdir(extra)).map((name) => join(extra, name));
    await run("mmdebstrap", ...mmdebstrapArguments(folders, made));
    await putInPlace(made, archive);
  }
  return { key, archive };
}

/** All that is ours, as it will lie in the guest: the product as its installer puts it, Node, and the guest's own files. */
async function gather(project: string, tree: string): Promise<void> {
  const sources = join(project, "test/vm");
  await mkdir(tree);
  // NODE: the native add-ons in the bundle are built for the Node that runs this.
  await run("env", `NODE=${process.execPath}`, join(project, "systemd/install.sh"), tree);
  await cp(join(sources, "rootfs"), tree, { recursive: true });
  await build({
    entryPoints: [join(sources, "agent.ts")],
    outfile: join(tree, "usr/lib/guest/agent.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning",
  });
}

interface Places {
  readonly base: string;
  readonly ours: string;
  readonly work: string;
  readonly made: string;
}

async function assemble(sources: string, { base, ours, work, made }: Places): Promise<void> {
  const root = join(work, "root");
  await Promise.all([mkdir(root), mkdir(made)]);
  await run("tar", "-xf", base, "-C", root);
  await run("cp", "-a", `${ours}/.`, root);
  // What a package would do once its files are there.
  await run("chroot", root, "systemd-sysusers");
  const units = (await readdir(join(sources, "rootfs/etc/systemd/system"))).filter((name) => name.endsWith(".service"));
  await run("chroot", root, "systemctl", "enable", ...units);
  // Looks for LVM snapshots, which takes seconds of every boot.
  await run("chroot", root, "systemctl", "disable", "e2scrub_reap.service");

  const bytes = Number((await run("du", "--summarize", "--block-size=1", root)).stdout.split("\t")[0]);
  const blocks = Math.ceil((bytes * 1.1 + spareBytes) / 4096);
  await run("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-L", "root", "-d", root, join(made, "root.ext4"), `${blocks}`);
  for (const name of ["vmlinuz", "initrd.img"]) await copyFile(join(root, name), join(made, name));
}

/** Whoever is first has made it: two test runs at a time do no harm. */
async function putInPlace(made: string, place: string): Promise<void> {
  await rename(made, place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
}

/** Marks these as used, and removes what has not been used for long. */
async function keep(...used: readonly string[]): Promise<void> {
  const now = new Date();
  for (const path of used) await utimes(path, now, now);
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    // Another test run may have removed it meanwhile.
    const age = now.getTime() - ((await stat(path).catch(() => null))?.mtimeMs ?? 0);
    if (age > (keptMs[name.split("-", 1).join("")] ?? 0)) await rm(path, { recursive: true, force: true });
  }
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}

/** Names, types and contents of a folder, and what may be executed there; other rights depend on who checked it out. */
async function digestTree(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true });
  const parts: (string | Uint8Array)[] = [];
  for (const name of entries.sort()) {
    const path = join(folder, name);
    const { mode } = await lstat(path);
    const type = mode & 0o170000;
    const content = type === 0o120000 ? await readlink(path) : type === 0o100000 ? await readFile(path) : "";
    parts.push(name, String(mode & 0o170111), content);
  }
  return digest(...parts);
}
