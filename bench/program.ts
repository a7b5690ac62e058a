import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A configuration of its own for the built program, in a folder of its own. */
export interface Home {
  readonly folder: string;
  /** Starts the daemon. */
  start(): Running;
  remove(): Promise<void>;
}

/** The built controller, beside the built benchmark. */
export const program = join(import.meta.dirname, "bezel.cjs");

/** Node with the flags that the unit gives it, and the built controller. */
export function unitCommand(): readonly [string, ...string[]] {
  const unit = readFileSync(join(import.meta.dirname, "../systemd/bezel.service"), "utf8");
  const flags = /^ExecStart=\S+ (.*?)\S+\/bezel\.cjs run$/m.exec(unit)?.[1]?.split(" ").filter(Boolean);
  if (flags === undefined) throw new Error("systemd/bezel.service: no ExecStart that runs bezel.cjs");
  return [process.execPath, ...flags, program];
}

/** The daemon on mock hardware and the simulated network. */
export async function createHome(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-benchmark-"));
  await mkdir(join(folder, "dev"));
  const config = join(folder, "bezel.toml");
  const lines = [
    '[network]\nbackend = "simulated"',
    `[console]\ndevices = ["${folder}/dev/tty*"]`,
    `[control]\nsocket = "${folder}/control.sock"`,
    `[state]\ndirectory = "${folder}/state"`,
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  return {
    folder,
    // Node keeps compiled code there, as the unit has it; from 22.1 on.
    start: () =>
      startNode([...unitCommand().slice(1), "run", "--config", config], { NODE_COMPILE_CACHE: join(folder, "cache") }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves with the time of the first log line with this message, ms since 1970. */
  said(message: string): Promise<number>;
  /** Ends the child and waits for it. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Starts Node with these arguments and reads the JSON lines of its log on standard error. */
export function startNode(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${process.execPath} could not be started`);
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()));

  const timeOf = (message: string): number | null => {
    for (const line of text.split("\n").slice(0, -1)) {
      const { msg, time } = line.startsWith("{") ? JSON.parse(line) : {};
      if (msg === message) return time;
    }
    return null;
  };
  return {
    child,
    pid,
    said: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const time = timeOf(message);
          if (time !== null) resolve(time);
        };
        look();
        child.stderr?.on("data", look);
        void exited.then(() => reject(new Error(`ended without saying "${message}":\n${text}`)));
      }),
    stop: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}
