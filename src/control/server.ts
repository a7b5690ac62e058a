import { chmod, lstat, mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createConnection } from "node:net";
import { dirname } from "node:path";
import { fromErrno, HalError } from "../../hal/errors.ts";
import type { Log } from "../model/log.ts";
import type { Handler } from "./handler.ts";

export interface ControlServer {
  /** Ends all connections and removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** The same user and group may talk to us: the panel's rights, without its keys unless the configuration gives them. */
const socketMode = 0o660;
/** sun_path of unix(7), less the terminating NUL. */
const maxPathBytes = 107;
const maxConnections = 64;

/**
 * Serves on a unix socket. Makes the folder; replaces a socket that a dead process left. Rejects with a HalError: `busy`
 * when somebody answers on it or something else stands at the path, `denied`, `readOnly`, `unsupported` (path too long).
 */
export async function serveSocket(path: string, handler: Handler, log: Log): Promise<ControlServer> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new HalError("unsupported", path, `a socket's path has at most ${maxPathBytes} bytes; choose a shorter one`);
  }
  const server = createServer((request, response) => {
    if (!handler(request, response)) response.writeHead(404).end();
  });
  server.maxConnections = maxConnections;
  server.requestTimeout = 10_000;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await listen(server, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      await removeStale(path);
      await listen(server, path);
    });
    await chmod(path, socketMode);
  } catch (error) {
    server.close();
    throw fromErrno(path, error);
  }
  // A connection that cannot be accepted (EMFILE) is lost; the others go on.
  server.on("error", (error) => log.warn({ err: error, path }, "local API: cannot accept a connection"));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** connect(2) answers ECONNREFUSED for a socket that nobody listens on, and for a plain file too. */
async function removeStale(path: string): Promise<void> {
  if (!(await lstat(path)).isSocket()) {
    throw new HalError("busy", path, "is not a socket; remove it or choose another path under [control]");
  }
  if (await socketAnswers(path)) {
    throw new HalError("busy", path, "another process answers here; stop it or choose another path under [control]");
  }
  await rm(path, { force: true });
}

/** Whether a process listens on this unix socket. Rejects with the errno when it may not be asked. */
export function socketAnswers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else reject(error);
    });
  });
}
