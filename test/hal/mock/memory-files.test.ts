import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Files } from "../../../hal/files.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { describeFiles } from "../../contract/files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describeFiles("memory", async () => {
  const files = createMemoryFiles();
  await files.makeDirectory("/folder", 0o700);
  return { files, root: "/folder", mode: async (path) => files.mode(path) };
});

function filesWith(content: string): MemoryFiles {
  const files = createMemoryFiles();
  files.put("/d/a", content);
  return files;
}

describe("a power cut", () => {
  const steps: readonly [string, (files: Files) => Promise<unknown>, string | null][] = [
    ["loses content that was not synced", (files) => files.write("/d/a", bytes("new"), 0o600), "old"],
    ["loses a rename that was not synced", (files) => files.rename("/d/a", "/d/b"), "old"],
    ["loses a removal that was not synced", (files) => files.remove("/d/a"), "old"],
    [
      "keeps content that was synced",
      async (files) => {
        await files.write("/d/a", bytes("new"), 0o600);
        await files.sync("/d/a");
      },
      "new",
    ],
    [
      "keeps a removal once the folder was synced",
      async (files) => {
        await files.remove("/d/a");
        await files.syncDirectory("/d");
      },
      null,
    ],
    [
      "leaves an empty file where the name was synced and the content was not",
      async (files) => {
        await files.write("/d/t", bytes("new"), 0o600);
        await files.rename("/d/t", "/d/a");
        await files.syncDirectory("/d");
      },
      "",
    ],
    [
      "loses the name of a new file whose content was synced",
      async (files) => {
        await files.remove("/d/a");
        await files.syncDirectory("/d");
        await files.write("/d/a", bytes("new"), 0o600);
        await files.sync("/d/a");
      },
      null,
    ],
  ];
  it.each(steps)("%s", async (_, work, left) => {
    const files = filesWith("old");
    await work(files);
    expect(files.afterPowerCut().text("/d/a")).toBe(left);
  });

  it("loses a new folder with all in it until its parent is synced", async () => {
    const files = createMemoryFiles();
    await files.makeDirectory("/new", 0o700);
    await files.write("/new/a", bytes("x"), 0o600);
    await files.sync("/new/a");
    await files.syncDirectory("/new");
    expect(await files.afterPowerCut().list("/")).toEqual([]);
    await files.syncDirectory("/");
    expect(files.afterPowerCut().text("/new/a")).toBe("x");
  });

  it("may spare any part, and tears writes", async () => {
    const files = filesWith("old");
    await files.write("/d/a", bytes("newer"), 0o600);
    expect(files.afterPowerCut(() => "kept").text("/d/a")).toBe("newer");
    expect(files.afterPowerCut(() => ({ keptBytes: 2 })).text("/d/a")).toBe("ne");
    expect(files.afterPowerCut().text("/d/a")).toBe("old");
    expect(files.text("/d/a")).toBe("newer");
  });

  it("leaves files that work like any", async () => {
    const files = filesWith("old").afterPowerCut();
    await files.write("/d/b", bytes("more"), 0o600);
    expect(await files.list("/d")).toEqual(["a", "b"]);
    expect(await files.afterPowerCut().list("/d")).toEqual(["a"]);
  });

  const replaceSafely = async (files: Files) => {
    await files.write("/d/a.tmp", bytes("new"), 0o600);
    await files.sync("/d/a.tmp");
    await files.rename("/d/a.tmp", "/d/a");
    await files.syncDirectory("/d");
  };
  const cutAfter = async (work: (files: Files) => Promise<unknown>, step: number) => {
    const files = filesWith("old");
    files.cutPowerAfter(step);
    await work(files).catch(() => {});
    return files;
  };

  it("at any step of write, sync, rename, sync folder leaves old or new, whatever survives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4 }), fc.integer(), async (step, seed) => {
        const files = await cutAfter(replaceSafely, step);
        expect(["old", "new"]).toContain(files.afterPowerCut(randomFate(seed)).text("/d/a"));
        if (step === 4) expect(files.afterPowerCut(randomFate(seed)).text("/d/a")).toBe("new");
      }),
    );
  });

  it("finds what a missing sync of the content does", async () => {
    const careless = async (files: Files) => {
      await files.write("/d/a.tmp", bytes("new"), 0o600);
      await files.rename("/d/a.tmp", "/d/a");
      await files.syncDirectory("/d");
    };
    const left = new Set<string | null>();
    for (let seed = 0; seed < 50; seed++) {
      const files = await cutAfter(careless, 2);
      left.add(files.afterPowerCut(randomFate(seed)).text("/d/a"));
    }
    expect([...left].some((content) => content !== "old" && content !== "new")).toBe(true);
  });
});

it("lets nobody open a file whose owner may not, and replaces it all the same", async () => {
  const files = filesWith("old");
  files.put("/d/a", "secret", 0o000);
  await expect(files.read("/d/a", 10)).rejects.toMatchObject({ kind: "denied" });
  await expect(files.write("/d/a", bytes("x"), 0o600)).rejects.toMatchObject({ kind: "denied" });
  await files.write("/d/b", bytes("new"), 0o600);
  await files.rename("/d/b", "/d/a");
  expect(files.text("/d/a")).toBe("new");
});

describe("injected faults", () => {
  it("hit by number, name, path and count", async () => {
    const files = filesWith("old");
    files.fail({ kind: "io", number: 2 });
    await files.read("/d/a", 10);
    await expect(files.read("/d/a", 10)).rejects.toMatchObject({ kind: "io" });
    files.fail({ kind: "readOnly", names: ["write"], path: /\.tmp$/, times: 1 });
    await files.write("/d/b", bytes("x"), 0o600);
    await expect(files.write("/d/b.tmp", bytes("x"), 0o600)).rejects.toMatchObject({ kind: "readOnly" });
    await files.write("/d/b.tmp", bytes("x"), 0o600);
    expect(files.operations().map(({ number, name, path }) => `${number} ${name} ${path}`)).toEqual([
      "1 read /d/a",
      "2 read /d/a",
      "3 write /d/b",
      "4 write /d/b.tmp",
      "5 write /d/b.tmp",
    ]);
  });

  it("leave half a write on a full disk, and nothing on a read-only one", async () => {
    const files = filesWith("old");
    const mend = files.fail({ kind: "readOnly" });
    await expect(files.write("/d/a", bytes("newer!"), 0o600)).rejects.toMatchObject({ kind: "readOnly" });
    expect(files.text("/d/a")).toBe("old");
    mend();
    files.fail({ kind: "full", times: 1 });
    await expect(files.write("/d/a", bytes("newer!"), 0o600)).rejects.toMatchObject({ kind: "full" });
    expect(files.text("/d/a")).toBe("new");
  });
});
