import { createServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

/** A listening server on 127.0.0.1. */
export interface Listening {
  readonly port: number;
  /** Ends all connections too. */
  close(): Promise<void>;
}

/** A real HTTPS server. */
export function listenHttps(options: ServerOptions, handle: RequestListener): Promise<Listening> {
  return listen(createHttpsServer(options, handle));
}

export function listenTcp(handle: (socket: Socket) => void): Promise<Listening> {
  return listen(createTcpServer(handle));
}

/** What speaks after a real handshake. */
export function listenTls(options: TlsOptions, handle: (socket: TLSSocket) => void): Promise<Listening> {
  const server = createTlsServer(options, (socket) => {
    socket.on("error", () => {});
    handle(socket);
  });
  server.on("tlsClientError", () => {});
  return listen(server);
}

/**
 * A proxy that answers every CONNECT with `answer`: a status refuses; `tunnel` connects to that port of 127.0.0.1, whatever
 * was asked for. `seen` gets the target and the Proxy-Authorization header.
 */
export function listenProxy(
  answer: { readonly status: number; readonly header?: string } | { readonly tunnel: number },
  seen: (target: string, authorization: string | undefined) => void = () => {},
): Promise<Listening> {
  const server = createServer();
  server.on("connect", (request, client: Socket) => {
    client.on("error", () => {});
    seen(request.url ?? "", request.headers["proxy-authorization"]);
    if ("status" in answer) {
      client.end(`HTTP/1.1 ${answer.status} Refused\r\n${answer.header ?? ""}Content-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(answer.tunnel, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy());
  });
  return listen(server);
}

function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => closed());
          }),
      });
    });
  });
}
