import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { createFiles } from "../../../hal/linux/files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { openSettingsStore, type SettingsStore } from "../../../src/settings/store.ts";
import { someStaticSettings } from "../../support/some-settings.ts";

/** Why no file system can be mounted here; null: one can. */
function mountLacks(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  const folder = mkdtempSync(join(tmpdir(), "bezel-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "pipe" });
    execFileSync("umount", [folder]);
    return null;
  } catch {
    return "needs the right to mount";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lacks = mountLacks();
const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) {
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  }
});

/** A file system of 64 KiB, as full or as read-only as the kernel makes it. */
function smallDisk() {
  const root = mkdtempSync(join(tmpdir(), "bezel-small-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", root]);
  mounted.push(root);
  const ballast = join(root, "ballast");
  return {
    open: () =>
      openSettingsStore({
        files: createFiles(),
        directory: join(root, "settings"),
        clock: createSystemClock(),
        log: silentLog,
      }),
    /** Takes all the room there is but so many pages of 4 KiB. */
    fill: async (pagesLeft: number) => {
      for (let number = 0; number < 64; number++) {
        const full = await writeFile(`${ballast}-${number}`, Buffer.alloc(4096)).then(
          () => false,
          () => true,
        );
        if (!full) continue;
        for (let page = 0; page <= pagesLeft; page++) await rm(`${ballast}-${number - page}`, { force: true });
        return;
      }
      throw new Error("the disk does not fill");
    },
    empty: async () => {
      for (const name of await readdir(root)) if (name.startsWith("ballast")) await rm(join(root, name));
    },
    writable: (yes: boolean) => execFileSync("mount", ["-o", `remount,${yes ? "rw" : "ro"}`, root]),
    names: () => readdir(join(root, "settings")),
  };
}

const proxied: Settings = {
  ...someStaticSettings({ address: "10.77.0.21" }),
  proxy: { host: "proxy.example", port: 3128, user: "anna", passwordRef: null },
};
const second = someStaticSettings({ address: "10.77.0.22" });

/** Why a change was not kept; null: it was. */
async function refusal(store: SettingsStore, settings: Settings, password?: string): Promise<string | null> {
  const begun = await store.begin(settings, password === undefined ? undefined : { proxyPassword: password });
  if (!begun.ok) return begun.error;
  const kept = await begun.value.commit();
  if (kept.ok) return null;
  await begun.value.abandon();
  return kept.error;
}

const full = "settings cannot be stored: disk full";
const readOnly = "settings cannot be stored: disk is read-only";
const suite = "a file system of 64 KiB under the real store";

describe.skipIf(lacks !== null)(lacks === null ? suite : `${suite} (${lacks})`, () => {
  it("with any room left takes a change whole or not at all, and the next one once there is room", async () => {
    const outcomes = new Set<string | null>();
    for (let pages = 0; pages <= 8; pages++) {
      const disk = smallDisk();
      const store = await disk.open();
      expect(await refusal(store, proxied, "anna's")).toBeNull();
      await disk.fill(pages);
      const refused = await refusal(store, { ...second, proxy: proxied.proxy }, "another");
      outcomes.add(refused);
      const [address, password] = refused === null ? ["10.77.0.22", "another"] : ["10.77.0.21", "anna's"];
      expect(store.storage().problem).toBe(refused);
      expect(store.settings().lan.ipv4).toMatchObject({ address });
      expect(store.proxyPassword()).toBe(password);
      const next = await disk.open();
      expect(next.settings()).toEqual(store.settings());
      expect(next.proxyPassword()).toBe(password);
      expect((await disk.names()).filter((name) => name.endsWith(".tmp"))).toEqual([]);

      await disk.empty();
      await store.reached();
      expect(store.storage().problem).toBeNull();
      expect(await refusal(store, factorySettings())).toBeNull();
      expect((await disk.open()).settings()).toEqual(factorySettings());
    }
    expect(outcomes).toEqual(new Set([null, full]));
  });

  it("full from the first start on still gives a new box its settings, and takes them once there is room", async () => {
    const disk = smallDisk();
    await disk.fill(0);
    const store = await disk.open();
    expect(store.storage()).toEqual({ loaded: "new", problem: full });
    expect((await disk.open()).storage()).toEqual({ loaded: "new", problem: full });
    await disk.empty();
    await store.reached();
    expect((await disk.open()).storage()).toEqual({ loaded: "current", problem: null });
  });

  it("that turns read-only refuses a change and says why, at a start too, and takes it when it is writable", async () => {
    const disk = smallDisk();
    const store = await disk.open();
    expect(await refusal(store, proxied, "anna's")).toBeNull();
    disk.writable(false);
    expect(await refusal(store, second)).toBe(readOnly);
    const next = await disk.open();
    expect(next.storage()).toEqual({ loaded: "current", problem: readOnly });
    expect([next.settings(), next.proxyPassword()]).toEqual([store.settings(), "anna's"]);
    await next.reached();
    expect(next.storage().problem).toBe(readOnly);
    disk.writable(true);
    await next.reached();
    expect(next.storage().problem).toBeNull();
    expect(await refusal(next, second)).toBeNull();
    expect((await disk.open()).settings()).toEqual(second);
  });

  it("turned read-only within a change: the old settings stand, in force and on the disk", async () => {
    const disk = smallDisk();
    const store = await disk.open();
    expect(await refusal(store, proxied, "anna's")).toBeNull();
    const before = store.settings();
    const begun = await store.begin(second);
    if (!begun.ok) throw new Error(begun.error);
    disk.writable(false);
    expect(await begun.value.commit()).toEqual({ ok: false, error: readOnly });
    await begun.value.abandon();
    expect(store.settings()).toEqual(before);
    disk.writable(true);
    const next = await disk.open();
    expect(next.storage()).toEqual({ loaded: "reverted", problem: null });
    expect([next.settings(), next.proxyPassword()]).toEqual([before, "anna's"]);
  });
});
