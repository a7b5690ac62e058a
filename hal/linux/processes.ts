import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { fromErrno } from "../errors.ts";
import type { Argv, Exited, Followers, FollowOptions, Processes, RunOptions } from "../processes.ts";
import { createSystemClock } from "./clock.ts";

const fixedPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const defaultMaxOutputBytes = 2 ** 20;
const defaultMaxLineBytes = 2 ** 16;
/** What is kept of the error output of a program that lasts. */
const keptErrorBytes = 2 ** 16;
const graceMs = 1000;

export interface ProcessesOptions {
  /** Added to, and stronger than, PATH and LC_ALL. Nothing else is inherited: no proxy, no HOME, no curlrc. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Children live in real time: not the bench's clock that is run forward. */
  readonly clock?: Clock;
}

type ChildProcessModule = typeof import("node:child_process");

/** Children of this process. What starts them is loaded with the first one, after the first picture. */
export function createProcesses({
  environment = {},
  clock = createSystemClock(),
}: ProcessesOptions = {}): Processes & Followers {
  const env = { PATH: fixedPath, LC_ALL: "C", ...environment };
  return {
    run: async (argv, options) => {
      const { spawn } = await import("node:child_process");
      if (options.signal?.aborted) return { kind: "aborted", stdout: "", stderr: "" };
      if (options.stdoutTo === "file") return runToFile(spawn, argv, options, env, clock);
      const child = start(spawn, argv, options, env);
      return finish(child, argv, options, clock);
    },
    follow: async (argv, options) => {
      const { spawn } = await import("node:child_process");
      if (options.signal.aborted) return { kind: "aborted", stdout: "", stderr: "" };
      const child = start(spawn, argv, {}, env);
      return hearOut(child, argv, options, clock);
    },
  };
}

function start(
  spawn: ChildProcessModule["spawn"],
  argv: Argv,
  { inputs = {} }: Pick<RunOptions, "inputs">,
  env: Record<string, string>,
  stdout: "pipe" | number = "pipe",
): ChildProcess {
  const [program, ...args] = argv;
  const stdio: ("pipe" | "ignore" | number)[] = [inputs[0] === undefined ? "ignore" : "pipe", stdout, "pipe"];
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

async function runToFile(
  spawn: ChildProcessModule["spawn"],
  argv: Argv,
  options: RunOptions,
  env: Record<string, string>,
  clock: Clock,
): Promise<Exited> {
  const { maxOutputBytes = defaultMaxOutputBytes, stdoutEncoding = "utf8" } = options;
  const file = namelessFile("");
  try {
    const ended = await finish(start(spawn, argv, options, env, file), argv, options, clock);
    if (ended.kind === "notFound") return ended;
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, maxOutputBytes));
    for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, bytes.length - at, at);
    const stdout = bytes.toString(stdoutEncoding);
    return size > maxOutputBytes ? { kind: "tooMuchOutput", stdout, stderr: ended.stderr } : { ...ended, stdout };
  } finally {
    closeSync(file);
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

async function finish(child: ChildProcess, argv: Argv, options: RunOptions, clock: Clock): Promise<Exited> {
  const { inputs = {}, timeoutMs, maxOutputBytes = defaultMaxOutputBytes, stdoutEncoding = "utf8", signal } = options;
  const { end, ended } = supervise(child, argv, clock, signal);
  const tooMuch = () => end("tooMuchOutput");
  const stdout = collect(child.stdout, maxOutputBytes, tooMuch);
  const stderr = collect(child.stderr, maxOutputBytes, tooMuch);
  const stopTimeout = clock.after(`${argv[0]}: time limit`, timeoutMs, () => end("timeout"));
  // A child that does not read its input ends it with EPIPE: its exit says what happened.
  child.stdin?.on("error", () => {});
  if (inputs[0] !== undefined) child.stdin?.end(inputs[0]);
  try {
    const ending = await ended;
    if (ending.kind === "notFound") return ending;
    return { ...ending, stdout: stdout().toString(stdoutEncoding), stderr: stderr().toString() };
  } finally {
    stopTimeout();
  }
}

async function hearOut(
  child: ChildProcess,
  argv: Argv,
  { line, maxLineBytes = defaultMaxLineBytes, signal }: FollowOptions,
  clock: Clock,
): Promise<Exited> {
  const { ended } = supervise(child, argv, clock, signal);
  const hear = (bytes: Buffer) => {
    if (!signal.aborted) line(bytes.toString());
  };
  const lines = splitLines(maxLineBytes, hear);
  child.stdout?.on("data", lines.take);
  child.stdout?.on("error", () => {});
  const stderr = collect(child.stderr, keptErrorBytes, () => {});
  const ending = await ended;
  lines.end();
  return ending.kind === "notFound" ? ending : { ...ending, stdout: "", stderr: stderr().toString() };
}

/** Gathers what a stream brings, up to a limit, and tells when there is more. */
function collect(stream: ChildProcess["stdout"], maxBytes: number, tooMuch: () => void): () => Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  stream?.on("data", (part: Buffer) => {
    const kept = part.subarray(0, maxBytes - total);
    if (kept.length > 0) parts.push(kept);
    total += kept.length;
    if (kept.length < part.length) tooMuch();
  });
  stream?.on("error", () => {});
  return () => Buffer.concat(parts);
}

/** Hands over what lies between line ends, each at most `maxBytes` of it, and at the end what has no line end. */
function splitLines(maxBytes: number, line: (bytes: Buffer) => void) {
  let begun: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer) => {
    const kept = part.subarray(0, maxBytes - length);
    if (kept.length > 0) begun.push(kept);
    length += kept.length;
  };
  const flush = () => {
    const whole = Buffer.concat(begun);
    begun = [];
    length = 0;
    line(whole);
  };
  return {
    take: (part: Buffer) => {
      let from = 0;
      for (let to = part.indexOf(10); to !== -1; to = part.indexOf(10, from)) {
        keep(part.subarray(from, to));
        flush();
        from = to + 1;
      }
      keep(part.subarray(from));
    },
    end: () => {
      if (length > 0) flush();
    },
  };
}

type Cause = "timeout" | "aborted" | "tooMuchOutput";
type Ending =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: Cause }
  | Extract<Exited, { kind: "notFound" }>;

/** Sees a child to its end: its own, or the one that `end` or the signal give it. */
function supervise(
  child: ChildProcess,
  [program]: Argv,
  clock: Clock,
  signal: AbortSignal | undefined,
): { readonly end: (cause: Cause) => void; readonly ended: Promise<Ending> } {
  let cause: Cause | null = null;
  let stopKill = () => {};
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  // A grandchild may hold the pipes open for ever.
  const dropPipes = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const end = (reason: Cause) => {
    if (cause !== null) return;
    // The child has ended and its result stands; only its pipes are kept open.
    if (hasExited() && reason !== "tooMuchOutput") return dropPipes();
    cause = reason;
    if (hasExited()) return dropPipes();
    child.kill("SIGTERM");
    stopKill = clock.after(`${program}: kill`, graceMs, () => child.kill("SIGKILL"));
  };
  const abort = () => end("aborted");
  signal?.addEventListener("abort", abort, { once: true });
  const release = () => {
    stopKill();
    signal?.removeEventListener("abort", abort);
  };

  const ended = new Promise<Ending>((resolve, reject) => {
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
      const exitCode = code ?? 128 + (signalName === null ? 0 : constants.signals[signalName]);
      resolve(cause === null ? { kind: "exited", code: exitCode } : { kind: cause });
    });
  });
  return { end, ended };
}
