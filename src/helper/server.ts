import { createServer, type Server, type Socket } from "node:net";
import type { Duplex, Readable, Writable } from "node:stream";
import type { Clock } from "../../hal/clock.ts";
import { fromErrno } from "../../hal/errors.ts";
import { type Answer, refusalLine } from "./answer.ts";
import { maxLineBytes, type NoLine, readLine } from "./line.ts";

/** For the whole request to arrive. */
const requestLimitMs = 5000;
/** More are closed unheard. */
const maxConnections = 8;
/** Memory is held for so long after the last request; the service manager starts us again at the next. */
const idleLimitMs = 10_000;

/** For a peer to take its reply. */
const replyLimitMs = 10_000;

const complaints: Readonly<Record<NoLine, (maxBytes: number) => string>> = {
  ended: () => "the request has no line end",
  tooLong: (maxBytes) => `a request has at most ${maxBytes} bytes`,
  tooSlow: () => `the request did not arrive within ${requestLimitMs} ms`,
  notText: () => "the request is not UTF-8",
};

/** The line of a request, and the line of its reply. What cannot be read as a request is answered, and does nothing. */
async function converse(
  input: Readable,
  { clock, maxRequestBytes = maxLineBytes }: Pick<ServeOptions, "clock" | "maxRequestBytes">,
  answer: (line: string) => Promise<string>,
): Promise<string> {
  const line = await readLine(input, clock, requestLimitMs, maxRequestBytes);
  return line.ok ? answer(line.value) : refusalLine(complaints[line.error](maxRequestBytes));
}

/** Answers the one request of a child: for root by hand, without a socket. */
export async function answerOnce(
  options: Pick<ServeOptions, "answer" | "clock" | "signal" | "maxRequestBytes"> & {
    readonly input: Readable;
    readonly output: Writable;
  },
): Promise<void> {
  const { input, output, answer, signal } = options;
  const reply = await converse(input, options, (line) => answer(line, () => true, signal));
  await new Promise<void>((resolve) => {
    output.on("error", () => resolve());
    output.write(reply, () => resolve());
  });
}

export interface ServeOptions {
  /** The socket that the service manager listens on, or a path. */
  readonly listen: { readonly fd: number } | { readonly path: string };
  readonly answer: Answer;
  readonly clock: Clock;
  /** Closes the server and its connections at once; an order to the kernel that has begun goes on. */
  readonly signal: AbortSignal;
  /** With its line end; 4096 by default. */
  readonly maxRequestBytes?: number;
  readonly listening?: () => void;
}

/**
 * One request a connection. Resolves when nobody has come for ten seconds, or when the signal aborts. Rejects with a HalError
 * when the socket cannot be listened on, and for a bug.
 */
export function serveHelper(options: ServeOptions): Promise<void> {
  const { listen, clock, signal, listening } = options;
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    // Half open, because a client may close its side after the request.
    const server: Server = createServer({ allowHalfOpen: true });
    server.maxConnections = maxConnections;

    let stopIdle = () => {};
    const settle = (end: () => void) => {
      stopIdle();
      signal.removeEventListener("abort", aborted);
      server.close(() => end());
      for (const socket of open) socket.destroy();
    };
    const aborted = () => settle(resolve);
    const rest = () => {
      stopIdle();
      if (open.size === 0 && server.listening)
        stopIdle = clock.after("helper idle", idleLimitMs, () => settle(resolve));
    };

    server.on("connection", (socket) => {
      open.add(socket);
      stopIdle();
      const close = () => {
        open.delete(socket);
        rest();
      };
      hold(socket, options).then(close, (error: unknown) => settle(() => reject(error)));
    });
    server.on("error", (error) =>
      settle(() => reject(fromErrno("path" in listen ? listen.path : `fd ${listen.fd}`, error))),
    );
    server.listen(listen, () => {
      listening?.();
      rest();
    });
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  });
}

/** Resolves when the connection is closed. */
async function hold(socket: Duplex, options: ServeOptions): Promise<void> {
  const { answer, clock, signal } = options;
  // A peer that has gone does not hear the reply; its request stands.
  socket.on("error", () => {});
  const reply = await converse(socket, options, (line) => {
    let awaited = true;
    const leave = () => {
      awaited = false;
    };
    // A peer that has gone looks like one that has closed its side only: until its turn comes, both have given up.
    socket.once("end", leave).once("close", leave).resume();
    return answer(line, () => awaited, signal);
  });
  await new Promise<void>((resolve) => {
    // One that fits into the socket's buffer, as most do, is with the peer at once; for a longer one the peer has to read.
    const stop = clock.after("reply", replyLimitMs, () => socket.destroy());
    const closed = () => {
      stop();
      resolve();
    };
    socket.once("close", closed);
    if (socket.destroyed) closed();
    else socket.end(reply, () => socket.destroy());
  });
}
