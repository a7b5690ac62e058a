import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createFiles } from "../../hal/linux/files.ts";
import { createFakeClock } from "../../hal/mock/fake-clock.ts";
import { createScriptedProcesses } from "../../hal/mock/scripted-processes.ts";
import type { Processes } from "../../hal/processes.ts";
import type { PlatformControl } from "../../platform/platform.ts";
import { createAccount } from "../../sim/account.ts";
import { createBench } from "../../sim/bench.ts";
import { benchRoutes } from "../../sim/bench-routes.ts";
import { createPageFeed } from "../../sim/page-feed.ts";
import { controlRoutes, createApi } from "../../src/control/api.ts";
import { silentLog } from "../../src/model/log.ts";
import { createSomeBoxes, somePicture } from "./some-box.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open({ activated = false, processes = createScriptedProcesses([]) as Processes } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "bench-test-"));
  const system = createFakeClock();
  const boxes = createSomeBoxes();
  const bench = await createBench({
    system,
    files: createFiles(),
    processes,
    directory,
    activated,
    startBox: boxes.start,
    log: silentLog,
    geometry: { cols: 16, rows: 2 },
  });
  cleanups.push(
    () => rm(directory, { recursive: true, force: true }),
    async () => {
      const closing = bench.close();
      await system.advance(5000);
      await closing;
    },
  );
  const api = createApi(
    [...controlRoutes(bench.control, { keys: true, settings: true }), ...benchRoutes(bench, system)],
    silentLog,
  );
  const request = async (method: string, path: string, body?: unknown) => {
    const reply = await api({ method, path, body: new TextEncoder().encode(JSON.stringify(body) ?? "") });
    if (reply.kind !== "json") throw new Error(`${path} streams`);
    return { status: reply.status, body: reply.body };
  };
  const life = () => {
    const last = boxes.lives.at(-1);
    if (last === undefined) throw new Error("no box was started");
    return last;
  };
  await system.advance(3000);
  return { directory, system, bench, boxes, request, life };
}

const bench = {
  lan: { cable: true, dhcp: "ok", subnet: "10.77.0.0/24", duplicate: false, dns: "ok", routerAdvertisement: "ok" },
  wan: { cable: true, dhcp: "ok", subnet: "10.78.0.0/24", duplicate: false, dns: "ok", routerAdvertisement: "ok" },
  proxy: { required: false, auth: "none", answer: "ok" },
  storage: { fileSystem: "ok" },
  platform: { answer: "ok", activated: false, name: "is_bench", indicator: "P" },
  clock: { advanceSeconds: 0 },
};

