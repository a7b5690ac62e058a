import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { FaultCode } from "../../../src/connectivity/fault-code.ts";
import { createCurlHttps } from "../../../src/https/curl.ts";
import type { HttpsRequest } from "../../../src/https/https.ts";
import { type Authority, type Credential, createAuthority } from "../../support/certificates.ts";
import { hasTool } from "../../support/tools.ts";
import { dhcp, evidence, withProxy } from "../connectivity/evidence.ts";

/** How a connection is treated, as it is made and when TLS stands. */
interface Server {
  readonly raw?: (socket: Socket) => void;
  readonly secure?: (socket: TLSSocket, raw: Socket) => void;
  readonly closed?: true;
  readonly by?: "ours" | "others";
  readonly hosts?: readonly string[];
}

type Row = readonly [
  what: string,
  exitCodes: readonly number[],
  message: RegExp,
  code: FaultCode,
  server: Server,
  change?: Partial<HttpsRequest>,
];

const host = "platform.example";
const nobody = { certificateFile: "/nowhere.pem", keyFile: "/nowhere.key" };
const reset = (socket: Socket) => void socket.once("data", () => socket.resetAndDestroy());
const viaIt = (port: number) => ({ proxy: { host: "127.0.0.1", port, credentials: null } });
const long = Buffer.alloc(8_000_000, "x");

