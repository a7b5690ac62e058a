import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Clock } from "../hal/clock.ts";
import { fromErrno, HalError } from "../hal/errors.ts";
import { controlRoutes } from "../src/control/api.ts";
import { createHandler, isLoopbackRequest } from "../src/control/handler.ts";
import type { Log } from "../src/model/log.ts";
import type { Bench } from "./bench.ts";
import { benchRoutes } from "./bench-routes.ts";

export interface BenchServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

const maxConnections = 64;

/** The page's files; nothing else of the folder is served. */
const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  "/": { name: "index.html", type: "text/html" },
  "/page.js": { name: "page.js", type: "text/javascript" },
  "/page.css": { name: "page.css", type: "text/css" },
};

/** Everything from here, nothing from outside. Inline styles are the terminal emulator's, images those in the style sheet. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The page and the API of the bench, for this machine only. `port` 0 picks one; rejects with a HalError (`busy`) when the
 * port is taken.
 */
export async function serveBench(options: {
  readonly bench: Bench;
  readonly port: number;
  /** The folder of the built page. */
  readonly pageDirectory: string;
  /** Real time. */
  readonly system: Clock;
  readonly log: Log;
}): Promise<BenchServer> {
  const { bench, port, pageDirectory, system, log } = options;
  const routes = [...controlRoutes(bench.control, { keys: true, settings: true }), ...benchRoutes(bench, system)];
  const handle = createHandler({ routes, clock: system, log, prefix: "/api", loopbackOnly: true });
  const server = createServer((request, response) => {
    if (handle(request, response)) return;
    const [path = ""] = (request.url ?? "").split("?");
    if (!isLoopbackRequest(request.headers)) response.writeHead(403).end();
    else if (request.method !== "GET") response.writeHead(405, { allow: "GET" }).end();
    else void sendFile(response, pageDirectory, path);
  });
  server.maxConnections = maxConnections;
  server.requestTimeout = 10_000;
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function sendFile(response: ServerResponse, folder: string, path: string): Promise<void> {
  const file = files[path];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  try {
    const content = await readFile(join(folder, file.name));
    response.writeHead(200, {
      "content-type": `${file.type}; charset=utf-8`,
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    });
    response.end(content);
  } catch {
    response.writeHead(500, { "content-type": "text/plain" });
    response.end(`${file.name} is missing in ${folder}: build the page with "npm run build"\n`);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const device = `127.0.0.1:${port}`;
      reject(
        error.code === "EADDRINUSE"
          ? new HalError("busy", device, "another program listens here; stop it or choose another --port", {
              cause: error,
            })
          : fromErrno(device, error),
      );
    });
    server.listen({ host: "127.0.0.1", port }, resolve);
  });
}
