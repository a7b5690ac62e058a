import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { controlRoutes } from "../../../src/control/api.ts";
import { parseCommandLine } from "../../../src/control/command-line.ts";
import { createHandler } from "../../../src/control/handler.ts";
import { type CommandParts, reportUsage, runClientCommand } from "../../../src/control/run-client-command.ts";
import { type ControlServer, serveSocket } from "../../../src/control/server.ts";
import type { ScanFacts } from "../../../src/model/facts.ts";
import { silentLog } from "../../../src/model/log.ts";
import type { NetworkTest } from "../../../src/model/network-test.ts";
import type { OrderReport } from "../../../src/model/order.ts";
import { failed, ok } from "../../../src/model/result.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { someTest, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { someRoute, someVlan } from "../../support/some-scans.ts";
import { type FakeAppliance, fakeAppliance, keptReport } from "./fake-appliance.ts";

let folder: string;
let socket: string;
let appliance: FakeAppliance;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-cli-"));
  socket = join(folder, "control.sock");
  appliance = fakeAppliance();
});

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await rm(folder, { recursive: true, force: true });
});

/** root may open everything, so root's rights are laid down meanwhile. */
async function asOrdinaryUser<T>(run: () => Promise<T>): Promise<T> {
  const nobody = 65534;
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(nobody);
  try {
    return await run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

async function serve(allowed = { keys: true, settings: true }): Promise<ControlServer> {
  const routes = controlRoutes(appliance, allowed);
  const server = await serveSocket(
    socket,
    createHandler({ routes, clock: createFakeClock(), log: silentLog }),
    silentLog,
  );
  stops.push(() => server.close());
  return server;
}

/** Answers every request over TCP with this. */
async function impostor(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A machine with this text as its only file. */
function filesWith(text: string): CommandParts["files"] {
  return { read: async () => new TextEncoder().encode(text) };
}

async function bezel(argv: readonly string[], change: Partial<CommandParts> = {}) {
  let stdout = "";
  let stderr = "";
  const parts: CommandParts = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    version: "0.1.0",
    clock: createFakeClock(),
    files: filesWith(`[control]\nsocket = "${socket}"\n[panel]\npin = "271828"\n`),
    inspect: async () => [],
    planChange: async () => ok("nothing to do\n"),
    stdin: () => Promise.reject(new Error("not needed")),
    untilInterrupted: () => new AbortController().signal,
    ...change,
  };
  const command = parseCommandLine(argv);
  if (!command.ok) {
    const code = reportUsage(command.error, parts.stderr);
    return { code, stdout, stderr };
  }
  const { name } = command.value;
  if (name === "run" || name === "sim" || name === "check" || name === "support")
    throw new Error("not a client command");
  const code = await runClientCommand(command.value, parts);
  return { code, stdout, stderr };
}

describe("status", () => {
  it("tells a person the state in a few lines", async () => {
    await serve();
    const { code, stdout, stderr } = await bezel(["status"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^state +ready, is_acme on platform P$/m);
    expect(stdout).toMatch(/^LAN +lan0 .*10\.77\.0\.20\/24 \(dhcp\), gateway 10\.77\.0\.1, DNS 10\.77\.0\.53$/m);
  });

  it("ends with 1 when a fault stands, and says what to do", async () => {
    await serve();
    appliance.change({
      facts: {
        phase: "network-error",
        fault: {
          code: "timeout",
          message: "Timeout was reached (28)",
          legacyCode: "E06",
          detail: "platform.example: nothing came",
          next: "Check the firewall.",
          since: "2026-01-01T00:00:00.000Z",
          until: null,
        },
      },
    });
    const { code, stdout } = await bezel(["status"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +Timeout was reached \(28\) \(E06\), since 2026/m);
    expect(stdout).toMatch(/^ +Check the firewall\.$/m);
    expect((await bezel(["status", "--json"])).code).toBe(1);
  });

  it("gives programs the document as it came", async () => {
    await serve();
    const { stdout } = await bezel(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ phase: "ready", lan: { interface: "lan0" }, fault: null });
  });
});

describe("status of networks of scans", () => {
  const scan = (vlans: number, routes: number) => ({
    revision: 8,
    vlans: Array.from({ length: vlans }, (_, n) => someVlan(20 + n)),
    routes: Array.from({ length: routes }, (_, n) => someRoute(n, 20)),
  });
  const settled = { state: "settled", detail: null, failures: [] } as const;
  const failures = [{ id: "vlan-20", message: "no" }];

  it.each<[string, ReturnType<typeof scan>, ScanFacts, string | null]>([
    ["nothing is ordered", scan(0, 0), settled, null],
    ["all is well", scan(12, 3), settled, "12 VLANs, 3 routes, revision 8"],
    ["one of each", scan(1, 1), settled, "1 VLAN, 1 route, revision 8"],
    ["one failed", scan(2, 0), { ...settled, failures }, "2 VLANs, 0 routes, revision 8, 1 failed"],
    ["they are made", scan(2, 0), { ...settled, state: "working" }, "2 VLANs, 0 routes, revision 8, working"],
    [
      "they cannot be made",
      scan(0, 1),
      { ...settled, state: "unavailable", detail: "no helper" },
      "0 VLANs, 1 route, revision 8, unavailable: no helper",
    ],
  ])("%s", async (_, ordered, scanNetworks, line) => {
    await serve();
    appliance.change({ facts: { settings: { ...factorySettings(), scan: ordered }, scanNetworks } });
    const { stdout } = await bezel(["status"]);
    expect(/^scans {6}(.*)$/m.exec(stdout)?.[1] ?? null).toBe(line);
  });
});

describe("status of a test of the network", () => {
  const fault = {
    code: "timeout",
    message: "Timeout was reached (28)",
    legacyCode: null,
    detail: "silent",
    next: "Ask.",
  };

  it.each<[string, NetworkTest | null, string | null, string]>([
    ["none", null, null, ""],
    [
      "a good one",
      someTest(),
      "the network is fine, begun 2026-01-01T00:00:00.000Z",
      "ok   platform, 2 ms: is_box on platform P",
    ],
    [
      "one that goes on",
      testAt("address", 0),
      "running: LAN address, begun 2026-01-01T00:00:00.000Z",
      "ok   LAN carrier, 0 ms: 1000 Mbit/s full duplex lan0",
    ],
    [
      "one that found a fault",
      testBrokenAt("connect", 30_001, fault),
      "Timeout was reached (28), begun 2026-01-01T00:00:00.000Z",
      "FAIL connect, 30001 ms: silent",
    ],
    [
      "a refused one",
      someTest({ state: "refused", reason: "a change goes on", rungs: [] }),
      "refused: a change goes on, begun 2026-01-01T00:00:00.000Z",
      "",
    ],
  ])("%s", async (_, test, verdict, row) => {
    await serve();
    appliance.change({ facts: { test } });
    const { stdout } = await bezel(["status"]);
    expect(/^test {7}(.*)$/m.exec(stdout)?.[1] ?? null).toBe(verdict);
    expect(stdout).toContain(row);
  });
});

describe("order", () => {
  const document = '{"schema": 1, "revision": 7, "items": []}';
  const configured = (): CommandParts["files"] => ({
    read: async (path) => {
      const files = new Map([
        ["/etc/bezel/bezel.toml", `[control]\nsocket = "${socket}"\n`],
        ["order.json", document],
        ["broken.json", "{"],
        ["bytes.json", "\xff"],
      ]);
      const text = files.get(path);
      if (text === undefined) throw new HalError("absent", path, "no such file");
      return Buffer.from(text, "latin1");
    },
  });
  const order = (file = "order.json", change: Partial<CommandParts> = {}, ...options: string[]) =>
    bezel(["order", file, ...options], { files: configured(), ...change });
  const failing = { ...keptReport, results: [...keptReport.results, { id: "route-1", ok: false, message: "no way" }] };

  it("sends the file and says what became of it", async () => {
    await serve();
    expect(await order()).toEqual({ code: 0, stdout: "kept, revision 7, 1 item\n", stderr: "" });
    expect(appliance.orders).toEqual([JSON.parse(document)]);
  });

  it("sends standard input", async () => {
    await serve();
    expect(await order("-", { stdin: async () => Buffer.from('{"schema":2}') })).toMatchObject({ code: 0 });
    expect(appliance.orders).toEqual([{ schema: 2 }]);
  });

  it.each<[string, OrderReport, 0 | 1, string]>([
    ["an item failed", failing, 1, "kept, revision 7, 1 of 2 items failed\nroute-1: no way\n"],
    [
      "it was refused",
      { revision: 7, outcome: "refused", reason: "a: no", results: [{ id: "a", ok: false, message: "no" }] },
      1,
      "refused, revision 7, 1 of 1 item failed: a: no\na: no\n",
    ],
    ["it has no items", { ...keptReport, results: [] }, 0, "kept, revision 7, 0 items\n"],
    [
      "it was not understood",
      { revision: null, outcome: "refused", reason: "no", results: [] },
      1,
      "refused, 0 items: no\n",
    ],
    [
      "it comes at a bad time",
      { revision: 7, outcome: "busy", reason: "busy", results: [] },
      1,
      "busy, revision 7, 0 items: busy\n",
    ],
    [
      "it cost the contact",
      { revision: 7, outcome: "reverted", reason: "x", results: [] },
      1,
      "reverted, revision 7, 0 items: x\n",
    ],
  ])("says that %s, and ends accordingly", async (_, report, code, stdout) => {
    await serve();
    appliance.answerOrders(() => report);
    expect(await order()).toEqual({ code, stdout, stderr: "" });
    const json = await order("order.json", {}, "--json");
    expect([json.code, JSON.parse(json.stdout)]).toEqual([code, report]);
  });

  it.each([
    ["missing.json", "missing.json: there is no such file"],
    ["broken.json", "broken.json: is not JSON"],
    ["bytes.json", "bytes.json: is not JSON"],
  ])("2: %s", async (file, message) => {
    await serve();
    expect(await order(file)).toEqual({ code: 2, stdout: "", stderr: `bezel: ${message}\n` });
    expect(appliance.orders).toEqual([]);
  });

  it.each([
    ["unsupported", "standard input: is larger than 1024 KiB"],
    ["io", "standard input: cannot be read: stdin: a reason"],
  ] as const)("2: standard input that is %s", async (kind, message) => {
    const stdin = () => Promise.reject(new HalError(kind, "stdin", "a reason"));
    expect(await order("-", { stdin })).toEqual({ code: 2, stdout: "", stderr: `bezel: ${message}\n` });
  });

  it("3: nobody answers; 4: the daemon takes no orders", async () => {
    expect((await order()).code).toBe(3);
    await serve({ keys: true, settings: false });
    const { code, stderr } = await order();
    expect([code, stderr]).toEqual([4, expect.stringMatching(/settings = true under \[control\]/)]);
  });

  it("waits for minutes", async () => {
    await serve();
    const clock = createFakeClock();
    appliance.answerOrders(async () => {
      await clock.advance(600_000);
      return keptReport;
    });
    expect(await order("order.json", { clock })).toMatchObject({ code: 0 });
  });

  it("takes a report of thousands of items", async () => {
    await serve();
    const message = "10.9.0.0/16: the gateway 10.77.0.1 cannot be reached, LAN is 10.88.0.99/24".padEnd(300, ".");
    const results = Array.from({ length: 5000 }, (_, n) => ({ id: `item-${n}`.padEnd(64, "-"), ok: false, message }));
    appliance.answerOrders(() => ({ ...keptReport, results }));
    const { code, stdout } = await order();
    expect([code, stdout.split("\n").length]).toEqual([1, 5002]);
  });

  describe("when it is interrupted", () => {
    const interruptedWhile = async (stdout: OrderReport, canceled: boolean) => {
      await serve();
      if (!canceled) appliance.cancelOrder();
      const interrupted = new AbortController();
      const report = new Promise<OrderReport>((resolve) => {
        appliance.answerOrders(() => {
          interrupted.abort();
          return report;
        });
        const seen = appliance.cancelOrder;
        appliance.cancelOrder = () => {
          resolve(stdout);
          return seen();
        };
      });
      return order("order.json", { untilInterrupted: () => interrupted.signal });
    };

    it("takes the order back, and says what became of it", async () => {
      const canceled = { ...keptReport, outcome: "canceled" as const, reason: "it was canceled", results: [] };
      expect(await interruptedWhile(canceled, true)).toEqual({
        code: 1,
        stdout: "canceled, revision 7, 0 items: it was canceled\n",
        stderr: "bezel: canceling the order\n",
      });
    });

    it("says so when it was too late", async () => {
      expect(await interruptedWhile(keptReport, false)).toEqual({
        code: 0,
        stdout: "kept, revision 7, 1 item\n",
        stderr: "bezel: canceling the order\nbezel: there is no order to cancel any more\n",
      });
    });

    it("does not wait for a daemon that cannot be told", async () => {
      const server = await serve();
      const interrupted = new AbortController();
      appliance.answerOrders(async () => {
        // Nobody is to be reached at the socket any more; the order hangs on.
        await rm(socket);
        interrupted.abort();
        return new Promise<OrderReport>(() => {});
      });
      const { code, stderr } = await order("order.json", { untilInterrupted: () => interrupted.signal });
      expect([code, stderr]).toEqual([3, expect.stringMatching(/no answer \(the order could not be canceled\)/)]);
      await server.close();
    });
  });
});

describe("screen, press and type", () => {
  it("draws the glass in a frame with the LEDs", async () => {
    await serve();
    appliance.change({ frame: { cursor: { row: 1, col: 2 }, leds: { s1: true, s2: false, s3: false } } });
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
    expect([code, appliance.inputs.length]).toEqual([0, 4]);
    expect(stdout).toContain("│4 inputs        │");
  });

  it("types with escapes", async () => {
    await serve();
    expect((await bezel(["type", "1\\b\\n"])).code).toBe(0);
    expect(appliance.inputs.map(({ type }) => type)).toEqual(["character", "erase", "key"]);
  });

  it("finds the bench by its address", async () => {
    const routes = controlRoutes(appliance, { keys: true, settings: true });
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
    expect(appliance.inputs).toHaveLength(1);
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
    expect(stderr).toBe(`bezel: ${socket}: nobody answers; is the daemon running?\n`);
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
    await chmod(socket, 0);
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
