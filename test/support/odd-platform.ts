import { createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { reset } from "../../sim/network/reset.ts";
import type { Credential } from "./certificates.ts";

/** What stands at the platform's address and is not the platform, or does not do as it should; all of it as JSON. */
export type OddPlatform =
  /** A web server with this certificate that answers every request so, at the `date` of its own clock where it tells one. */
  | {
      readonly kind: "https";
      readonly credential: Credential;
      readonly status: number;
      readonly body: string;
      readonly date?: string;
    }
  /** A web server that does not speak TLS. */
  | { readonly kind: "http" }
  /** It resets the connection when TLS begins. */
  | { readonly kind: "resets-hello" }
  /** When the request has come. */
  | { readonly kind: "resets-request"; readonly credential: Credential }
  /** With the last word of the handshake, so that a client has nobody to send its request to. */
  | { readonly kind: "resets-secured"; readonly credential: Credential };

/** Serves on this port of all addresses; resolves when it listens. Ends with the process. */
export function serveOddPlatform(odd: OddPlatform, port: number): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serve(odd, socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
}

function serve(odd: OddPlatform, socket: Socket): void {
  switch (odd.kind) {
    case "http":
      socket.once("data", () => socket.end(`HTTP/1.1 400 Bad Request\r\n${ending}`));
      return;
    case "resets-hello":
      socket.once("data", () => reset(socket));
      return;
    case "resets-request":
      secure(socket, odd.credential).once("data", () => reset(socket));
      return;
    case "resets-secured":
      // In TLS 1.2 the server has the last word, in 1.3 the client. When this comes about it is not written yet.
      secure(socket, odd.credential, "TLSv1.2").once("secure", () => setImmediate(() => reset(socket)));
      return;
    case "https": {
      const { status, body, date } = odd;
      const told = date === undefined ? "" : `Date: ${date}\r\n`;
      const head = `HTTP/1.1 ${status} Odd\r\n${told}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
      const tls = secure(socket, odd.credential);
      tls.once("data", () => tls.end(head + body));
    }
  }
}

const ending = "Content-Length: 0\r\nConnection: close\r\n\r\n";

function secure(socket: Socket, { certificate, key }: Credential, maxVersion?: "TLSv1.2"): TLSSocket {
  const options = maxVersion === undefined ? {} : { maxVersion };
  const tls = new TLSSocket(socket, { isServer: true, cert: certificate, key, ...options });
  tls.on("error", () => socket.destroy());
  return tls;
}
