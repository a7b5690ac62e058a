import { createHash, type X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { maxRequestBytes } from "../src/uplink/protocol.ts";
import type { ServerCertificate } from "./certificates.ts";

/** What is done to a connection: served, left unanswered, or ended by a RST. */
export type ConnectionFate = "serve" | "hang" | "reset";

/** A request with its body, and the key that the TLS handshake proved; null without a client certificate. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** null: longer than {@link maxRequestBytes}. */
  readonly body: string | null;
  readonly fingerprint: string | null;
}

export interface Sent {
  readonly status: number;
  /** Bytes as they are; anything else as JSON. */
  readonly body: unknown;
}

/** An HTTPS server whose lower layers can be made to fail. Knows nothing of appliances. */
export interface Listener {
  /** Opens the port; 0 picks one. Resolves with the port. */
  open(port: number): Promise<number>;
  /** Closes the port and every connection. Idempotent. */
  close(): Promise<void>;
  setFate(fate: ConnectionFate): void;
  /** For the connections to come. */
  setCertificate(certificate: ServerCertificate): void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly certificate: ServerCertificate;
  readonly answer: (received: Received) => Sent | Promise<Sent>;
}

export function createListener({ host, certificate, answer }: ListenerOptions): Listener {
  let fate: ConnectionFate = "serve";
  const sockets = new Set<Socket>();
  // Any client certificate will do: the key is the identity, and the handshake has proved that the client holds it.
  const tls = { requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" } as const;
  const context = ({ certificatePem, keyPem }: ServerCertificate) => ({ cert: certificatePem, key: keyPem });

  const https = createHttpsServer({ ...tls, ...context(certificate) }, (request, response) => {
    void respond(request, response);
  });
  // A failed handshake is the client's to report.
  https.on("tlsClientError", (_error, socket) => socket.destroy());

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "" } = request;
    try {
      const body = await bodyOf(request);
      const sent = await answer({ method, path: url, body, fingerprint: fingerprintOf(request.socket as TLSSocket) });
      const raw = sent.body instanceof Uint8Array ? sent.body : null;
      const bytes = raw ?? Buffer.from(JSON.stringify(sent.body));
      response.writeHead(sent.status, {
        "content-type": raw === null ? "application/json" : "application/octet-stream",
        "content-length": bytes.length,
        connection: "close",
      });
      response.end(bytes);
    } catch {
      // The client went away in the middle of its request, or the answer has a bug: either way nobody can be told more.
      request.socket.destroy();
    }
  };

  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    // A reset before the client has sent anything may reach it as a refused connection.
    if (fate === "reset") socket.once("data", () => socket.resetAndDestroy());
    else if (fate === "serve") https.emit("connection", socket);
    // Read and dropped, or the client's end would go unnoticed.
    else socket.resume();
  });

  return {
    open: (port) =>
      new Promise((resolve, reject) => {
        tcp.once("error", reject);
        tcp.listen({ host, port }, () => {
          tcp.off("error", reject);
          resolve((tcp.address() as AddressInfo).port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        tcp.close(() => resolve());
      }),
    setFate: (next) => {
      fate = next;
    },
    setCertificate: (next) => https.setSecureContext({ ...tls, ...context(next) }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    // The rest is read and dropped, so that the client gets an answer instead of a closed connection.
    if (length <= maxRequestBytes) parts.push(part);
  }
  return length <= maxRequestBytes ? Buffer.concat(parts).toString("utf8") : null;
}

/** SHA-256 of the client's SubjectPublicKeyInfo, hexadecimal. */
function fingerprintOf(socket: TLSSocket): string | null {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  return createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}
