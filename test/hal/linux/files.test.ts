import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createFiles } from "../../../hal/linux/files.ts";
import { describeFiles } from "../../contract/files.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), "bezel-files-"));
  folders.push(root);
  return { files: createFiles(), root, mode: async (path: string) => (await stat(path)).mode & 0o777 };
}

describeFiles("Linux", setUp);

it("reads files of /proc, whose size is stated as 0", async () => {
  expect((await createFiles().read("/proc/self/status", 100_000)).length).toBeGreaterThan(100);
});

it("bounds what it reads of an endless device", async () => {
  await expect(createFiles().read("/dev/zero", 100_000)).rejects.toMatchObject({ kind: "unsupported" });
});

it("reports a full disk", async () => {
  await expect(createFiles().write("/dev/full", new Uint8Array(10), 0o666)).rejects.toMatchObject({ kind: "full" });
});

it("gives up where no folder can be made", async () => {
  await expect(createFiles().makeDirectory("/proc/nope/x", 0o700)).rejects.toMatchObject({ kind: "absent" });
});