describe("the switches of the bench", () => {
  it("are read whole, and what was read can be sent back", async () => {
    const { request } = await open();
    expect(await request("GET", "/v1/bench")).toEqual({ status: 200, body: bench });
    expect(await request("PATCH", "/v1/bench", bench)).toEqual({ status: 200, body: bench });
  });

  it("change one by one", async () => {
    const { request } = await open();
    const patch = {
      lan: { cable: false },
      storage: { fileSystem: "fsck" },
      platform: { answer: "500", name: "rack-7", indicator: "Q", activated: true },
    };
    expect((await request("PATCH", "/v1/bench", patch)).body).toEqual({
      ...bench,
      lan: { ...bench.lan, cable: false },
      storage: patch.storage,
      platform: patch.platform,
    });
  });

  it.each([
    [{ lan: { cable: false }, wan: { cable: 1 } }, "wan.cable"],
    [{ lan: { cable: false }, platform: { answer: "maybe" } }, "platform.answer"],
    [{ lan: { cable: false }, platform: { name: "a name" } }, "platform.name"],
    [{ lan: { cable: false }, clock: { advanceSeconds: -1 } }, "clock.advanceSeconds"],
    [{ lan: { cable: false }, storage: { fileSystem: "sound" } }, "storage.fileSystem"],
    [{ lan: { cable: false, colour: "red" } }, "lan"],
    [{ lan: { cable: false }, moon: {} }, "moon"],
    [null, "body"],
  ])("%j is refused at %s, whole", async (patch, where) => {
    const { request } = await open();
    const reply = await request("PATCH", "/v1/bench", patch);
    expect(reply).toMatchObject({ status: 400, body: { error: { kind: "bad-request" } } });
    expect(JSON.stringify(reply.body)).toContain(where);
    expect((await request("GET", "/v1/bench")).body).toEqual(bench);
  });

  it("--activated is in force before the box has polled", async () => {
    const { request } = await open({ activated: true });
    expect((await request("GET", "/v1/bench")).body).toMatchObject({ platform: { activated: true } });
  });

  it("the clock is forward when the answer comes, and what fell due has happened", async () => {
    const { request, life, bench: bench_ } = await open();
    const seen: number[] = [];
    const { clock } = life().parts.machine;
    const before = clock.now();
    clock.after("test", 90_000, () => seen.push(clock.now() - before));
    expect((await request("PATCH", "/v1/bench", { clock: { advanceSeconds: 180 } })).status).toBe(200);
    expect(seen).toEqual([90_000]);
    expect(bench_.clock.now() - before).toBe(180_000);
  });

  it("a request that hangs is waited for once, not at every slice of a skip", async () => {
    const processes = createScriptedProcesses([
      { expect: ["hang"], reply: "hangs" },
      { expect: ["quick"], reply: {} },
    ]);
    const { request, life, system, bench: bench_ } = await open({ processes });
    const { machine } = life().parts;
    const run = (program: string) => machine.processes.run([program], { timeoutMs: 60_000 });
    let quick: unknown = null;
    void run("hang");
    machine.clock.after("test", 1_800_000, () => {
      void run("quick").then((exited) => {
        quick = exited;
      });
    });
    const before = { system: system.monotonic(), box: bench_.clock.now() };
    const patched = request("PATCH", "/v1/bench", { clock: { advanceSeconds: 3600 } });
    let answered = false;
    void patched.then(() => {
      answered = true;
    });
    while (!answered) await system.advance(5);
    expect(quick).toMatchObject({ kind: "exited" });
    expect(bench_.clock.now() - before.box).toBeGreaterThanOrEqual(3_600_000);
    // Two seconds for the one that hangs, and next to nothing for the quick one.
    expect(system.monotonic() - before.system).toBeLessThan(2_000 + 1_000);
  });

  it("an appliance has the name of the bench when it is activated, whatever the platform called it", async () => {
    let appliance = {
      fingerprint: "f",
      state: "unactivated",
      name: "scanner",
      indicator: "X",
      jobs: [],
      lastPoll: null,
    };
    const platform = {
      appliances: () => [appliance],
      answer: () => "ok",
      activateOnSight: () => {},
      change: (_: string, change: object) => {
        appliance = { ...appliance, ...change };
      },
      subscribe: () => () => {},
    } as unknown as PlatformControl;
    const account = createAccount(platform, false);
    expect(account.state()).toMatchObject({ activated: false, name: "is_bench", indicator: "P" });
    await account.set({ activated: true });
    expect(appliance).toMatchObject({ state: "active", name: "is_bench", indicator: "P" });
    await account.set({ name: "rack-7" });
    await account.set({ activated: false });
    expect(account.state()).toMatchObject({ activated: false, name: "rack-7" });
  });

  it("orders for a box that the platform does not know are refused with the reason", async () => {
    const { request } = await open();
    expect(await request("POST", "/v1/bench/jobs", { order: "scan", seconds: 60 })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("has not polled") } },
    });
    expect((await request("POST", "/v1/bench/jobs", { cancel: true })).status).toBe(200);
  });
});

describe("the box's power", () => {
  const dark = {
    screen: "off",
    lines: [" ".repeat(16), " ".repeat(16)],
    blank: true,
    leds: { s1: false, s2: false, s3: false },
  };

  it("cut: dark, silent, and nothing of the box moves again; restore: a new life on the same folder", async () => {
    const { request, boxes, life, system, bench: bench_ } = await open();
    expect(bench_.glass()).toMatchObject({ lit: true, lines: somePicture.lines, leds: somePicture.leds });
    const first = life();
    let woken = false;
    first.parts.machine.clock.after("test", 10, () => {
      woken = true;
    });
    expect((await request("POST", "/v1/bench/power", { action: "cut" })).body).toEqual({
      plugged: false,
      running: false,
    });
    await system.advance(60_000);

    expect(first.signal.reason).toBe("power-cut");
    expect(woken).toBe(false);
    expect(boxes.lives).toHaveLength(1);
    expect(bench_.glass()).toMatchObject({ lit: false, leds: dark.leds });
    expect((await request("GET", "/v1/screen")).body).toMatchObject(dark);
    expect((await request("POST", "/v1/keys", { keys: ["ENTER"] })).body).toMatchObject(dark);
    expect((await request("GET", "/v1/status")).body).toMatchObject({
      phase: "shutting-down",
      fault: null,
      lan: { carrier: false, ipv4: [] },
      poll: { next: null },
      panel: { state: "lost" },
    });

    expect((await request("POST", "/v1/bench/power", { action: "button" })).body).toMatchObject({ running: false });
    await request("POST", "/v1/bench/power", { action: "restore" });
    await system.advance(3000);
    expect(boxes.lives).toHaveLength(2);
    expect(life().parts.stateDirectory).toBe(first.parts.stateDirectory);
    expect(bench_.glass()).toMatchObject({ lit: true, lines: somePicture.lines });
    expect((await request("GET", "/v1/screen")).body).toMatchObject({ screen: "home" });
  });

  it("what the box was writing when the power went never ends, for the box", async () => {
    const { request, life, system, directory } = await open();
    const { files } = life().parts.machine;
    let settled = false;
    const note = () => {
      settled = true;
    };
    void files.write(join(directory, "box", "half"), new Uint8Array([1]), 0o600).then(note, note);
    await request("POST", "/v1/bench/power", { action: "cut" });
    void files.list(directory).then(note, note);
    await readdir(directory);
    await system.advance(1000);
    expect(settled).toBe(false);
  });

  it("a reboot is asked for by the box and starts it again", async () => {
    const { boxes, life, system } = await open();
    const first = life();
    await first.parts.machine.power.reboot();
    await system.advance(1000);
    expect(first.signal.reason).toBe("reboot");
    expect(boxes.lives).toHaveLength(1);
    await system.advance(1000);
    expect(boxes.lives).toHaveLength(2);
  });

  it("switched off it keeps its last picture, and the button starts it", async () => {
    const { boxes, life, system, request } = await open();
    await life().parts.machine.power.powerOff();
    await system.advance(60_000);
    expect(boxes.lives).toHaveLength(1);
    expect((await request("GET", "/v1/screen")).body).toMatchObject({ screen: "home" });
    expect((await request("POST", "/v1/bench/power", { action: "button" })).body).toEqual({
      plugged: true,
      running: true,
    });
    expect(boxes.lives).toHaveLength(2);
  });

  it("the button of a running box is the box's business", async () => {
    const { boxes, life, request } = await open();
    let pressed = 0;
    const stop = life().parts.machine.power.onButton(() => pressed++);
    await request("POST", "/v1/bench/power", { action: "button" });
    stop();
    await request("POST", "/v1/bench/power", { action: "button" });
    expect(pressed).toBe(1);
    expect(boxes.lives).toHaveLength(1);
  });

  it("a box that dies of a fault is off, and can be started again", async () => {
    const { boxes, life, system, bench: bench_, request } = await open();
    life().crash(new Error("a bug"));
    await system.advance(10);
    expect(bench_.host.power()).toEqual({ plugged: true, running: false });
    await request("POST", "/v1/bench/power", { action: "button" });
    expect(boxes.lives).toHaveLength(2);
  });
});

