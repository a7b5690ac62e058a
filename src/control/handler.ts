import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../hal/clock.ts";
import type { Log } from "../model/log.ts";
import { createApi, type Reply, type Route, refuse } from "./api.ts";
import { streamEvents } from "./event-stream.ts";

const maxBodyBytes = 64 * 1024;

/** Answers a request of node:http and returns true; false: the path is not under the prefix, and nothing was done. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HandlerParts {
  readonly routes: readonly Route[];
  readonly clock: Clock;
  readonly log: Log;
  /** Such as `/api`; empty on the unix socket. */
  readonly prefix?: string;
  /** For TCP: only browsers and clients that name this machine by a loopback name are answered. */
  readonly loopbackOnly?: boolean;
}

export function createHandler({ routes, clock, log, prefix = "", loopbackOnly = false }: HandlerParts): Handler {
  const answer = createApi(routes, log);

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string) => {
    if (loopbackOnly && !isLoopbackRequest(request.headers)) {
      sendReply(response, refuse("forbidden", "only pages and clients of this machine are answered"), clock);
      return;
    }
    const body = await readBody(request);
    const reply =
      body === "too-large"
        ? refuse("too-large", `the body is longer than ${maxBodyBytes} bytes`)
        : await answer({ method: request.method ?? "", path, body });
    // What is left of a body that is too long is not waited for.
    if (body === "too-large") response.setHeader("connection", "close");
    sendReply(response, reply, clock);
  };

  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    if (!path.startsWith(`${prefix}/`)) return false;
    serve(request, response, path.slice(prefix.length)).catch((error: unknown) => {
      // The client went away in the middle of its request.
      log.debug({ err: error }, "local API: connection lost");
      response.destroy();
    });
    return true;
  };
}

function sendReply(response: ServerResponse, reply: Reply, clock: Clock): void {
  if (response.destroyed) return;
  if (reply.kind === "events") {
    streamEvents(reply.feed, response, clock);
    return;
  }
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(reply.status, reply.allow === undefined ? headers : { ...headers, allow: reply.allow });
  response.end(`${JSON.stringify(reply.body)}\n`);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | "too-large"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return "too-large";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * A page of another site can reach a loopback port by a name that it makes resolve to 127.0.0.1 (DNS rebinding), or post to
 * it blindly. The first shows in Host, the second in Origin, which browsers send with every request that is not a plain GET.
 */
export function isLoopbackRequest({
  host = "",
  origin,
}: {
  host?: string | undefined;
  origin?: string | undefined;
}): boolean {
  return loopbackHost.test(host) && (origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`);
}
