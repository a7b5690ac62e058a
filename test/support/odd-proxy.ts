import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { reset } from "../../sim/network/reset.ts";

/** A certificate with its key, PEM. */
export interface OddCredential {
  readonly certificate: string;
  readonly key: string;
}

/** How a conversation goes on when the proxy has said its words. */
export type OddEnding = "close" | "reset" | "hang";

/** What a proxy does with CONNECT that no proper one does, and one that does what it should; all of it as JSON. */
export type OddAnswer =
  /** An HTTP status with these header lines, and the end of the connection. */
  | { readonly kind: "status"; readonly status: number; readonly headers?: readonly string[]; readonly body?: string }
  /** The connection stands and nothing comes; ends; is reset. */
  | { readonly kind: OddEnding }
  /** These characters, a byte each, when the request has come. */
  | { readonly kind: "bytes"; readonly bytes: string; readonly end: OddEnding }
  /** These characters, and then the others again and again, a byte each; between them so many ms, 0: as fast as they go. */
  | { readonly kind: "endless"; readonly head: string; readonly more: string; readonly everyMs: number }
  /** No HTTP at all: a SOCKS server that takes the first byte for a version it does not know (RFC 1928 section 3). */
  | { readonly kind: "socks" }
  /** No proxy at all: a web server that speaks TLS from the first byte. */
  | { readonly kind: "https"; readonly credential: OddCredential }
  /** A way to this address, whatever was asked for. */
  | { readonly kind: "tunnel"; readonly to: { readonly host: string; readonly port: number } }
  /** 200, and then no way to anywhere. */
  | { readonly kind: "established"; readonly end: OddEnding }
  /** 200, and then it is the platform itself, with a certificate of its own. What is asked of it gets status 200. */
  | { readonly kind: "intercept"; readonly credential: OddCredential }
  /** 407 with these offers, one a header line, to who comes without credentials; to others, whatever they are, `answer`. */
  | { readonly kind: "asks"; readonly offers: readonly string[]; readonly answer: OddAnswer };

export interface OddProxy {
  readonly port: number;
  /** From the next connection on. */
  answer(answer: OddAnswer): void;
  /** Target and Proxy-Authorization of each CONNECT so far, oldest first. */
  asked(): readonly OddRequest[];
  close(): Promise<void>;
}

export interface OddRequest {
  readonly target: string;
  readonly authorization: string | null;
}

export interface OddProxyOptions {
  readonly answer: OddAnswer;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any. */
  readonly port?: number;
  readonly asked?: (request: OddRequest) => void;
}

const maxHeadBytes = 65_536;

/** A scripted HTTP proxy, over plain sockets. */
export async function openOddProxy(options: OddProxyOptions): Promise<OddProxy> {
  const { host = "127.0.0.1", port = 0 } = options;
  let current = options.answer;
  const requests: OddRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    const answer = current;
    if (answer.kind === "https") {
      serveTls(socket, answer.credential);
      return;
    }
    if (answer.kind === "socks") {
      socket.once("data", () => socket.end(Buffer.from([0x05, 0xff])));
      return;
    }
    readHead(socket, (head, rest) => {
      const request = requestOf(head);
      requests.push(request);
      options.asked?.(request);
      act(socket, answer, request, rest);
    });
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    answer: (answer) => {
      current = answer;
    },
    asked: () => requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function act(socket: Socket, answer: OddAnswer, request: OddRequest, rest: Buffer): void {
  switch (answer.kind) {
    case "status":
      socket.end(statusText(answer.status, answer.headers ?? [], answer.body ?? ""));
      return;
    case "hang":
    case "close":
    case "reset":
      end(socket, answer.kind);
      return;
    case "bytes":
      socket.write(answer.bytes, "latin1", () => end(socket, answer.end));
      return;
    case "endless":
      socket.write(answer.head, "latin1");
      sendForEver(socket, answer.more, answer.everyMs);
      return;
    case "established":
      socket.write(established, () => end(socket, answer.end));
      return;
    case "tunnel":
      tunnel(socket, answer.to, rest);
      return;
    case "intercept":
      socket.write(established, () => serveTls(socket, answer.credential));
      return;
    case "asks": {
      const offers = answer.offers.map((offer) => `Proxy-Authenticate: ${offer}`);
      if (request.authorization === null) socket.end(statusText(407, offers, ""));
      else act(socket, answer.answer, request, rest);
      return;
    }
    case "https":
    case "socks":
      throw new Error(`${answer.kind} does not read a request first`);
  }
}

function sendForEver(socket: Socket, more: string, everyMs: number): void {
  const again = () => {
    if (socket.destroyed) return;
    if (everyMs > 0) {
      socket.write(more, "latin1");
      setTimeout(again, everyMs);
    } else if (socket.write(more, "latin1")) setImmediate(again);
    else socket.once("drain", again);
  };
  again();
}

const established = "HTTP/1.1 200 Connection established\r\n\r\n";

function statusText(status: number, headers: readonly string[], body: string): string {
  const lines = [`HTTP/1.1 ${status} Odd`, ...headers, `Content-Length: ${body.length}`, "Connection: close"];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

function end(socket: Socket, how: OddEnding): void {
  if (how === "close") socket.end();
  else if (how === "reset") reset(socket);
}

function serveTls(socket: Socket, { certificate, key }: OddCredential): void {
  const secure = new TLSSocket(socket, { isServer: true, cert: certificate, key });
  secure.on("error", () => socket.destroy());
  secure.once("data", () => secure.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
}

function tunnel(socket: Socket, to: { readonly host: string; readonly port: number }, rest: Buffer): void {
  const outer = connect(to, () => {
    socket.write(established);
    outer.write(rest);
    socket.pipe(outer).pipe(socket);
  });
  outer.on("error", () => socket.destroy());
  socket.on("close", () => outer.destroy());
}

function readHead(socket: Socket, done: (head: string, rest: Buffer) => void): void {
  let bytes = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end === -1) {
      // TLS, SOCKS: no HTTP server waits for more of that.
      const isHttp = bytes.length === 0 || /^[A-Z]/.test(String.fromCharCode(bytes[0] ?? 0));
      if (!isHttp || bytes.length > maxHeadBytes) socket.destroy();
      return;
    }
    socket.off("data", take);
    socket.pause();
    done(bytes.subarray(0, end).toString("latin1"), bytes.subarray(end + 4));
    socket.resume();
  };
  socket.on("data", take);
}

function requestOf(head: string): OddRequest {
  const [line = "", ...headers] = head.split("\r\n");
  const header = headers.find((text) => /^proxy-authorization:/i.test(text));
  return {
    target: line.split(" ")[1] ?? "",
    authorization: header === undefined ? null : header.slice(header.indexOf(":") + 1).trim(),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
}
