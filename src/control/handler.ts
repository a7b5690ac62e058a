import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../hal/clock.ts";
import type { Log } from "../model/log.ts";
import { createApi, type EventFeed, type JsonReply, type Route, refuse } from "./api.ts";
import { streamEvents } from "./event-stream.ts";

/** Where the route says nothing else. */
const usualBodyBytes = 256 * 1024;
/** Half of what a server accepts: readers that stay never keep those out that ask and go. */
const maxStreams = 32;

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
  const bodyLimit = (method: string, path: string) =>
    routes.find((route) => route.method === method && route.path === path)?.maxBodyBytes ?? usualBodyBytes;
  let streams = 0;

  const stream = (feed: EventFeed, response: ServerResponse) => {
    if (streams >= maxStreams) {
      sendJson(response, refuse("busy", `${maxStreams} readers follow the events already; try again later`));
      return;
    }
    streams += 1;
    response.once("close", () => {
      streams -= 1;
    });
    streamEvents(feed, response, clock);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string) => {
    if (loopbackOnly && !isLoopbackRequest(request.headers)) {
      sendJson(response, refuse("forbidden", "only pages and clients of this machine are answered"));
      return;
    }
    const { method = "" } = request;
    const limit = bodyLimit(method, path);
    const body = await readBody(request, limit);
    const reply =
      body === "too-large"
        ? refuse("too-large", `the body is longer than ${limit} bytes`)
        : await answer({ method, path, body });
    // What is left of a body that is too long is not waited for.
    if (body === "too-large") response.setHeader("connection", "close");
    if (response.destroyed) return;
    if (reply.kind === "events") stream(reply.feed, response);
    else sendJson(response, reply);
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

function sendJson(response: ServerResponse, reply: JsonReply): void {
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(reply.status, reply.allow === undefined ? headers : { ...headers, allow: reply.allow });
  response.end(`${JSON.stringify(reply.body)}\n`);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | "too-large"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return "too-large";
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
