import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plugPty } from "./support/pty-pair.ts";
import { hasPackage, hasTool } from "./support/tools.ts";

/** The built folder where no node_modules lies above it, as on a machine that has never seen the sources. */
describe("dist, copied elsewhere", { timeout: 60_000 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bezel-dist-"));
    cpSync(resolve(import.meta.dirname, "../dist"), join(folder, "bezel"), { recursive: true });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const bezel = () => join(folder, "bezel/bezel.cjs");
  const bezelSays = (...args: readonly string[]) =>
    spawnSync(process.execPath, [bezel(), ...args], { encoding: "utf8" });
  const configure = (devices: readonly string[]) => {
    const file = join(folder, "bezel.toml");
    writeFileSync(
      file,
      `[network]
backend = "simulated"
[console]
devices = ${JSON.stringify(devices)}
[control]
socket = "${folder}/control.sock"
[state]
directory = "${folder}/state"
`,
    );
    return file;
  };

  it("knows its configuration", () => {
    const { status, stderr } = bezelSays("config", "check", "--config", configure([]));
    expect([status, stderr]).toEqual([0, ""]);
  });

  const addOns = ["i2c-bus", "onoff", "serialport"].filter(hasPackage);
  it.each(addOns)("loads %s from beside the program", (name) => {
    const script = `require("${name}"); console.log(require.resolve("${name}"))`;
    const found = execFileSync(process.execPath, ["-e", script], { cwd: join(folder, "bezel"), encoding: "utf8" });
    expect(found.startsWith(join(folder, "bezel/node_modules"))).toBe(true);
  });

  it("has no binary that is not for this machine", () => {
    const binaries = readdirSync(join(folder, "bezel"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".node"),
    );
    // One each: onoff's is that of epoll.
    expect(binaries).toHaveLength(addOns.length);
    for (const binary of binaries) {
      expect(
        spawnSync(process.execPath, ["-e", `require(${JSON.stringify(join(folder, "bezel", binary))})`]).status,
      ).toBe(0);
    }
  });

  const missing = !hasTool("socat") ? "no socat" : hasPackage("serialport") ? null : "serialport is not installed";
  it.skipIf(missing !== null)(
    `opens a serial console${missing === null ? "" : ` (skipped: ${missing})`}`,
    async () => {
      const cable = await plugPty(folder, "console");
      const config = configure([cable.device]);
      const daemon = spawn(process.execPath, [bezel(), "run", "--config", config], { stdio: "ignore" });
      const ended = once(daemon, "exit");
      const consoles = () => {
        const { status, stdout } = bezelSays("status", "--json", "--config", config);
        return status === 3 ? null : (JSON.parse(stdout) as { consoles: unknown }).consoles;
      };
      try {
        await expect.poll(consoles).toEqual([{ device: cable.device, state: "open" }]);
      } finally {
        daemon.kill("SIGKILL");
        await ended;
        await cable.unplug();
      }
    },
    60_000,
  );
});
