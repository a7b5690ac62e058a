import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** A cable of pseudo-terminals: `device` is the box's end, what is written and read here is the far end. */
export interface PtyPair {
  readonly device: string;
  /** The far end's own name, for a terminal program that is attached there. */
  readonly farEnd: string;
  write(text: string): Promise<void>;
  /** Everything that has arrived so far, once it ends in `end`. */
  readUntil(end: string): Promise<string>;
  /** Pulls the cable. `abruptly` leaves the dangling name of the device behind, as nothing cleans up. */
  unplug(abruptly?: boolean): Promise<void>;
}

/** Needs socat. */
export async function plugPty(folder: string, name: string): Promise<PtyPair> {
  const device = join(folder, name);
  const farEnd = join(folder, `${name}.far`);
  const socat = spawn("socat", ["-d", "-d", `pty,raw,echo=0,link=${device}`, `pty,raw,echo=0,link=${farEnd}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await started(socat);
  const far = await open(farEnd, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  return {
    device,
    farEnd,
    write: async (text) => {
      await far.writeFile(text);
    },
    readUntil: (end) => readUntil(far, end),
    unplug: async (abruptly = false) => {
      // Ctrl-C at the terminal ends it with the others.
      if (socat.exitCode === null && socat.signalCode === null) {
        const ended = once(socat, "exit");
        socat.kill(abruptly ? "SIGKILL" : "SIGTERM");
        await ended;
      }
      await far.close();
    },
  };
}

async function started(socat: ChildProcess): Promise<void> {
  let log = "";
  for await (const part of socat.stderr ?? []) {
    log += String(part);
    if (log.includes("starting data transfer loop")) break;
  }
  if (!log.includes("starting data transfer loop")) throw new Error(`socat did not start: ${log}`);
}

async function readUntil(far: FileHandle, end: string): Promise<string> {
  const buffer = Buffer.alloc(4096);
  let text = "";
  while (!text.endsWith(end)) {
    try {
      const { bytesRead } = await far.read(buffer, 0, buffer.length, null);
      text += buffer.toString("latin1", 0, bytesRead);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return text;
}
