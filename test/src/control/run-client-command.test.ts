import { chmod } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { controlRoutes } from "../../../src/control/api.ts";
import { createHandler } from "../../../src/control/handler.ts";
import { silentLog } from "../../../src/model/log.ts";
import { failed } from "../../../src/model/result.ts";
import { useClientBench } from "./client-bench.ts";

const { appliance, socket, stops, asOrdinaryUser, serve, impostor, filesWith, bezel } = useClientBench();

describe("screen, press and type", () => {
  it("draws the glass in a frame with the LEDs", async () => {
    await serve();
    appliance().change({ frame: { cursor: { row: 1, col: 2 }, leds: { s1: true, s2: false, s3: false } } });
    const { code, stdout } = await bezel(["screen"]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "┌──▼─────────────┐  ● S1",
        "│is_acme        ↵│  ○ S2",
        "►10.77.0.20     P│  ○ S3",
        "└────────────────┘",
        "home",
        "",
      ].join("\n"),
    );
  });

  it("prints the screen after the last key", async () => {
    await serve();
    const { code, stdout } = await bezel(["press", "enter", "UP*2"]);
    expect([code, appliance().inputs.length]).toEqual([0, 4]);
    expect(stdout).toContain("│4 inputs        │");
  });

  it("types with escapes", async () => {
    await serve();
    expect((await bezel(["type", "1\\b\\n"])).code).toBe(0);
    expect(appliance().inputs.map(({ type }) => type)).toEqual(["character", "erase", "key"]);
  });

  it("finds the bench by its address", async () => {
    const routes = controlRoutes(appliance(), { keys: true, settings: true });
    const parts = { routes, clock: createFakeClock(), log: silentLog, prefix: "/api", loopbackOnly: true };
    const handler = createHandler(parts);
    const server = createServer((request, response) => {
      if (!handler(request, response)) response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const files = { read: () => Promise.reject(new Error("not needed")) };
    expect(await bezel(["press", "DOWN", "--url", url], { files })).toMatchObject({ code: 0, stderr: "" });
    expect(appliance().inputs).toHaveLength(1);
  });
});

describe("exit codes", () => {
  it("2: wrong usage, with the place to read on", async () => {
    const { code, stderr } = await bezel(["press", "ESC"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bezel: press: no key "ESC"; .*\nTry: bezel help press\n$/);
  });

  it("2: a configuration that cannot be read", async () => {
    const { code, stderr } = await bezel(["screen"], { files: filesWith("[panel]\ncols = 17\n") });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bezel: \/etc\/bezel\/bezel\.toml:2: panel\.cols: .+\n$/);
  });

  it("3: nobody answers", async () => {
    const { code, stderr } = await bezel(["status"]);
    expect(code).toBe(3);
    expect(stderr).toBe(`bezel: ${socket()}: nobody answers; is the daemon running?\n`);
  });

  it("3: nothing listens at the address", async () => {
    expect((await bezel(["status", "--url", "http://127.0.0.1:1"])).code).toBe(3);
  });

  it.each([
    ["no JSON", 200, "<html>"],
    ["another document", 200, '{"phase":"ready"}'],
    ["an error that is none of ours", 502, "bad gateway"],
    ["an endless reply", 200, " ".repeat(1024 * 1024 + 1)],
  ])("3: what answers is not bezel: %s", async (_, status, body) => {
    const url = await impostor(status, body);
    expect(await bezel(["status", "--url", url])).toMatchObject({ code: 3, stdout: "" });
  });

  it("3: no answer in 10 s", async () => {
    const clock = createFakeClock();
    const server = createServer(() => void clock.advance(10_000));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await bezel(["status", "--url", url], { clock })).toMatchObject({ code: 3 });
    expect(clock.pending()).toEqual([]);
  });

  it("4: the daemon takes no keys", async () => {
    await serve({ keys: false, settings: true });
    const { code, stderr } = await bezel(["press", "ENTER"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/keys = true under \[control\]/);
  });

  it("4: the socket is somebody else's", async () => {
    await serve();
    // What the command loads is loaded before the rights are given up.
    expect((await bezel(["status"])).code).toBe(0);
    await chmod(socket(), 0);
    expect((await asOrdinaryUser(() => bezel(["status"]))).code).toBe(4);
  });

  it("1: the daemon failed inside", async () => {
    const url = await impostor(500, '{"error":{"kind":"internal","message":"the request failed"}}');
    const { code, stderr } = await bezel(["status", "--url", url]);
    expect([code, stderr]).toEqual([1, `bezel: ${url}: the request failed\n`]);
  });
});

describe("config", () => {
  it("check says that all is well", async () => {
    expect(await bezel(["config", "check", "--config", "b.toml"])).toMatchObject({
      code: 0,
      stdout: "b.toml: no problem found\n",
    });
  });

  it("check names each problem and ends with 2", async () => {
    const files = filesWith("[panel]\ncols = 17\nrows = 3\n");
    const { code, stdout, stderr } = await bezel(["config", "check", "--config", "b.toml"], { files });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^bezel: b\.toml:2: panel\.cols: .+\nbezel: b\.toml:3: panel\.rows: .+\n$/);
  });

  it("show prints a file with all keys, in the file's spelling, without the PIN", async () => {
    const { code, stdout } = await bezel(["config", "show"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("271828");
    expect(parse(stdout)).toMatchObject({
      platform: { ca_file: "", hosts: [] },
      panel: { pin: "********", idle_seconds: 300 },
      console: { stop_bits: 2 },
    });
  });

  it("config check names what the configuration asks for and the machine lacks", async () => {
    const inspect = async () => [{ key: "panel.board", message: "no such board" }];
    expect(await bezel(["config", "check"], { inspect })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/: panel\.board: no such board\n$/),
    });
  });

  it("schema and plan print what they are given", async () => {
    expect(JSON.parse((await bezel(["config", "schema"])).stdout)).toMatchObject({ properties: { panel: {} } });
    expect(await bezel(["config", "plan"])).toMatchObject({ code: 0, stdout: "nothing to do\n" });
    expect(await bezel(["config", "plan"], { planChange: async () => failed("no settings") })).toMatchObject({
      code: 1,
      stderr: "bezel: no settings\n",
    });
  });
});

describe("help and version", () => {
  it("go to stdout", async () => {
    expect(await bezel(["--version"])).toMatchObject({ code: 0, stdout: "bezel 0.1.0\n", stderr: "" });
    expect(await bezel(["help"])).toMatchObject({ code: 0, stderr: "" });
  });
});
