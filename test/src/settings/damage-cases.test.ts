import { describe, expect, it } from "vitest";
import { createMemoryFiles, type MemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { StorageFacts } from "../../../src/model/facts.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { storeFiles } from "../../../src/settings/recover.ts";
import type { SettingsStore } from "../../../src/settings/store.ts";
import { type Damage, damageFile } from "../../support/file-damage.ts";
import { createSomeLog } from "../../support/some-log.ts";
import { someStaticSettings } from "../../support/some-settings.ts";
import { type Change, directory, makeChange, open } from "./some-history.ts";

const proxied = (address: string): Settings => ({
  ...someStaticSettings({ address }),
  proxy: { host: "proxy.example", port: 3128, user: "anna", passwordRef: null },
});
const change = (address: string, reached = false): Change => ({
  settings: proxied(address),
  password: "new",
  end: "commit",
  reached,
});

/** Revisions 1 to 3, each with a password of its own; the first one is the last good one. */
async function usedDisk() {
  const files = createMemoryFiles();
  const store = await open(files);
  const secrets: string[] = [];
  for (const [address, reached] of [
    ["10.77.0.21", true],
    ["10.77.0.22", false],
    ["10.77.0.23", false],
  ] as const) {
    await makeChange(store, change(address, reached));
    secrets.push(`secret-${store.settings().proxy?.passwordRef}.json`);
  }
  return { files: files.afterPowerCut(() => "kept"), secrets };
}

const { current, previous, lastGood } = storeFiles;
const addressIn = (store: SettingsStore) => {
  const { ipv4 } = store.settings().lan;
  return ipv4.method === "static" ? ipv4.address : ipv4.method;
};
const harm = (
  files: MemoryFiles,
  name: string,
  kind: "missing" | "empty" | "empty folder" | "full folder" | "denied",
) => damageFile(files, `${directory}/${name}`, { kind } satisfies Damage, []);
const swap = (files: MemoryFiles, one: string, other: string) => {
  const texts = [one, other].map((name) => files.text(`${directory}/${name}`) ?? "");
  files.put(`${directory}/${one}`, texts[1] ?? "");
  files.put(`${directory}/${other}`, texts[0] ?? "");
};

describe("a start", () => {
  it.each<[string, StorageFacts["loaded"], string, string | null, (files: MemoryFiles, secrets: string[]) => unknown]>([
    ["both generations missing", "factory", "dhcp", null, (files) => gone(files, current, previous)],
    [
      "all but the secrets missing",
      "new",
      "dhcp",
      null,
      (files) => gone(files, current, previous, lastGood, storeFiles.rejected),
    ],
    ["the current one missing", "previous", "10.77.0.22", "canary-1", (files) => gone(files, current)],
    ["the two generations swapped", "previous", "10.77.0.23", "canary-2", (files) => swap(files, current, previous)],
    [
      "last good in place of the current",
      "previous",
      "10.77.0.22",
      "canary-1",
      (files) => swap(files, current, lastGood),
    ],
    ["a folder in place of the current", "previous", "10.77.0.22", "canary-1", (f) => harm(f, current, "full folder")],
    [
      "two passwords swapped",
      "current",
      "10.77.0.23",
      null,
      (files, [, second = "", third = ""]) => swap(files, second, third),
    ],
    [
      "its password missing",
      "current",
      "10.77.0.23",
      null,
      (files, secrets) => harm(files, secrets[2] ?? "", "missing"),
    ],
    [
      "another password's file unreadable",
      "current",
      "10.77.0.23",
      "canary-2",
      async (files, secrets) => {
        await harm(files, secrets[0] ?? "", "denied");
        await harm(files, secrets[1] ?? "", "full folder");
      },
    ],
  ])("with %s: %s, %s, password %s", async (_, loaded, address, password, spoil) => {
    const { files, secrets } = await usedDisk();
    await spoil(files, secrets);
    const { log, lines } = createSomeLog();
    const disk = files.afterPowerCut();
    const store = await open(disk, log);
    expect(store.storage()).toEqual({ loaded, problem: null });
    expect([addressIn(store), store.proxyPassword()]).toEqual([address, password]);
    const isSaid = lines.includes("error: settings: the proxy's password is lost; it has to be entered again");
    expect(isSaid).toBe(address !== "dhcp" && password === null);
    const again = await open(disk.afterPowerCut());
    expect([addressIn(again), again.storage().loaded]).toEqual([address, "current"]);
  });

  it("keeps a second folder aside beside the first", async () => {
    const { files } = await usedDisk();
    for (const round of [1, 2]) {
      await harm(files, current, "full folder");
      await open(files);
      expect(await files.list(`${directory}/${current}.damaged${round === 1 ? "" : ".2"}`)).toEqual(["lost+found"]);
    }
  });

  it("that was cut short by the power does not make a lost store a new one", async () => {
    const { files } = await usedDisk();
    await gone(files, previous, lastGood, storeFiles.journal, storeFiles.rejected);
    await harm(files, current, "empty");
    const steps = files.operations().length;
    const rehearsal = files.afterPowerCut();
    await open(rehearsal);
    const aside = rehearsal.operations().findIndex(({ name }) => name === "syncDirectory") + 1;
    files.cutPowerAfter(steps + aside);
    await open(files);
    expect((await open(files.afterPowerCut())).storage()).toEqual({ loaded: "factory", problem: null });
  });

  it("that could not repair the store does so when the disk takes it, without a change", async () => {
    const { files } = await usedDisk();
    await harm(files, current, "empty");
    const heal = files.fail({ kind: "full", names: ["write"] });
    const store = await open(files);
    expect(store.storage()).toEqual({ loaded: "previous", problem: "settings cannot be stored: disk full" });
    heal();
    await store.reached();
    expect((await open(files.afterPowerCut())).storage()).toEqual({ loaded: "current", problem: null });
  });
});

describe("a change", () => {
  it.each([
    ["a folder under its temporary name", `${current}.tmp`, "full folder"],
    ["a folder under that of the probe", "probe.tmp", "empty folder"],
    ["another user's file under its temporary name", `${current}.tmp`, "denied"],
    ["a folder in place of the journal", storeFiles.journal, "full folder"],
    ["a folder in place of the generation before", previous, "full folder"],
  ] as const)("is not stopped by %s", async (_, name, kind) => {
    const { files } = await usedDisk();
    const store = await open(files);
    files.put(`${directory}/${name}`, "?");
    await harm(files, name, kind);
    await store.reached();
    expect(await makeChange(store, change("10.77.0.24"))).toBe(true);
    expect(store.storage().problem).toBeNull();
    expect(addressIn(await open(files.afterPowerCut()))).toBe("10.77.0.24");
  });

  it("that could not begin is not taken back by the next start", async () => {
    const { files } = await usedDisk();
    const store = await open(files);
    files.fail({ kind: "io", names: ["syncDirectory"], times: 1 });
    expect(await makeChange(store, change("10.77.0.24"))).toBe(false);
    const next = await open(files.afterPowerCut(() => "kept"));
    expect([addressIn(next), next.storage().loaded]).toEqual(["10.77.0.23", "current"]);
  });

  it("whose journal could not be taken away is not taken back once the disk is well", async () => {
    const { files } = await usedDisk();
    const store = await open(files);
    const begun = await store.begin(proxied("10.77.0.24"));
    const heal = files.fail({ kind: "readOnly", names: ["rename", "remove"] });
    if (begun.ok) await begun.value.abandon();
    expect(store.storage().problem).toBe("settings cannot be stored: disk is read-only");
    heal();
    await store.reached();
    expect((await open(files.afterPowerCut())).storage()).toEqual({ loaded: "current", problem: null });
  });

  it("removes the passwords that no generation names, whatever the disk says of one of them", async () => {
    const { files, secrets } = await usedDisk();
    const store = await open(files);
    const stuck = `secret-${"0".repeat(32)}.json`;
    files.put(`${directory}/${stuck}`, "?");
    await harm(files, stuck, "full folder");
    await makeChange(store, change("10.77.0.24", true));
    await makeChange(store, change("10.77.0.25", true));
    const left = (await files.list(directory)).filter((name) => name.startsWith("secret-"));
    expect(left).toHaveLength(3);
    expect(left).not.toContain(secrets[2]);
  });

  it("whose end could not be made safe is, once the disk is well", async () => {
    const { files } = await usedDisk();
    const store = await open(files);
    const good = store.lastGood();
    if (good === null) throw new Error("nothing is good");
    // Back to the last good ones: there is nothing else to store that would make it safe.
    const begun = await store.begin(good);
    const heal = files.fail({ kind: "io", names: ["syncDirectory"] });
    expect(begun.ok && (await begun.value.commit()).ok).toBe(true);
    expect(store.storage().problem).toBe("settings cannot be stored: disk error");
    expect(addressIn(await open(files.afterPowerCut()))).toBe("10.77.0.23");
    heal();
    await store.reached();
    expect(store.storage().problem).toBeNull();
    expect(addressIn(await open(files.afterPowerCut()))).toBe("10.77.0.21");
  });
});

async function gone(files: MemoryFiles, ...names: readonly string[]): Promise<void> {
  for (const name of names) await harm(files, name, "missing");
}
