import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { silentLog } from "../../src/model/log.ts";
import { factorySettings } from "../../src/model/settings.ts";
import { openSettingsStore } from "../../src/settings/store.ts";
import { bundle as program, startBench } from "../support/bench-process.ts";

const canary = "canary-password-1";

/** The built program, and the machine's own tar. */
describe("bezel support", () => {
  let folder = "";
  let out = "";
  let config = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-support-"));
    out = join(folder, "out");
    mkdirSync(out);
    config = join(folder, "bezel.toml");
    writeFileSync(config, `[state]\ndirectory = "${folder}/box"\n[control]\nsocket = "${folder}/none.sock"\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const support = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [program, "support", "--config", config, ...args], { cwd: out, encoding: "utf8" });

  /** The bundle's folder, unpacked. */
  function unpack(file: string): string {
    const unpacked = spawnSync("tar", ["--extract", "--gzip", `--file=${file}`, `--directory=${folder}`], {
      encoding: "utf8",
    });
    expect([unpacked.status, unpacked.stderr]).toEqual([0, ""]);
    return join(folder, readdirSync(folder).find((name) => name.startsWith("bezel-support-")) ?? "");
  }

  const filesOf = (place: string) =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  async function storePassword(): Promise<void> {
    const parts = { files: createFiles(), clock: createSystemClock(), log: silentLog };
    const store = await openSettingsStore({ ...parts, directory: join(folder, "box/settings") });
    const proxy = { host: "proxy.example", port: 3128, user: "anna", passwordRef: null };
    const begun = await store.begin({ ...factorySettings(), proxy }, { proxyPassword: canary });
    if (begun.ok) await begun.value.commit();
  }

  it("bundles a box of the bench, without its password", async () => {
    await storePassword();
    const bench = await startBench(["--state", folder]);
    try {
      await expect.poll(() => bench.get<object>("/api/v1/status")).toHaveProperty("proxy.user", "anna");
      const { status, stdout, stderr } = support("--url", bench.url);
      expect([status, stderr]).toEqual([0, expect.stringContaining("items are in the bundle")]);
      const file = stdout.trim();
      expect(dirname(file)).toBe(out);
      expect(file).toMatch(/\/bezel-support-29001-\d{8}T\d{6}Z\.tar\.gz$/);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const place = unpack(file);
      const text = (name: string) => readFileSync(join(place, name), "utf8");
      expect(JSON.parse(text("status.json"))).toMatchObject({ serial: "29001", proxy: { user: "anna" } });
      expect(JSON.parse(text("faults.json"))).toHaveProperty("faults");
      expect(JSON.parse(text("screen.json"))).toHaveProperty("lines");
      expect(JSON.parse(text("settings.json"))).toMatchObject({ proxy: { host: "proxy.example" } });
      expect(text("versions.txt")).toMatch(/^curl \d/m);
      expect(text("versions.txt")).toContain(process.version);
      expect(JSON.parse(text("health.json"))).toHaveProperty("uptimeSeconds");
      expect(JSON.parse(text("network/addresses.json"))).toContainEqual(expect.objectContaining({ ifname: "lo" }));
      expect(text("index.txt")).toContain("Secrets: 1 stored ones were looked for");
      const holding = filesOf(place).filter((name) => readFileSync(name, "latin1").includes(canary));
      expect(holding).toEqual([]);
      // The same name, taken.
      expect(support("--url", bench.url, "--output", file).status).toBe(2);
    } finally {
      await bench.stop();
    }
  });

  const isRoot = process.getuid?.() === 0;
  it("tells a user without rights, and without the daemon, what is missing and who would get it", async () => {
    await storePassword();
    // Where others may read it; root lays its rights down when Node has been loaded.
    cpSync(dirname(program), join(folder, "dist"), { recursive: true });
    const drop = join(folder, "drop.cjs");
    const nobody = "process.setgroups([]); process.setgid(65534); process.setuid(65534);";
    writeFileSync(drop, isRoot ? nobody : "");
    for (const place of [folder, out]) chmodSync(place, 0o777);
    const ended = spawnSync(
      process.execPath,
      ["--require", drop, join(folder, "dist/bezel.cjs"), "support", "--config", config],
      { cwd: out, encoding: "utf8" },
    );
    expect([ended.status, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/as root it would hold more of log\.jsonl/),
    ]);
    const place = unpack(ended.stdout.trim());
    const text = (name: string) => readFileSync(join(place, name), "utf8");
    expect(text("status.json.missing")).toContain(`${folder}/none.sock: nobody answers`);
    expect(JSON.parse(text("network/links.json"))).toContainEqual(expect.objectContaining({ ifname: "lo" }));
    if (isRoot) {
      expect(text("settings.json.missing")).toContain("EACCES");
      expect(text("index.txt")).toContain("Secrets: the stored ones cannot be read");
      expect(text("network/packet-filter.txt.missing")).toContain("nft");
    }
    expect(filesOf(place).filter((name) => readFileSync(name, "latin1").includes(canary))).toEqual([]);
  });

  it("leaves nothing behind when Ctrl-C ends it while a daemon hangs", async () => {
    let arrived = () => {};
    const request = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const daemon = createServer(() => arrived());
    daemon.listen(0, "127.0.0.1");
    await once(daemon, "listening");
    const url = `http://127.0.0.1:${(daemon.address() as AddressInfo).port}`;
    const child = spawn(process.execPath, [program, "support", "--config", config, "--url", url], { cwd: out });
    const ended = once(child, "exit");
    try {
      await request;
      child.kill("SIGINT");
      expect(await ended).toEqual([1, null]);
      expect(readdirSync(out)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      daemon.closeAllConnections();
      daemon.close();
    }
  });
});
