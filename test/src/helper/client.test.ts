import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import type { Argv, RunOptions } from "../../../hal/processes.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { createChildHelper, createSocketHelper } from "../../../src/helper/client.ts";
import { serveHelper } from "../../../src/helper/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import { pending } from "./peer.ts";
import { createRecordingMachine } from "./recording-machine.ts";

/** The timer between the two attempts. */
const pause = "helper: second attempt";
const never = new AbortController().signal;
const holder = { port: "lan", vlan: 7, address: "10.77.0.20" } as const;

let folder: string;
let path: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-helper-"));
  path = join(folder, "net.sock");
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A helper that is not ours: what it does with a connection once a line has come. */
async function foreign(answer: (socket: Socket, connection: number) => void): Promise<void> {
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    socket.on("error", () => {});
    socket.once("data", () => answer(socket, connection));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

describe("the helper behind its socket", { timeout: 60_000 }, () => {
  it("does verbs, and has their refusals", async () => {
    const taken = { code: 1, stdout: "Unicast reply from 10.77.0.20 [EA:3D:F7:E0:0C:B1]  0.5ms\n" };
    const machine = createRecordingMachine(taken);
    const controller = new AbortController();
    const answer = createAnswer({ machine, log: silentLog });
    let ended: Promise<void> = Promise.resolve();
    await new Promise<void>((listening) => {
      ended = serveHelper({ listen: { path }, answer, clock: createFakeClock(), signal: controller.signal, listening });
    });
    const helper = createSocketHelper({ path, clock: createFakeClock() });
    expect(await helper.setLink("wan", "100/full", never)).toEqual({ ok: true, value: null });
    expect(await helper.findHolder(holder, never)).toEqual({ ok: true, value: "ea:3d:f7:e0:0c:b1" });
    // What arping ends with is no answer of ip.
    expect(await helper.separate({ on: true, scanByWan: ["10.9.0.0/16"] }, never)).toEqual({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining("ended with 1") },
    });
    machine.refuse(new HalError("unsupported", "wan0", "the port does not offer 10/half, only auto"));
    expect(await helper.setLink("wan", "10/half", never)).toEqual({
      ok: false,
      error: { kind: "refused", detail: "wan0: the port does not offer 10/half, only auto" },
    });
    controller.abort();
    await ended;
    expect(await helper.setLink("wan", "auto", never)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
  });

  it("is unavailable where there is no socket", async () => {
    const clock = createFakeClock();
    const helper = createSocketHelper({ path, clock });
    const detail = `${path}: ENOENT: is bezel-net.socket started? (systemctl start bezel-net.socket)`;
    expect(await helper.setLink("lan", "auto", never)).toEqual({ ok: false, error: { kind: "unavailable", detail } });
    expect(clock.pending()).toEqual([]);
  });

  it.each<[string, (socket: Socket) => void]>([
    ["is killed", (socket) => void socket.destroy()],
    ["breaks off its reply", (socket) => void socket.end('{"ok":true')],
    ["talks without end", (socket) => void socket.write("x".repeat(10_000))],
    ["speaks another language", (socket) => void socket.end("220 ready\n")],
    ["answers with a value of another verb", (socket) => void socket.end('{"ok":true,"value":"10.77.0.20"}\n')],
    [
      "answers with a kind that is none",
      (socket) => void socket.end('{"ok":false,"error":{"kind":"no","detail":""}}\n'),
    ],
  ])("is unavailable when it %s", async (_, answer) => {
    await foreign(answer);
    const clock = createFakeClock();
    let answered: unknown = null;
    const asking = createSocketHelper({ path, clock })
      .findHolder(holder, never)
      .then((result) => {
        answered = result;
      });
    await Promise.race([asking, pending(clock, pause)]);
    await clock.advance(250);
    await asking;
    expect(answered).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    expect(clock.pending()).toEqual([]);
  });

  it("is asked again when it hung up once, after a pause: one that ends because it was idle does", async () => {
    let connections = 0;
    await foreign((socket, connection) => {
      connections = connection;
      if (connection === 1) socket.destroy();
      else socket.end('{"ok":true,"value":null}\n');
    });
    const clock = createFakeClock();
    const asking = createSocketHelper({ path, clock }).setLink("lan", "auto", never);
    await pending(clock, pause);
    await clock.advance(249);
    expect([clock.pending(), connections]).toEqual([[pause], 1]);
    await clock.advance(1);
    expect(await asking).toEqual({ ok: true, value: null });
    expect(connections).toBe(2);
  });

  it("has one limit for both attempts, and is let go between them", async () => {
    const arrived: (() => void)[] = [];
    const arrival = () => new Promise<void>((resolve) => void arrived.push(resolve));
    const held: Socket[] = [];
    await foreign((socket) => {
      held.push(socket);
      arrived.shift()?.();
    });
    const clock = createFakeClock();
    const helper = createSocketHelper({ path, clock });
    const first = arrival();
    const asking = helper.setLink("lan", "auto", never);
    await first;
    await clock.advance(44_000);
    held[0]?.destroy();
    await pending(clock, pause);
    const second = arrival();
    await clock.advance(250);
    await second;
    await clock.advance(749);
    expect(clock.pending()).toEqual(["line"]);
    await clock.advance(1);
    expect(await asking).toMatchObject({ ok: false, error: { kind: "timeout" } });

    const controller = new AbortController();
    const third = arrival();
    const cancelled = expect(helper.setLink("lan", "auto", controller.signal)).rejects.toThrow("cancelled");
    await third;
    held[2]?.destroy();
    await pending(clock, pause);
    controller.abort(new Error("cancelled"));
    await cancelled;
    expect(clock.pending()).toEqual([]);
  });

  it("is busy or hangs where its queue is full", async () => {
    const hanging = `require("node:net").createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
      require("node:fs").writeSync(1, "listening");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
    const child = spawn(process.execPath, ["-e", hanging], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const waiting: Socket[] = [];
    try {
      await once(child.stdout, "data");
      for (let refused = false; !refused; ) {
        const socket = createConnection(path);
        waiting.push(socket);
        refused = await new Promise((resolve) => {
          socket.once("connect", () => resolve(false)).once("error", () => resolve(true));
        });
      }
      const clock = createFakeClock();
      const detail = `${path}: EAGAIN: the helper is busy or hangs (systemctl status bezel-net)`;
      expect(await createSocketHelper({ path, clock }).setLink("lan", "auto", never)).toEqual({
        ok: false,
        error: { kind: "unavailable", detail },
      });
      expect(clock.pending()).toEqual([]);
    } finally {
      for (const socket of waiting) socket.destroy();
      child.kill("SIGKILL");
      await ended;
    }
  });

  it("times out when it hangs", async () => {
    let asked = () => {};
    const hanging = new Promise<void>((resolve) => {
      asked = resolve;
    });
    await foreign(() => asked());
    const clock = createFakeClock();
    const asking = createSocketHelper({ path, clock }).setLink("lan", "auto", never);
    await hanging;
    await clock.advance(44_999);
    expect(clock.pending()).toEqual(["line"]);
    await clock.advance(1);
    expect(await asking).toMatchObject({ ok: false, error: { kind: "timeout" } });
  });

  it("is let go when the signal aborts, before and while it works", async () => {
    const controller = new AbortController();
    await foreign(() => controller.abort(new Error("cancelled")));
    const clock = createFakeClock();
    const helper = createSocketHelper({ path, clock });
    await expect(helper.setLink("lan", "auto", controller.signal)).rejects.toThrow("cancelled");
    await expect(helper.findHolder(holder, controller.signal)).rejects.toThrow("cancelled");
    expect(clock.pending()).toEqual([]);
  });
});

describe("the helper as a child", () => {
  const argv: Argv = ["node", "bezel.cjs", "helper", "--config", "bezel.toml"];
  const ask = (reply: Reply | ((argv: Argv, options: RunOptions) => Reply)) =>
    createChildHelper({ processes: createScriptedProcesses([{ expect: argv, reply }]), argv });

  it("has its request on standard input and its reply on standard output", async () => {
    const helper = ask((_, { inputs }) => {
      expect(inputs).toEqual({ 0: '{"verb":"find-holder","port":"lan","vlan":7,"address":"10.77.0.20"}\n' });
      return { stdout: '{"ok":true,"value":"ea:3d:f7:e0:0c:b1"}\n' };
    });
    expect(await helper.findHolder(holder, never)).toEqual({ ok: true, value: "ea:3d:f7:e0:0c:b1" });
  });

  it("separates by a request with all that it needs", async () => {
    const helper = ask((_, { inputs }) => {
      expect(inputs).toEqual({ 0: '{"verb":"separate","port":"wan","on":true,"scanByWan":["10.9.0.0/16"]}\n' });
      return { stdout: '{"ok":true,"value":null}\n' };
    });
    expect(await helper.separate({ on: true, scanByWan: ["10.9.0.0/16"] }, never)).toEqual({ ok: true, value: null });
  });

  it("takes two WINS servers from it, and no more or stranger ones", async () => {
    const query = { port: "lan", vlan: 7, address: "10.77.0.20", prefixLength: 24 } as const;
    const request = '{"verb":"ask-wins","port":"lan","vlan":7,"address":"10.77.0.20","prefixLength":24}\n';
    const answered = async (value: unknown) => {
      const helper = ask((_, { inputs }) => {
        expect(inputs).toEqual({ 0: request });
        return { stdout: `${JSON.stringify({ ok: true, value })}\n` };
      });
      return helper.askWins(query, never);
    };
    for (const good of [[], ["10.77.0.8"], ["10.77.0.8", "10.77.0.9"]]) {
      expect(await answered(good)).toEqual({ ok: true, value: good });
    }
    for (const strange of [null, "10.77.0.8", ["127.0.0.1"], ["a name"], ["10.0.0.1", "10.0.0.2", "10.0.0.3"]]) {
      expect(await answered(strange)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    }
  });

  it.each<[string, Reply, string, string]>([
    ["cannot be started", { kind: "notFound", program: "node" }, "unavailable", "notFound"],
    ["hangs", { kind: "timeout", stdout: "", stderr: "" }, "timeout", "45000 ms"],
    ["is killed", { code: 137 }, "unavailable", "ended with 137"],
    ["complains", { code: 2, stderr: "bezel: no such file\n" }, "unavailable", "bezel: no such file"],
    ["says nothing", { code: 0 }, "unavailable", "not bezel's helper"],
    ["refuses", { stdout: '{"ok":false,"error":{"kind":"refused","detail":"lan0: no"}}\n' }, "refused", "lan0: no"],
  ])("%s", async (_, reply, kind, detail) => {
    expect(await ask(reply).setLink("lan", "auto", never)).toMatchObject({
      ok: false,
      error: { kind, detail: expect.stringContaining(detail) },
    });
  });

  it("is unavailable when the machine can start no program, and ends with its signal", async () => {
    const full = { run: () => Promise.reject(new HalError("full", "node", "out of memory")) };
    const helper = createChildHelper({ processes: full, argv });
    expect(await helper.setLink("lan", "auto", never)).toMatchObject({ error: { kind: "unavailable" } });
    const controller = new AbortController();
    const asking = ask("hangs").setLink("lan", "auto", controller.signal);
    controller.abort(new Error("cancelled"));
    await expect(asking).rejects.toThrow("cancelled");
  });
});
