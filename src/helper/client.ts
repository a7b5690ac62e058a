import { createConnection } from "node:net";
import type { ZodMiniType } from "zod/mini";
import { type Clock, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { replySchema } from "./answer.ts";
import { maxLineBytes, parseJson, readLine } from "./line.ts";
import type { Privileged, Refusal } from "./privileged.ts";
import { verbs } from "./verbs.ts";

/** Where the service manager listens for the helper. */
export const helperSocket = "/run/bezel-net.sock";

/**
 * For a request with all attempts. A verb ends within 25 s, most within 13 s, and waits for one other at most: those that nobody
 * waits for any more are not done.
 */
const verbLimitMs = 45_000;
/** The service manager hangs up on all who wait when a helper has ended, and does so for a moment. */
const secondAttemptMs = 250;

/** Sends a line and returns the line of the reply. Rejects with the signal's reason when it aborts. */
type Ask = (line: string, signal: AbortSignal) => Promise<Result<string, Refusal>>;

/** The way to a helper. */
export interface HelperLine {
  /** For people. */
  readonly where: string;
  readonly ask: Ask;
}

interface SocketOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The name of its units. */
  readonly unit?: string;
  readonly maxReplyBytes?: number;
  /** For a request with all attempts; 45 s by default. */
  readonly limitMs?: number;
}

/** The helper behind a unix socket. */
export function createSocketHelper(options: SocketOptions): Privileged {
  return privileged(socketLine(options));
}

export function socketLine({
  path,
  clock,
  unit = "bezel-net",
  maxReplyBytes = maxLineBytes,
  limitMs = verbLimitMs,
}: SocketOptions): HelperLine {
  const ask = async (
    line: string,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<Result<string, "unheard" | Refusal>> => {
    signal.throwIfAborted();
    const socket = createConnection(path);
    let cause: NodeJS.ErrnoException | null = null;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      cause = error;
    });
    const abort = () => socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    try {
      socket.write(line);
      const reply = await readLine(socket, clock, Math.max(0, untilMs - clock.monotonic()), maxReplyBytes);
      signal.throwIfAborted();
      if (reply.ok) return reply;
      if (reply.error === "tooSlow")
        return failed({ kind: "timeout", detail: `${path}: no answer within ${limitMs} ms` });
      if (reply.error === "ended")
        return failed(cause === null || hungUp(cause) ? "unheard" : unreachable(path, unit, cause));
      return failed(foreign(path));
    } finally {
      signal.removeEventListener("abort", abort);
      socket.destroy();
    }
  };

  const persist: Ask = async (line, signal) => {
    const untilMs = clock.monotonic() + limitMs;
    for (let attempt = 1; ; attempt++) {
      const reply = await ask(line, untilMs, signal);
      if (reply.ok) return reply;
      if (reply.error !== "unheard") return failed(reply.error);
      // A helper that ends because it was idle hangs up on who comes just then. Doing a verb twice does no harm.
      if (attempt === 2) return failed({ kind: "unavailable", detail: `${path}: the helper ended before it answered` });
      await sleep(clock, "helper: second attempt", secondAttemptMs, signal);
    }
  };
  return { where: path, ask: persist };
}

function hungUp({ code }: NodeJS.ErrnoException): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

/** What is wrong where a connection fails, and what to do; by default nobody listens. */
const connectionFaults: Readonly<Record<string, (unit: string) => string>> = {
  EACCES: () => "this user may not ask the helper",
  // The queue of a listener that takes no connection is full.
  EAGAIN: (unit) => `the helper is busy or hangs (systemctl status ${unit})`,
};
const nobodyListens = (unit: string) => `is ${unit}.socket started? (systemctl start ${unit}.socket)`;

function unreachable(path: string, unit: string, { code, message }: NodeJS.ErrnoException): Refusal {
  const fault = (connectionFaults[code ?? ""] ?? nobodyListens)(unit);
  return { kind: "unavailable", detail: `${path}: ${code ?? message}: ${fault}` };
}

function foreign(where: string): Refusal {
  return { kind: "unavailable", detail: `${where}: what answers there is not bezel's helper, or another version` };
}

interface ChildOptions {
  readonly processes: Processes;
  readonly argv: Argv;
  readonly maxReplyBytes?: number;
  /** 45 s by default. */
  readonly limitMs?: number;
}

/** The helper as a child, a new one for each request: for a controller that root runs by hand. */
export function createChildHelper(options: ChildOptions): Privileged {
  return privileged(childLine(options));
}

export function childLine({
  processes,
  argv,
  maxReplyBytes = maxLineBytes,
  limitMs = verbLimitMs,
}: ChildOptions): HelperLine {
  const where = argv.join(" ");
  const ask: Ask = async (line, signal) => {
    signal.throwIfAborted();
    const options = { inputs: { 0: line }, timeoutMs: limitMs, maxOutputBytes: maxReplyBytes, signal };
    const ended = await processes.run(argv, options).catch((error: unknown) => {
      if (error instanceof HalError) return error;
      throw error;
    });
    signal.throwIfAborted();
    if (ended instanceof HalError) return failed({ kind: "unavailable", detail: ended.message });
    if (ended.kind === "timeout")
      return failed({ kind: "timeout", detail: `${where}: no answer within ${limitMs} ms` });
    if (ended.kind !== "exited") return failed({ kind: "unavailable", detail: `${where}: ended by ${ended.kind}` });
    if (ended.code === 0) return ok(ended.stdout);
    const [reason] = ended.stderr.trim().split("\n", 1);
    return failed({ kind: "unavailable", detail: `${where}: ended with ${ended.code}: ${reason}` });
  };
  return { where, ask };
}

/** Asks for a verb, and checks what comes back. */
export async function request<Value>(
  { where, ask }: HelperLine,
  { verb, given, value }: { readonly verb: string; readonly given: object; readonly value: ZodMiniType<Value> },
  signal: AbortSignal,
): Promise<Result<Value, Refusal>> {
  const answer = await ask(`${JSON.stringify({ verb, ...given })}\n`, signal);
  if (!answer.ok) return answer;
  const reply = replySchema.safeParse(parseJson(answer.value));
  if (!reply.success) return failed(foreign(where));
  if (!reply.data.ok) return failed(reply.data.error);
  const checked = value.safeParse(reply.data.value);
  return checked.success ? ok(checked.data) : failed(foreign(where));
}

function privileged(line: HelperLine): Privileged {
  return {
    setLink: (port, mode, signal) =>
      request(line, { verb: "link", given: { port, mode }, value: verbs.link.value }, signal),
    findHolder: ({ port, vlan, address }, signal) =>
      request(line, { verb: "find-holder", given: { port, vlan, address }, value: verbs["find-holder"].value }, signal),
    separate: ({ on, scanByWan }, signal) =>
      request(line, { verb: "separate", given: { port: "wan", on, scanByWan }, value: verbs.separate.value }, signal),
    askWins: ({ port, vlan, address, prefixLength }, signal) =>
      request(
        line,
        { verb: "ask-wins", given: { port, vlan, address, prefixLength }, value: verbs["ask-wins"].value },
        signal,
      ),
  };
}
