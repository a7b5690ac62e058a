import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createProcesses } from "../../hal/linux/processes.ts";
import type { Argv, Exited, Followers, Processes } from "../../hal/processes.ts";
import { until } from "./until.ts";

/** A machine of its own as far as network, mounts and processes go; it shares the file system outside what is mounted over. */
export interface Namespaces {
  /** Programs inside. Killing one that is followed or out of time ends it inside too. */
  readonly processes: Processes & Followers;
  /** Runs a program inside and gives its standard output; rejects unless it exits with 0. */
  run(argv: Argv, input?: string): Promise<string>;
  /** Starts a program inside that lasts. */
  start(argv: Argv): Promise<Daemon>;
  /** The way to a path inside from outside, for files and sockets below what is mounted there. */
  path(inside: string): string;
  /** Kills everything inside. Idempotent. */
  close(): Promise<void>;
}

export interface Daemon {
  /** As it is seen from outside. */
  readonly pid: number;
  readonly running: () => boolean;
  /** Resolves when it has ended and all that it wrote is in the log. */
  readonly ended: Promise<void>;
  /** Resolves when it has ended; at once when it has already. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** It stays, and does nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** The end of what it wrote to standard output and error. */
  log(): string;
}

const commandTimeoutMs = 30_000;
const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
/**
 * The first process inside: adopts and reaps orphans, which bash does by itself, and ends with this process, however that
 * ends, because its standard input ends then. With it the kernel kills all others inside.
 */
const firstProcess: Argv = ["bash", "-c", "echo ready; read -r"];
const unshare = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];

/** Needs root. */
export async function openNamespaces(): Promise<Namespaces> {
  const holder = spawn("unshare", [...unshare, "--", ...firstProcess], {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const holderLog = tailOf(holder);
  const started = await Promise.race([once(holder.stdout, "data"), once(holder, "exit").then(() => null)]);
  if (started === null) throw new Error(`no namespaces: ${holderLog()}`);
  const first = await childOf(holder);

  // setns(2) changes the namespace of later children only, so nsenter waits for one: its death has to reach that child.
  const enter = ([...argv]: Argv): Argv => [
    "nsenter",
    `--target=${first}`,
    "--mount",
    "--net",
    "--pid",
    "--",
    "setpriv",
    "--pdeathsig=KILL",
    "--",
    ...argv,
  ];
  const outside = createProcesses();
  const daemons: ChildProcess[] = [];
  const processes: Namespaces["processes"] = {
    run: async (argv, options) => asIfDirect(await outside.run(enter(argv), options), argv),
    follow: async (argv, options) => asIfDirect(await outside.follow(enter(argv), options), argv),
  };

  return {
    processes,
    run: async (argv, input) => {
      const inputs = input === undefined ? {} : { inputs: { 0: input } };
      const exited = await processes.run(argv, { timeoutMs: commandTimeoutMs, ...inputs });
      if (exited.kind === "exited" && exited.code === 0) return exited.stdout;
      throw new Error(`${argv.join(" ")}: ${JSON.stringify(exited)}`);
    },
    start: async (argv) => {
      const [program, ...args] = enter(argv);
      const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
      daemons.push(child);
      const log = tailOf(child);
      const pid = await childOf(child);
      const running = () => !hasEnded(child);
      const ended = once(child, "close").then(() => {});
      return {
        pid,
        running,
        ended,
        log,
        kill: async (signal) => {
          if (!running()) return;
          const exited = once(child, "exit");
          process.kill(pid, signal);
          await exited;
        },
        pause: () => process.kill(pid, "SIGSTOP"),
        // nsenter stops with its child, and lets it go on when it goes on itself.
        resume: () => {
          process.kill(pid, "SIGCONT");
          child.kill("SIGCONT");
        },
      };
    },
    path: (inside) => `/proc/${first}/root${inside}`,
    close: async () => {
      if (hasEnded(holder)) return;
      process.kill(first, "SIGKILL");
      await until("the end of all that runs inside", async () => {
        // An nsenter that has stopped with its child would never take note of that child's death, which the kernel waits for.
        for (const child of daemons) child.kill("SIGCONT");
        return hasEnded(holder);
      });
    },
  };
}

/** The one process that `child` has forked, as both are seen from outside. */
async function childOf(child: ChildProcess): Promise<number> {
  const { pid } = child;
  return until(`the start of ${child.spawnargs.at(-1)}`, async () => {
    if (pid === undefined || hasEnded(child)) throw new Error(`${child.spawnargs.join(" ")} did not start`);
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return first === undefined ? null : Number(first);
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** setpriv is there when the program is not. */
function asIfDirect(exited: Exited, [program]: Argv): Exited {
  const missing = exited.kind === "exited" && [126, 127].includes(exited.code) && /^setpriv: /.test(exited.stderr);
  return missing ? { kind: "notFound", program } : exited;
}

function tailOf(child: ChildProcess): () => string {
  let log = "";
  const take = (part: Buffer) => {
    log = (log + part.toString()).slice(-20_000);
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  return () => log;
}
