import { createConnection, type Socket } from "node:net";
import { createFakeClock, type FakeClock } from "../../../hal/mock/fake-clock.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { serveHelper } from "../../../src/helper/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createRecordingMachine } from "./recording-machine.ts";

/** A helper on a real socket: its effects are recorded, its time limits are the fake clock's. */
export async function serve(path: string) {
  const machine = createRecordingMachine();
  const clock = createFakeClock();
  const controller = new AbortController();
  let listening = () => {};
  const ready = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const answer = createAnswer({ machine, log: silentLog });
  const ended = serveHelper({ listen: { path }, answer, clock, signal: controller.signal, listening });
  await ready;
  const stop = async () => {
    controller.abort();
    await ended;
  };
  return { machine, clock, ended, stop };
}

export interface Peer {
  readonly socket: Socket;
  /** All that was sent to us until the connection closed. */
  readonly heard: Promise<string>;
}

export async function connect(path: string): Promise<Peer> {
  const socket = createConnection({ path, allowHalfOpen: true });
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  const heard = new Promise<string>((resolve) => {
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(text));
  });
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  return { socket, heard };
}

/** Sends these bytes and waits for the end of the connection. */
export async function say(path: string, bytes: string | Uint8Array): Promise<string> {
  const { socket, heard } = await connect(path);
  socket.write(bytes);
  return heard;
}

/** A request that is in order. */
export const good = '{"verb":"link","port":"lan","mode":"auto"}\n';
/** Its reply. */
export const done = '{"ok":true,"value":null}\n';

/** Resolves when a timer of this name is set: what comes by a real socket comes when it comes. */
export async function pending(clock: FakeClock, name: string): Promise<void> {
  while (!clock.pending().includes(name)) await new Promise((resolve) => setImmediate(resolve));
}
