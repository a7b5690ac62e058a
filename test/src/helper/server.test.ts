import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { answerOnce, serveHelper } from "../../../src/helper/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import { connect, done, good, type Peer, pending, say, serve } from "./peer.ts";
import { createRecordingMachine } from "./recording-machine.ts";

let path: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-helper-"));
  path = join(folder, "net.sock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const link = (port: string, mode: string) => `${JSON.stringify({ verb: "link", port, mode })}\n`;

describe("the helper's socket", { timeout: 60_000 }, () => {
  it("answers one request a connection, one after the other", async () => {
    const { machine, stop } = await serve(path);
    expect(await say(path, good)).toBe(done);
    expect(await say(path, good + good)).toBe(done);
    expect(machine.done).toEqual(["lan0 auto", "lan0 auto"]);
    await stop();
  });

  it("takes a request in pieces, and from a peer that closes its side after it", async () => {
    const { stop } = await serve(path);
    const { socket, heard } = await connect(path);
    for (const letter of good.slice(0, -1)) {
      await new Promise<void>((resolve) => socket.write(letter, () => resolve()));
    }
    socket.end("\n");
    expect(await heard).toBe(done);
    await stop();
  });

  it.each<[string, string | Uint8Array, string]>([
    ["no JSON", "auto\n", "must be a JSON object"],
    ["more than 4 KiB", `${" ".repeat(4096)}${good}`, "at most 4096 bytes"],
    ["a line without its end, of more than 4 KiB", " ".repeat(5000), "at most 4096 bytes"],
    ["no UTF-8", Buffer.from([0xff, 0xfe, 0x0a]), "not UTF-8"],
  ])("refuses %s and does nothing", async (_, bytes, reason) => {
    const { machine, stop } = await serve(path);
    expect(JSON.parse(await say(path, bytes))).toEqual({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining(reason) },
    });
    expect(machine.done).toEqual([]);
    await stop();
  });

  it("refuses a request without a line end, and does not wait for a slow one", async () => {
    const { machine, clock, stop } = await serve(path);
    const ended = await connect(path);
    ended.socket.end(good.trim());
    expect(await ended.heard).toContain("no line end");
    const slow = await connect(path);
    slow.socket.write(good.trim());
    await pending(clock, "line");
    await clock.advance(5000);
    expect(await slow.heard).toContain("within 5000 ms");
    expect(machine.done).toEqual([]);
    await stop();
  });

  it("closes the ninth connection unheard, and hears the others", async () => {
    const { stop, machine } = await serve(path);
    const first = await Promise.all(Array.from({ length: 8 }, () => connect(path)));
    const ninth = await connect(path);
    expect(await ninth.heard).toBe("");
    for (const { socket } of first) socket.write(good);
    expect(await Promise.all(first.map(({ heard }) => heard))).toEqual(Array.from({ length: 8 }, () => done));
    expect(machine.done).toHaveLength(8);
    expect(await say(path, good)).toBe(done);
    await stop();
  });

  it("ends by itself ten seconds after the last connection", async () => {
    const { clock, ended } = await serve(path);
    await clock.advance(9999);
    expect(await say(path, good)).toBe(done);
    await pending(clock, "helper idle");
    await clock.advance(9999);
    const peer = await connect(path);
    await pending(clock, "line");
    expect(clock.pending()).toEqual(["line"]);
    peer.socket.write(good);
    expect(await peer.heard).toBe(done);
    await pending(clock, "helper idle");
    await clock.advance(10_000);
    await ended;
    expect(clock.pending()).toEqual([]);
  });

  it("stays as long as a verb takes, and lets go of the connections when it is ended", async () => {
    const { machine, clock, stop } = await serve(path);
    const gate = machine.hold();
    const { socket, heard } = await connect(path);
    socket.write(good);
    while (clock.pending().length > 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    expect(clock.pending()).toEqual([]);
    await stop();
    expect(await heard).toBe("");
    gate.release();
  });

  it.each<[string, (peer: Peer) => void]>([
    ["hung up", ({ socket }) => void socket.destroy()],
    ["closed its side", ({ socket }) => void socket.end()],
  ])("does not do what a peer asked that has %s before its turn", async (_, leave) => {
    const { machine, clock, stop } = await serve(path);
    const gate = machine.hold();
    const first = await connect(path);
    await pending(clock, "line");
    first.socket.write(good);
    while (clock.pending().length > 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await connect(path);
    second.socket.write(link("lan", "100/full"));
    // Once the other port is answered, what came before has been read.
    machine.hold().release();
    expect(await say(path, link("wan", "auto"))).toBe(done);
    leave(second);
    expect(await say(path, link("wan", "10/full"))).toBe(done);
    gate.release();
    expect(await first.heard).toBe(done);
    await second.heard;
    expect(await say(path, link("lan", "10/half"))).toBe(done);
    expect(machine.done).toEqual(["wan0 auto", "wan0 10/full", "lan0 auto", "lan0 10/half"]);
    await stop();
  });

  it("rejects when it cannot listen", async () => {
    const other = createServer().listen(path);
    await new Promise((resolve) => other.once("listening", resolve));
    const answer = createAnswer({ machine: createRecordingMachine(), log: silentLog });
    const serving = serveHelper({
      listen: { path },
      answer,
      clock: createFakeClock(),
      signal: new AbortController().signal,
    });
    await expect(serving).rejects.toMatchObject({ name: "HalError", device: path });
    other.close();
  });
});

describe("a child's one request", () => {
  it.each([
    [good, done],
    ["", "no line end"],
    ["{}\n", "refused"],
  ])("%j", async (request, reply) => {
    const machine = createRecordingMachine();
    const output = new PassThrough();
    const input = new PassThrough();
    input.end(request);
    const answer = createAnswer({ machine, log: silentLog });
    const { signal } = new AbortController();
    await answerOnce({ input, output, answer, clock: createFakeClock(), signal });
    expect(String(output.read())).toContain(reply);
    expect(machine.done).toEqual(request === good ? ["lan0 auto"] : []);
  });
});
