import type { Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxReplyBytes } from "../../../src/uplink/protocol.ts";
import type { Credential } from "../../support/certificates.ts";
import { listenTcp, listenTls } from "../../support/https-server.ts";
import { hasTool } from "../../support/tools.ts";
import { createRealPoll, impatient, type RealPoll } from "./real-poll.ts";

/** A poll and a look, each of which takes its reply's limit and what lies in the buffers of the kernel. */
const mostTakenBytes = 32 * 1024 * 1024;

type Server = (socket: Socket) => void;

const onRequest =
  (answer: string | Uint8Array): Server =>
  (socket) =>
    void socket.once("data", () => socket.end(answer));
const page = (fields: string, body: string): Server =>
  onRequest(`HTTP/1.1 200 OK\r\n${fields}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
/** Says `begin`, then `more` for as long as it is read. */
const endless =
  (begin: string, more: string | Uint8Array): Server =>
  (socket) => {
    socket.write(begin);
    const pour = () => {
      while (!socket.destroyed && socket.write(more));
    };
    socket.on("drain", pour);
    pour();
  };
/** A character whenever the one before has been sent. */
const drip =
  (begin: string): Server =>
  (socket) => {
    socket.write(begin);
    const drop = () => {
      if (!socket.destroyed) socket.write("x", () => setTimeout(drop, 20));
    };
    drop();
  };
const deep = `{"nonce":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
const good = {
  nonce: "x".repeat(22),
  time: "2026-01-01T00:00:00Z",
  registration: { state: "active", name: "is_box", indicator: "P", pollIntervalSeconds: 180 },
  settings: null,
  jobs: [],
  cancellations: [],
  update: null,
};
const handshakeRecord = (length: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([0x16, 3, 3, length >> 8, length & 0xff]), content]);
const alert = (description: number) => onRequest(Uint8Array.of(0x15, 3, 3, 0, 2, 2, description));

/** Behind a handshake that is well. */
const servers: readonly (readonly [what: string, server: Server, code: string])[] = [
  ["bytes", onRequest(Uint8Array.from({ length: 2000 }, (_, at) => (at * 7919) % 256)), "reply-malformed"],
  ["lines of text", onRequest("hello\r\nworld\r\n"), "reply-malformed"],
  ["a greeting before the request", (socket) => void socket.end("SSH-2.0-x\r\n"), "reply-malformed"],
  ["a status of NULs", onRequest("HTTP/1.1 \0\0\0 OK\r\n\r\n"), "reply-malformed"],
  ["a status of five digits", onRequest("HTTP/1.1 99999 OK\r\n\r\n"), "reply-malformed"],
  ["an unknown status", onRequest("HTTP/1.1 799 OK\r\ncontent-length: 0\r\n\r\n"), "platform-http"],
  ["no content", onRequest("HTTP/1.1 204 No Content\r\n\r\n"), "reply-malformed"],
  ["HTTP/9.9", onRequest("HTTP/9.9 200 OK\r\n\r\n"), "reply-malformed"],
  ["a preface of HTTP/2", onRequest("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "reply-malformed"],
  ["a frame of HTTP/2", onRequest(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0)), "reply-malformed"],
  ["endless fields", endless("HTTP/1.1 200 OK\r\n", `x: ${"y".repeat(60_000)}\r\n`), "reply-malformed"],
  ["endless short fields", endless("HTTP/1.1 200 OK\r\n", "x: y\r\n".repeat(1000)), "reply-malformed"],
  ["an endless field", endless("HTTP/1.1 200 OK\r\nx: ", "y".repeat(60_000)), "reply-malformed"],
  ["endless 100 Continue", endless("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)), "reply-malformed"],
  ["an endless body", endless("HTTP/1.1 200 OK\r\n\r\n", "y".repeat(60_000)), "reply-malformed"],
  [
    "an endless body in chunks",
    endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", `1000\r\n${"y".repeat(4096)}\r\n`),
    "reply-malformed",
  ],
  ["a chunk of no length", onRequest("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), "reply-malformed"],
  [
    "a chunk of any length",
    onRequest(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"f".repeat(40)}\r\nx`),
    "reply-malformed",
  ],
  ["half a body", onRequest("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"), "receive-failed"],
  ["a body of negative length", onRequest("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}"), "reply-malformed"],
  ["a field without a colon", onRequest("HTTP/1.1 200 OK\r\nfoo bar\r\n\r\n"), "reply-malformed"],
  ["a NUL in a field", onRequest("HTTP/1.1 200 OK\r\nfoo: a\0b\r\n\r\n"), "reply-malformed"],
  ["gzip that nobody wants", page("content-encoding: gzip\r\n", "\u001f\u008b"), "reply-malformed"],
  [
    "a reply before the request",
    (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
    "reply-malformed",
  ],
  ["the reply to another request", page("", JSON.stringify(good)), "reply-malformed"],
  ["JSON of half a million levels", page("", deep), "reply-malformed"],
  ["JSON of a million fields", page("", `{${'"a":1,'.repeat(170_000)}"b":1}`), "reply-malformed"],
  ["a field of the prototype", page("", JSON.stringify(good).replace("{", '{"__proto__":{"a":1},')), "reply-malformed"],
  ["a log-in page", page("content-type: text/html\r\n", "<html><form>"), "reply-malformed"],
  ["a redirect", onRequest("HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\n\r\n"), "platform-http"],
  ["a change of protocol", onRequest("HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"), "receive-failed"],
  ["nothing, and an end", (socket) => void socket.once("data", () => socket.end()), "receive-failed"],
  ["nothing at all", () => {}, "timeout"],
  ["a body drop by drop", drip("HTTP/1.1 200 OK\r\n\r\n"), "timeout"],
  ["a field drop by drop", drip("HTTP/1.1 200 OK\r\nx: "), "timeout"],
];

/** In place of a handshake. */
const rawServers: typeof servers = [
  [
    "half a record",
    (socket) => void socket.once("data", () => socket.write(handshakeRecord(0x4000, Uint8Array.of(2)))),
    "timeout",
  ],
  ["half a record, and an end", onRequest(handshakeRecord(0x4000, Uint8Array.of(2))), "receive-failed"],
  ["records without end", endless("", handshakeRecord(0x4000, Buffer.alloc(0x4000, 2))), "tls-certificate"],
  ["bytes without end", endless("", Buffer.alloc(60_000)), "tls-portal"],
  ["plain HTTP", onRequest("HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\n\r\n"), "tls-portal"],
  ["plain HTTP/2", (socket) => void socket.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0)), "tls-portal"],
  ["another protocol", (socket) => void socket.end("SSH-2.0-x\r\n"), "tls-portal"],
  ["what we said", (socket) => void socket.pipe(socket), "tls-certificate"],
  ["access denied, whoever asks", alert(49), "tls-certificate"],
  ["a handshake failure", alert(40), "tls-certificate"],
  ["an unknown name", alert(112), "tls-certificate"],
  ["an end", (socket) => void socket.end(), "receive-failed"],
  ["an end after our hello", (socket) => void socket.once("data", () => socket.end()), "receive-failed"],
  ["a reset", (socket) => void socket.once("data", () => socket.resetAndDestroy()), "receive-failed"],
  ["nothing", () => {}, "timeout"],
];

describe.skipIf(!hasTool("curl"))("a far side that says anything (needs curl)", () => {
  let poll: RealPoll;
  let platform: Credential;

  beforeAll(async () => {
    poll = await createRealPoll();
    platform = await poll.authority.issue({ commonName: "platform.example", hosts: ["platform.example"] });
  });
  afterAll(() => poll.close());

  const tls = (server: Server, certificate = platform.certificate) =>
    listenTls({ cert: certificate, key: platform.key }, server);

  const limitsFor = (code: string) => (code === "timeout" ? impatient : undefined);

  /** Counts what a server could get rid of. */
  const counted = (server: Server) => {
    const sockets: Socket[] = [];
    return {
      server: (socket: Socket) => {
        sockets.push(socket);
        server(socket);
      },
      bytes: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    };
  };

  it.each(servers)("over TLS, %s: one fault", async (_, server, code) => {
    const { server: counting, bytes } = counted(server);
    expect(await poll.faultOf(tls(counting), limitsFor(code))).toMatchObject({ code });
    expect(bytes()).toBeLessThan(mostTakenBytes);
  });

  it.each(rawServers)("in place of TLS, %s: one fault", async (_, server, code) => {
    const { server: counting, bytes } = counted(server);
    expect(await poll.faultOf(listenTcp(counting), limitsFor(code))).toMatchObject({ code });
    expect(bytes()).toBeLessThan(mostTakenBytes);
  });

  it("shows more certificates than anybody reads", async () => {
    const chain = [platform.certificate, ...Array.from({ length: 400 }, () => poll.authority.certificate)].join("\n");
    expect(await poll.faultOf(tls(page("", "{}"), chain))).toMatchObject({ code: "tls-certificate" });
  });

  it("shows many certificates, and then no platform", async () => {
    const chain = [platform.certificate, ...Array.from({ length: 60 }, () => poll.authority.certificate)].join("\n");
    expect(await poll.faultOf(tls(page("", "{}"), chain))).toMatchObject({
      code: "reply-malformed",
      detail: expect.stringMatching(/; its certificate is issued by Platform Authority$/),
    });
  });

  it.each([
    ["TLS", tls],
    ["a connection", listenTcp],
  ])("sends any bytes over %s: one fault, always", async (_, listen) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await poll.faultOf(listen(onRequest(bytes)), impatient))?.code).toMatch(
          /^(reply-malformed|receive-failed|tls-certificate|tls-portal|timeout)$/,
        );
      }),
      { numRuns: 12 },
    );
  });

  it("sends as much as a reply may have, and is read to its end", async () => {
    const body = `"${"x".repeat(maxReplyBytes - 2)}"`;
    expect(await poll.faultOf(tls(page("", body)))).toMatchObject({ detail: expect.stringMatching(/expected object/) });
  });
});