describe("the front of the box", () => {
  it("keys are held as long as they are held, through contacts that bounce", async () => {
    const { request, life, system } = await open();
    await request("POST", "/v1/bench/panel", { key: "UP", down: true });
    await system.advance(700);
    await request("POST", "/v1/bench/panel", { key: "UP", down: false });
    await system.advance(100);
    const [down, up, ...more] = life().edges;
    expect([down, up]).toMatchObject([
      { key: "UP", pressed: true },
      { key: "UP", pressed: false },
    ]);
    expect(more).toEqual([]);
    expect((up?.atMs ?? 0) - (down?.atMs ?? 0)).toBeGreaterThan(690);
    expect((await request("POST", "/v1/bench/panel", { key: "F1", down: true })).status).toBe(400);
  });

  it("the serial line carries both ways, is remembered for a page that comes late, and can be unplugged", async () => {
    const { request, life, system, bench: bench_ } = await open();
    await request("POST", "/v1/bench/console", { input: "hello" });
    await system.advance(10);
    expect(life().typed.join("")).toBe("hello");
    expect(bench_.line.printed(0)).toEqual({ device: "/dev/ttyUSB0", plugged: true, from: 0, text: "hello" });
    expect(bench_.line.printed(3).text).toBe("lo");
    await request("POST", "/v1/bench/console", { plugged: false });
    await request("POST", "/v1/bench/console", { input: "lost" });
    await system.advance(10);
    await request("POST", "/v1/bench/console", { plugged: true });
    await system.advance(10);
    await request("POST", "/v1/bench/console", { input: "again" });
    await system.advance(10);
    expect(life().typed.join("")).toBe("helloagain");
    expect(bench_.line.printed(5)).toMatchObject({ from: 5, text: "again" });
  });

  it("a page gets the whole state first, then the console from where it was", async () => {
    const { request, system, bench: bench_ } = await open();
    const feed = createPageFeed(bench_, system);
    const events = () => Object.fromEntries(feed.current().map(({ name, data }) => [name, data]));
    expect(Object.keys(events()).sort()).toEqual(["about", "bench", "clock", "console", "glass", "power", "status"]);
    expect(events()).toMatchObject({
      about: {
        platformUrl: expect.stringMatching(/^https:\/\/platform\.example:\d+$/),
        proxy: { host: "proxy.example" },
      },
      glass: { lit: true, lines: somePicture.lines },
    });
    let told = 0;
    const stop = feed.subscribe(() => told++);
    await request("POST", "/v1/bench/console", { input: "ab" });
    await system.advance(10);
    expect(told).toBeGreaterThan(0);
    expect(events().console).toMatchObject({ from: 0, text: "ab" });
    expect(events().console).toMatchObject({ from: 2, text: "" });
    stop();
    expect(system.pending()).not.toContain("glance at the glass");
  });
});
