import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { createFakeClock, type FakeClock } from "../../hal/mock/fake-clock.ts";
import { createScriptedProcesses } from "../../hal/mock/scripted-processes.ts";
import { createBench } from "../../sim/bench.ts";
import type { BenchPatch } from "../../sim/bench-document.ts";
import { serveBench } from "../../sim/server.ts";
import { silentLog } from "../../src/model/log.ts";
import { createSomeBoxes } from "./some-box.ts";

const curlInstalled = await new Promise<boolean>((resolve) =>
  execFile("curl", ["-V"], (error) => resolve(error === null)),
);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(clock: FakeClock = createFakeClock()) {
  const boxes = createSomeBoxes();
  const bench = await createBench({
    system: clock,
    files: createFiles(),
    processes: createScriptedProcesses([]),
    directory: null,
    startBox: boxes.start,
    log: silentLog,
    geometry: { cols: 16, rows: 2 },
  });
  cleanups.push(async () => {
    const closing = bench.close();
    await clock.advance(5000);
    await closing;
  });
  await clock.advance(3000);
  return { bench, boxes, clock };
}

async function serve() {
  const { bench } = await open();
  const pageDirectory = await mkdtemp(join(tmpdir(), "bench-page-"));
  const parts = { bench, pageDirectory, system: createSystemClock(), log: silentLog };
  const server = await serveBench({ ...parts, port: 0 });
  cleanups.push(() => rm(pageDirectory, { recursive: true, force: true }), server.close);
  return { url: server.url, pageDirectory, parts };
}

describe("the bench's server", () => {
  it("serves the page with a policy that allows nothing from outside, and no other file", async () => {
    const { url, pageDirectory } = await serve();
    await writeFile(join(pageDirectory, "index.html"), "<!doctype html>");
    await writeFile(join(pageDirectory, "secret.txt"), "secret");
    const page = await fetch(url);
    expect(await page.text()).toBe("<!doctype html>");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self';/);
    expect((await fetch(`${url}/secret.txt`)).status).toBe(404);
    expect((await fetch(`${url}/..%2fsecret.txt`)).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    const missing = await fetch(`${url}/page.js`);
    expect([missing.status, await missing.text()]).toEqual([500, expect.stringContaining("npm run build")]);
  });

  it("answers the API under /api, to pages of its own only", async () => {
    const { url } = await serve();
    const patch = { method: "PATCH", body: JSON.stringify({ lan: { cable: false } }) };
    expect((await fetch(`${url}/api/v1/bench`, patch)).status).toBe(200);
    expect(await (await fetch(`${url}/api/v1/bench`)).json()).toMatchObject({ lan: { cable: false } });
    expect((await fetch(`${url}/api/v1/screen`)).status).toBe(200);
    const foreign = await fetch(`${url}/api/v1/bench`, { ...patch, headers: { origin: "http://evil.example" } });
    expect(foreign.status).toBe(403);
  });

  it("names the program's remedy when the port is taken", async () => {
    const { url, parts } = await serve();
    const port = Number(new URL(url).port);
    await expect(serveBench({ ...parts, port })).rejects.toThrow(
      /127\.0\.0\.1:\d+: another program listens here; .*--port/,
    );
  });
});

/** What curl ended with: exit code and HTTP status. */
type Ended = readonly [code: number, status: string];

describe.skipIf(!curlInstalled)(
  "the way to the platform, by curl over TLS (skipped where curl is not installed)",
  () => {
    async function ask(patch: BenchPatch, proxy?: string): Promise<Ended> {
      const { bench, boxes, clock } = await open();
      const patching = bench.patch(patch);
      await clock.advance(5000);
      await patching;
      const parts = boxes.lives[0]?.parts;
      if (parts === undefined) throw new Error("no box was started");
      const { port } = new URL(parts.platformUrl);
      const hosts = [`platform.example:${port}:127.0.0.1`, `proxy.example:${bench.about.proxy.port}:127.0.0.1`];
      const through = proxy === undefined ? [] : ["-x", `http://${proxy}@proxy.example:${bench.about.proxy.port}`];
      const args = ["-q", "-s", "-m", "5", "--cacert", parts.authorityFile, "-o", "/dev/null", "-w", "%{http_code}"];
      const names = hosts.flatMap((host) => ["--resolve", host]);
      return new Promise((resolve) => {
        execFile("curl", [...args, ...names, ...through, parts.platformUrl], (error, stdout) => {
          resolve([typeof error?.code === "number" ? error.code : 0, stdout]);
        });
      });
    }

    it.each<[string, BenchPatch, string | undefined, Ended]>([
      ["open", {}, undefined, [0, "404"]],
      ["no cable", { lan: { cable: false } }, undefined, [7, "000"]],
      ["the address is another's", { lan: { duplicate: true } }, undefined, [7, "000"]],
      ["refused", { platform: { answer: "refused" } }, undefined, [7, "000"]],
      ["reset", { platform: { answer: "reset" } }, undefined, [35, "000"]],
      ["another authority", { platform: { answer: "other-certificate" } }, undefined, [60, "000"]],
      ["closed without the proxy", { proxy: { required: true } }, undefined, [7, "000"]],
      ["through the proxy", { proxy: { required: true, auth: "basic" } }, "bench:bench", [0, "404"]],
      ["no cable to the proxy either", { lan: { cable: false } }, "bench:bench", [7, "000"]],
    ])("%s", async (_, patch, proxy, ended) => {
      expect(await ask(patch, proxy)).toEqual(ended);
    });
  },
);
