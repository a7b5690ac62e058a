import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { finished } from "node:stream";
import { answerConnect, type Handshake } from "./proxy-answer.ts";
import { reset } from "./reset.ts";
import type { ProxyState } from "./world.ts";

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** A request head of curl is under 1 KB; NTLM adds a few hundred bytes. */
const maxHeadBytes = 16_384;

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  405: "Method Not Allowed",
  407: "Proxy Authentication Required",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/**
 * A real HTTP CONNECT proxy on loopback (RFC 9110 section 9.3.6). It reads request heads itself: a connection that was
 * refused with a challenge goes on to the next request on the same socket, which Node's server does not offer for CONNECT.
 */
export async function createProxy(options: {
  readonly state: () => ProxyState;
  /** Where a name leads; null is answered with 502. */
  readonly route: (target: Target) => Target | null;
}): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    finished(socket, () => sockets.delete(socket));
    socket.on("error", () => {});
    const handshake = { challenge: randomBytes(8), isOpen: false };
    readHead(socket, (head, rest) => handle(socket, head, rest, handshake));
  });

  const handle = (socket: Socket, head: string, rest: Buffer, handshake: Handshake) => {
    const request = parseConnect(head);
    if (request === null) {
      refuse(socket, head.startsWith("CONNECT ") ? 400 : 405, null, false);
      return;
    }
    const answer = answerConnect(options.state(), request.authorization, handshake);
    switch (answer.kind) {
      case "hang":
        return;
      case "reset":
        reset(socket);
        return;
      case "status":
        refuse(socket, answer.status, answer.authenticate, answer.challenge);
        if (answer.challenge) {
          readHead(socket, (next, after) => handle(socket, next, after, { ...handshake, isOpen: true }), rest);
        }
        return;
      case "tunnel":
        tunnel(socket, options.route(request.target), rest);
    }
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function readHead(socket: Socket, done: (head: string, rest: Buffer) => void, first: Buffer = Buffer.alloc(0)): void {
  let bytes = first;
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end === -1 && bytes.length <= maxHeadBytes) return;
    socket.off("data", take);
    socket.pause();
    if (end === -1) refuse(socket, 400, null, false);
    else done(bytes.subarray(0, end).toString("latin1"), bytes.subarray(end + 4));
  };
  socket.on("data", take);
  socket.resume();
}

function parseConnect(head: string): { target: Target; authorization: string | null } | null {
  const [line = "", ...headers] = head.split("\r\n");
  const match = /^CONNECT (\[[0-9a-f:.]+\]|[^\s:[\]]+):(\d{1,5}) HTTP\/1\.[01]$/i.exec(line);
  if (match === null) return null;
  const header = headers.find((text) => /^proxy-authorization:/i.test(text));
  return {
    target: { host: (match[1] ?? "").toLowerCase(), port: Number(match[2]) },
    authorization: header === undefined ? null : header.slice(header.indexOf(":") + 1).trim(),
  };
}

function refuse(socket: Socket, status: number, authenticate: string | null, keep: boolean): void {
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? "Refused"}`,
    ...(authenticate === null ? [] : [`Proxy-Authenticate: ${authenticate}`]),
    `Proxy-Connection: ${keep ? "keep-alive" : "close"}`,
    "Content-Length: 0",
  ];
  const text = `${lines.join("\r\n")}\r\n\r\n`;
  if (keep) {
    socket.write(text);
    return;
  }
  socket.end(text);
  socket.resume();
}

function tunnel(socket: Socket, target: Target | null, rest: Buffer): void {
  if (target === null) {
    refuse(socket, 502, null, false);
    return;
  }
  const outer = connect({ ...target, allowHalfOpen: true });
  let connected = false;
  finished(socket, (error) => error && reset(outer));
  outer.once("connect", () => {
    connected = true;
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    outer.write(rest);
    socket.pipe(outer);
    outer.pipe(socket);
  });
  finished(outer, (error) => {
    if (!error) return;
    if (connected) reset(socket);
    else refuse(socket, 502, null, false);
  });
}
