import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createChildHelper, createSocketHelper } from "../../../src/helper/client.ts";
import { bundle } from "../../support/bench-process.ts";
import { hasTool } from "../../support/tools.ts";

const { signal } = new AbortController();
const limit = { timeout: 120_000 };

let folder: string;
let config: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-helper-"));
  config = join(folder, "bezel.toml");
  // The loopback interface has no link modes, and nobody may change that.
  await writeFile(config, '[network]\nlan = "lo"\nwan = "no-such-port"\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lacks = (detail: string) => ({ ok: false, error: { kind: "refused", detail: expect.stringContaining(detail) } });

describe.skipIf(!hasTool("ethtool"))("bezel helper (needs ethtool)", limit, () => {
  it("answers one request as a child", async () => {
    const argv = [process.execPath, bundle, "helper", "--config", config] as const;
    const helper = createChildHelper({ processes: createProcesses(), argv });
    expect(await helper.setLink("lan", "auto", signal)).toEqual({ ok: true, value: null });
    expect(await helper.setLink("lan", "10/full", signal)).toEqual(lacks("does not offer 10/full, only auto"));
    expect(await helper.setLink("wan", "auto", signal)).toEqual(lacks("no-such-port: there is no such interface"));
  });

  it("says what is wrong with its configuration", async () => {
    const argv = [process.execPath, bundle, "helper", "--config", join(folder, "nonesuch.toml")] as const;
    const helper = createChildHelper({ processes: createProcesses(), argv });
    expect(await helper.setLink("lan", "auto", signal)).toMatchObject({
      error: { kind: "unavailable", detail: expect.stringContaining("there is no such file") },
    });
  });
});

const able = hasTool("ethtool") && hasTool("systemd-socket-activate");

describe.skipIf(!able)("bezel helper with a socket (needs ethtool and systemd-socket-activate)", limit, () => {
  it("is started by the first request, answers, and ends itself when nobody comes", async () => {
    const path = join(folder, "net.sock");
    const child = spawn(
      "systemd-socket-activate",
      ["-l", path, process.execPath, bundle, "helper", "--config", config],
      {
        stdio: "ignore",
      },
    );
    const ended = endOf(child);
    try {
      await untilThere(path);
      const helper = createSocketHelper({ path, clock: createSystemClock() });
      expect(await helper.setLink("lan", "auto", signal)).toEqual({ ok: true, value: null });
      expect(await helper.setLink("lan", "10/full", signal)).toEqual(lacks("does not offer 10/full, only auto"));
      expect(await ended).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

async function untilThere(path: string): Promise<void> {
  while (!(await stat(path).catch(() => null))) await new Promise((resolve) => setTimeout(resolve, 20));
}
