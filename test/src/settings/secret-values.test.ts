import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles } from "../../../hal/mock/memory-files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { failed, ok } from "../../../src/model/result.ts";
import type { Sealer } from "../../../src/model/sealer.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { readSecretValues } from "../../../src/settings/secret-values.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { createModelSealer } from "../../support/model-credentials.ts";

const directory = "/var/lib/bezel/settings";

async function withPasswords(passwords: readonly string[], sealer: Sealer | null = null): Promise<MemoryFiles> {
  const files = createMemoryFiles();
  const store = await openSettingsStore({ files, directory, clock: createFakeClock(), log: silentLog, sealer });
  const proxy = { host: "proxy.example", port: 3128, user: "anna", passwordRef: null };
  for (const proxyPassword of passwords) {
    const begun = await store.begin({ ...factorySettings(), proxy }, { proxyPassword });
    if (begun.ok) await begun.value.commit();
  }
  return files;
}

describe("the secrets of a folder of settings", () => {
  it("are those of every generation that can be gone back to", async () => {
    const values = await readSecretValues(await withPasswords(["first-1", "second-2"]), directory);
    expect(values.ok && values.value.values.toSorted()).toEqual(["first-1", "second-2"]);
  });

  it("are opened where they are sealed, and are counted where nothing opens them", async () => {
    const sealer = createModelSealer();
    const files = await withPasswords(["first-1", "second-2"], sealer);
    const values = await readSecretValues(files, directory, sealer);
    expect(values.ok && values.value.values.toSorted()).toEqual(["first-1", "second-2"]);
    expect(await readSecretValues(files, directory)).toEqual(ok({ values: [], unknown: 2 }));
  });

  it("are read without a touch on the disk", async () => {
    const files = await withPasswords(["first-1"]);
    const before = files.operations().length;
    await readSecretValues(files, directory);
    const names = new Set(
      files
        .operations()
        .slice(before)
        .map(({ name }) => name),
    );
    expect([...names].sort()).toEqual(["list", "read"]);
  });

  it("are none where there is no folder, and not known where it may not be read", async () => {
    expect(await readSecretValues(createMemoryFiles(), directory)).toEqual(ok({ values: [], unknown: 0 }));
    const files = await withPasswords(["first-1"]);
    files.fail({ kind: "denied", names: ["list"] });
    expect(await readSecretValues(files, directory)).toEqual(failed(expect.stringContaining(directory)));
  });
});
