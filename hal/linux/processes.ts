import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, unlinkSync, writeSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { fromErrno } from "../errors.ts";
import type { Argv, Exited, Processes, RunOptions } from "../processes.ts";
import { createSystemClock } from "./clock.ts";

const fixedPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const defaultMaxOutputBytes = 2 ** 20;
const graceMs = 1000;

export interface ProcessesOptions {
  /** Added to, and stronger than, PATH and LC_ALL. Nothing else is inherited: no proxy, no HOME, no curlrc. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Children live in real time: not the bench's clock that is run forward. */
  readonly clock?: Clock;
}

type ChildProcessModule = typeof import("node:child_process");

/** Children of this process. What starts them is loaded with the first one, after the first picture. */
export function createProcesses({ environment = {}, clock = createSystemClock() }: ProcessesOptions = {}): Processes {
  const env = { PATH: fixedPath, LC_ALL: "C", ...environment };
  return {
    run: async (argv, options) => {
      const { spawn } = await import("node:child_process");
      if (options.signal?.aborted) return { kind: "aborted", stdout: "", stderr: "" };
      const child = start(spawn, argv, options, env);
      return watch(child, argv, options, clock);
    },
  };
}

function start(
  spawn: ChildProcessModule["spawn"],
  argv: Argv,
  { inputs = {} }: RunOptions,
  env: Record<string, string>,
): ChildProcess {
  const [program, ...args] = argv;
  const stdio: ("pipe" | "ignore" | number)[] = [inputs[0] === undefined ? "ignore" : "pipe", "pipe", "pipe"];
  const opened: number[] = [];
  try {
    for (const [key, bytes] of Object.entries(inputs)) {
      const descriptor = Number(key);
      if (descriptor === 0) continue;
      if (!(Number.isInteger(descriptor) && descriptor >= 3)) throw new RangeError(`no input on descriptor ${key}`);
      const file = namelessFile(bytes);
      opened.push(file);
      while (stdio.length < descriptor) stdio.push("ignore");
      stdio[descriptor] = file;
    }
    return spawn(program, args, { env, stdio, shell: false });
  } catch (error) {
    // Anything but a failed system call (a NUL in an argument, a wrong descriptor) is the caller's bug.
    throw error instanceof Error && "syscall" in error ? fromErrno(program, error) : error;
  } finally {
    for (const file of opened) closeSync(file);
  }
}

/**
 * Node's pipes are socket pairs, and Linux refuses to open those again by `/dev/fd/3` (ENXIO), which is how curl and nmcli
 * read them. A file without a name can be opened again; in /dev/shm it never reaches a disk.
 */
function namelessFile(content: Uint8Array | string): number {
  const folder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const path = join(folder, `bezel-${crypto.randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  try {
    unlinkSync(path);
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    // Writing at a stated place leaves the offset at 0, where the child starts to read.
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function watch(child: ChildProcess, argv: Argv, options: RunOptions, clock: Clock): Promise<Exited> {
  const [program] = argv;
  const { inputs = {}, timeoutMs, maxOutputBytes = defaultMaxOutputBytes, stdoutEncoding = "utf8", signal } = options;
  return new Promise((resolve, reject) => {
    let cause: "timeout" | "aborted" | "tooMuchOutput" | null = null;
    let stopKill = () => {};
    const hasExited = () => child.exitCode !== null || child.signalCode !== null;
    // A grandchild may hold the pipes open for ever.
    const dropPipes = () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const end = (reason: NonNullable<typeof cause>) => {
      if (cause !== null) return;
      // The child has ended and its result stands; only its pipes are kept open.
      if (hasExited() && reason !== "tooMuchOutput") return dropPipes();
      cause = reason;
      if (hasExited()) return dropPipes();
      child.kill("SIGTERM");
      stopKill = clock.after(`${program}: kill`, graceMs, () => child.kill("SIGKILL"));
    };
    const collect = (stream: ChildProcess["stdout"]) => {
      const parts: Buffer[] = [];
      let total = 0;
      stream?.on("data", (part: Buffer) => {
        if (cause !== null) return;
        const kept = part.subarray(0, maxOutputBytes - total);
        parts.push(kept);
        total += kept.length;
        if (kept.length < part.length) end("tooMuchOutput");
      });
      stream?.on("error", () => {});
      return () => Buffer.concat(parts);
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const stopTimeout = clock.after(`${program}: time limit`, timeoutMs, () => end("timeout"));
    const abort = () => end("aborted");
    signal?.addEventListener("abort", abort, { once: true });
    const release = () => {
      stopTimeout();
      stopKill();
      signal?.removeEventListener("abort", abort);
    };

    child.on("error", (error: NodeJS.ErrnoException) => {
      // Also emitted when a signal could not be sent; the child's end is reported by itself then.
      if (child.pid !== undefined) return;
      release();
      if (error.code === "ENOENT" || error.code === "EACCES") resolve({ kind: "notFound", program });
      else reject(fromErrno(program, error));
    });
    child.on("exit", () => {
      if (cause !== null) dropPipes();
    });
    child.on("close", (code, signalName) => {
      release();
      const output = { stdout: stdout().toString(stdoutEncoding), stderr: stderr().toString() };
      const exitCode = code ?? 128 + (signalName === null ? 0 : constants.signals[signalName]);
      if (cause !== null) resolve({ kind: cause, ...output });
      else resolve({ kind: "exited", code: exitCode, ...output });
    });
    // A child that does not read its input ends it with EPIPE: its exit says what happened.
    child.stdin?.on("error", () => {});
    if (inputs[0] !== undefined) child.stdin?.end(inputs[0]);
  });
}