/** Exit codes of curl(1) as this machine's gives them; two where the versions that we run on differ. */
const rows: readonly Row[] = [
  ["no address for the name", [6], /resolve/, "lan-platform-unresolved", {}, { url: "https://name.invalid/" }],
  ["a closed port", [7], /connect/, "connect-failed", { closed: true }],
  [
    "a reply cut off",
    [18],
    /bytes/,
    "receive-failed",
    { secure: answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n") },
  ],
  ["a handshake that hangs", [28], /SSL connection timeout/, "timeout", {}, { connectTimeoutMs: 300 }],
  ["a request that hangs", [28], /timed out/, "timeout", { secure: () => {} }, { totalTimeoutMs: 500 }],
  ["a handshake that is reset", [35], /reset by peer/, "receive-failed", { raw: reset }],
  ["a handshake that is closed", [35], /SYSCALL|eof/, "receive-failed", { raw: (socket) => void socket.end() }],
  [
    "plain HTTP",
    [35],
    /wrong version number/,
    "tls-portal",
    { raw: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") },
  ],
  ["a port that it cannot leave by", [45], /./, "connect-failed", {}, { interface: "no-such-port" }],
  ["no reply", [52], /Empty reply/, "receive-failed", { secure: answering("") }],
  [
    "a long request to somebody who has gone",
    [55],
    /Broken pipe/,
    "send-failed",
    {
      secure: (socket, raw) => {
        socket.pause();
        raw.end();
        setTimeout(() => raw.resetAndDestroy(), 50);
      },
    },
    { method: "POST", body: long },
  ],
  [
    "a request that is reset",
    [56],
    /reset by peer/,
    "receive-failed",
    { secure: (socket, raw) => void socket.once("data", () => raw.resetAndDestroy()) },
  ],
  [
    "a device certificate that is not there",
    [58],
    /certificate/,
    "tls-certificate",
    { secure: () => {} },
    { identity: nobody },
  ],
  ["a certificate of another authority", [60], /unable to get local issuer/, "tls-certificate", { by: "others" }],
  ["a certificate of another name", [60], /name/, "tls-certificate", { hosts: ["other.example"] }],
  [
    "a file of authorities that is not there",
    [77],
    /CA|certificate/,
    "curl-failed",
    { secure: () => {} },
    { authorityFile: "/nowhere.pem" },
  ],
];

/** What stands before the target that is asked for by CONNECT. */
const proxies: readonly Row[] = [
  ["a closed port", [7], /connect/, "connect-failed", { closed: true }],
  ["silence", [28], /timeout|timed out/, "timeout", {}, { connectTimeoutMs: 300 }],
  ["a reset", [56], /reset by peer/, "receive-failed", { raw: reset }],
  [
    "an end",
    [56],
    /CONNECT aborted|closed/,
    "receive-failed",
    { raw: (socket) => void socket.once("data", () => socket.end()) },
  ],
  [
    "a tunnel to nowhere",
    [35],
    /reset by peer|SYSCALL/,
    "receive-failed",
    { raw: tunnel((socket) => socket.resetAndDestroy()) },
  ],
  [
    "a tunnel to a silent one",
    [28],
    /timeout|timed out/,
    "timeout",
    { raw: tunnel(() => {}) },
    { connectTimeoutMs: 300 },
  ],
  [
    "a refusal",
    // 7 from 8.21 on.
    [56, 7],
    /CONNECT|403/,
    "proxy-http-403",
    {
      raw: (socket) =>
        void socket.once("data", () => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")),
    },
  ],
];

function answering(text: string): NonNullable<Server["secure"]> {
  return (socket) => void socket.once("data", () => socket.end(text));
}

/** Opens the tunnel, and treats what comes through it so. */
function tunnel(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.once("data", () => then(socket));
    });
}

describe.skipIf(!hasTool("curl"))("the exit codes of this machine's curl (needs curl)", () => {
  let folder: string;
  const authorities = new Map<Server["by"], Authority>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-exit-codes-"));
    const ours = await createAuthority("Ours");
    authorities.set("ours", ours).set("others", await createAuthority("Others"));
    await writeFile(join(folder, "ca.pem"), ours.certificate);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function open({ raw, secure, by = "ours", hosts = [host], closed }: Server) {
    const credential = await (authorities.get(by) as Authority).issue({ commonName: host, hosts });
    const isSecure = secure !== undefined || by !== "ours" || hosts[0] !== host;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      raw?.(socket);
      if (isSecure) serve(socket, credential, secure);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      });
    if (closed) await close();
    return { port, close };
  }

  function serve(raw: Socket, { certificate, key }: Credential, secure: Server["secure"]): void {
    const socket = new TLSSocket(raw, { isServer: true, cert: certificate, key });
    socket.on("error", () => {});
    socket.once("secure", () => secure?.(socket, raw));
  }

  const ask = (port: number, change: Partial<HttpsRequest> = {}) =>
    createCurlHttps({ processes: createProcesses() }).request({
      method: "GET",
      url: `https://${host}:${port}/`,
      body: null,
      resolved: [{ host, port, addresses: ["127.0.0.1"] }],
      proxy: null,
      identity: null,
      authorityFile: join(folder, "ca.pem"),
      interface: null,
      connectTimeoutMs: 5000,
      totalTimeoutMs: 5000,
      maxReplyBytes: 10_000,
      ...change,
    });

  const named = (list: readonly Row[]) => list.map((row) => ({ what: `${row[0]}: ${row[1].join(" or ")}`, row }));

  it.each(named(rows))("$what", async ({ row: [, exitCodes, message, code, server, change] }) => {
    const { port, close } = await open(server);
    const https = await ask(port, change);
    expect(https).toMatchObject({ kind: "failed", proxyStatus: 0, message: expect.stringMatching(message) });
    expect(https.kind === "failed" && exitCodes.includes(https.exitCode)).toBe(true);
    expect(diagnose(evidence({ settings: dhcp, dns: null, contact: { https, answer: null } }))?.code).toBe(code);
    await close();
  });

  it.each(named(proxies))("of a proxy, $what", async ({ row: [, exitCodes, message, code, server, change] }) => {
    const { port, close } = await open(server);
    const https = await ask(443, { ...viaIt(port), ...change });
    expect(https).toMatchObject({ kind: "failed", message: expect.stringMatching(message) });
    expect(https.kind === "failed" && exitCodes.includes(https.exitCode)).toBe(true);
    expect(diagnose(evidence({ settings: withProxy(), contact: { https, answer: null } }))?.code).toBe(code);
    await close();
  });
});
