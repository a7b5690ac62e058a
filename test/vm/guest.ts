import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Agent, createAgent, within } from "./agent-client.ts";
import type { Image } from "./image.ts";
import { kernelLogFile, qemuArguments, sockets } from "./qemu.ts";

const execute = promisify(execFile);

export interface GuestOptions {
  readonly image: Image;
  /** The disk that is mounted on the state directory. Written. */
  readonly state: string;
  /** Where every write to the state disk is recorded. */
  readonly writeLog?: string;
  /** Files that the guest puts over its root at each boot: content by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A guest with power: its qemu, and an agent in it. */
export interface Guest extends Agent {
  /** The far end of the appliance's serial line. */
  readonly serial: Socket;
  /** The kernel's log since the power came. */
  kernelLog(): string;
  /** Resolves when the guest has powered itself off. */
  poweredOff(limitMs: number): Promise<void>;
  /** Cuts the power, if there is any. Nothing is left but the state disk. */
  cut(): Promise<void>;
}

const connectLimitMs = 60_000;

/** Switches the power on. Returns long before the guest has booted. */
export async function startGuest({ image, state, writeLog, files }: GuestOptions): Promise<Guest> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-guest-"));
  const lines = await Promise.all([listen(join(folder, sockets.agent)), listen(join(folder, sockets.console))]);
  if (writeLog !== undefined) await writeFile(writeLog, "");
  const seed = await packSeed(folder, files);
  const args = qemuArguments({ ...image, state, writeLog: writeLog ?? null, seed, folder });
  const qemu = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  qemu.stderr.on("data", (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-4000);
  });
  const ended = new Promise<number | null>((resolve) => {
    qemu.once("error", (error) => {
      complaint += error.message;
      resolve(null);
    });
    qemu.once("exit", resolve);
  });
  const cut = async () => {
    qemu.kill("SIGKILL");
    await ended;
    for (const line of lines) line.close();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const failed = ended.then((code) => Promise.reject(new Error(`qemu ended with ${code}: ${complaint}`)));
    const plugged = Promise.race([Promise.all(lines.map(({ connected }) => connected)), failed]);
    const [channel, serial] = await within(plugged, connectLimitMs, "qemu has not started");
    if (channel === undefined || serial === undefined) throw new Error("two lines were asked for");
    return {
      ...createAgent(channel),
      serial,
      kernelLog: () => readFileSync(join(folder, kernelLogFile), "utf8"),
      poweredOff: async (limitMs) => {
        const code = await within(ended, limitMs, "the guest has not powered itself off");
        if (code !== 0) throw new Error(`qemu ended with ${code}: ${complaint}`);
      },
      cut,
    };
  } catch (error) {
    await cut();
    throw error;
  }
}

interface Line {
  readonly connected: Promise<Socket>;
  close(): void;
}

/** One connection on a unix socket. */
async function listen(path: string): Promise<Line> {
  const server = createServer();
  const connected = once(server, "connection").then(([socket]) => (socket as Socket).on("error", () => {}));
  server.listen(path);
  await once(server, "listening");
  return {
    connected,
    close: () => {
      void connected.then((socket) => socket.destroy());
      server.close();
    },
  };
}

async function packSeed(folder: string, files: GuestOptions["files"]): Promise<string> {
  const tree = join(folder, "seed");
  await mkdir(tree);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  const seed = join(folder, "seed.tar");
  await execute("tar", ["-C", tree, "--owner=0", "--group=0", "-cf", seed, "."]);
  return seed;
}
