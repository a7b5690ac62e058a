import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = async (files: Files, path: string) => new TextDecoder().decode(await files.read(path, 1000));

/** What every implementation of {@link Files} promises. `setUp` gives an existing empty folder. */
export function describeFiles(
  name: string,
  setUp: () => Promise<{ files: Files; root: string; mode: (path: string) => Promise<number | null> }>,
): void {
  describe(`files contract: ${name}`, () => {
    it("keeps what was written, also after sync, rename and syncDirectory", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/a.tmp`, bytes("one"), 0o600);
      await files.sync(`${root}/a.tmp`);
      await files.rename(`${root}/a.tmp`, `${root}/a`);
      await files.syncDirectory(root);
      expect(await text(files, `${root}/a`)).toBe("one");
      expect(await files.list(root)).toEqual(["a"]);
    });

    it("truncates what a longer content left", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/a`, bytes("a longer content"), 0o600);
      await files.write(`${root}/a`, bytes("short"), 0o600);
      expect(await text(files, `${root}/a`)).toBe("short");
    });

    it("sets the mode of new and of existing files, whatever the umask", async () => {
      const { files, root, mode } = await setUp();
      await files.write(`${root}/a`, bytes("x"), 0o622);
      expect(await mode(`${root}/a`)).toBe(0o622);
      await files.write(`${root}/a`, bytes("x"), 0o600);
      expect(await mode(`${root}/a`)).toBe(0o600);
    });

    it("creates under a free name only, and leaves what has the name as it is", async () => {
      const { files, root, mode } = await setUp();
      await files.create(`${root}/a`, bytes("one"), 0o622);
      await expect(files.create(`${root}/a`, bytes("two"), 0o600)).rejects.toMatchObject({ kind: "exists" });
      expect([await text(files, `${root}/a`), await mode(`${root}/a`)]).toEqual(["one", 0o622]);
    });

    it("does not share memory with the caller", async () => {
      const { files, root } = await setUp();
      const content = bytes("abc");
      await files.write(`${root}/a`, content, 0o600);
      content[0] = 0;
      const seen = await files.read(`${root}/a`, 10);
      seen[1] = 0;
      expect(await text(files, `${root}/a`)).toBe("abc");
    });

    it("replaces the target of a rename", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/new`, bytes("new"), 0o600);
      await files.write(`${root}/old`, bytes("old"), 0o600);
      await files.rename(`${root}/new`, `${root}/old`);
      expect([await files.list(root), await text(files, `${root}/old`)]).toEqual([["old"], "new"]);
    });

    it("makes folders with their parents, and again without complaint", async () => {
      const { files, root, mode } = await setUp();
      await files.makeDirectory(`${root}/deep/er`, 0o700);
      await files.makeDirectory(`${root}/deep/er`, 0o700);
      expect([await files.list(root), await files.list(`${root}/deep/er`)]).toEqual([["deep"], []]);
      expect(await mode(`${root}/deep/er`)).toBe(0o700);
    });

    it("lists names sorted", async () => {
      const { files, root } = await setUp();
      for (const name of ["b", "a", "C", "10", "9"]) await files.write(`${root}/${name}`, bytes(""), 0o600);
      expect(await files.list(root)).toEqual(["10", "9", "C", "a", "b"]);
    });

    it("removes, and an absent file is no error", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/a`, bytes("x"), 0o600);
      await files.remove(`${root}/a`);
      await files.remove(`${root}/a`);
      expect(await files.list(root)).toEqual([]);
    });

    it("reads up to the limit and refuses more", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/a`, bytes("12345"), 0o600);
      expect(await files.read(`${root}/a`, 5)).toHaveLength(5);
      await expect(files.read(`${root}/a`, 4)).rejects.toMatchObject({ kind: "unsupported", device: `${root}/a` });
      await files.write(`${root}/empty`, bytes(""), 0o600);
      expect(await files.read(`${root}/empty`, 0)).toHaveLength(0);
    });

    const refusals: readonly [string, HalErrorKind, (files: Files, root: string) => Promise<unknown>][] = [
      ["reading an absent file", "absent", (files, root) => files.read(`${root}/none`, 10)],
      ["reading a folder", "io", (files, root) => files.read(root, 10)],
      ["writing into an absent folder", "absent", (files, root) => files.write(`${root}/none/a`, bytes("x"), 0o600)],
      ["writing to a folder's name", "io", (files, root) => files.write(root, bytes("x"), 0o600)],
      ["creating in an absent folder", "absent", (files, root) => files.create(`${root}/none/a`, bytes("x"), 0o600)],
      ["creating under a folder's name", "exists", (files, root) => files.create(root, bytes("x"), 0o600)],
      ["syncing an absent file", "absent", (files, root) => files.sync(`${root}/none`)],
      ["renaming an absent file", "absent", (files, root) => files.rename(`${root}/none`, `${root}/a`)],
      ["syncing an absent folder", "absent", (files, root) => files.syncDirectory(`${root}/none`)],
      ["listing an absent folder", "absent", (files, root) => files.list(`${root}/none`)],
    ];
    it.each(refusals)("%s rejects with kind %s", async (_, kind, work) => {
      const { files, root } = await setUp();
      await expect(work(files, root)).rejects.toMatchObject({ name: "HalError", kind });
    });

    it("refuses a file where a folder is needed", async () => {
      const { files, root } = await setUp();
      await files.write(`${root}/a`, bytes("x"), 0o600);
      await expect(files.read(`${root}/a/b`, 10)).rejects.toMatchObject({ kind: "io" });
      await expect(files.remove(`${root}/a/b`)).rejects.toMatchObject({ kind: "io" });
      await expect(files.syncDirectory(`${root}/a`)).rejects.toMatchObject({ kind: "io" });
      await expect(files.list(`${root}/a`)).rejects.toMatchObject({ kind: "io" });
      await expect(files.makeDirectory(`${root}/a`, 0o700)).rejects.toMatchObject({ kind: "io" });
    });
  });
}
