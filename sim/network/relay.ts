/**
 * How real curl over real TLS meets the simulated wire: the modelled resolver answers the loopback address, so the box
 * connects to a port of this machine, and behind that port stands a relay to the real server. The relay's port is what
 * the platform's URL (or the proxy setting) names. While the way is blocked nobody listens there and connections are
 * refused; connections that already stand hang, as they do when a cable is pulled, and go on when it is back in time.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { finished } from "node:stream";
import type { Clock, Stop } from "../../hal/clock.ts";
import { reset } from "./reset.ts";

/** `open`: packets pass. `blocked`: they do not arrive. `gone`: the box has no power, its connections exist no more. */
export type Way = "open" | "blocked" | "gone";

export interface Relay {
  readonly port: number;
  /** Ends all connections and the listener. */
  close(): Promise<void>;
}

interface Stream {
  flow(open: boolean): void;
  cut(): void;
}

/** Another socket of this machine may hold our port for a moment while nobody listens. */
const listenAgainMs = 100;

export async function createRelay(options: {
  readonly clock: Clock;
  /** 0 picks one. */
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
  readonly way: () => Way;
  /** Tells that `way` may have changed. */
  readonly watch: (changed: () => void) => Stop;
}): Promise<Relay> {
  const { clock, target, way, watch } = options;
  const streams = new Set<Stream>();
  let server: Server | null = null;
  let stopRetry: Stop = () => {};
  let closed = false;

  const accept = (inner: Socket) => {
    if (way() !== "open") {
      reset(inner);
      return;
    }
    const stream = joinSockets(inner, connect({ ...target, allowHalfOpen: true }), () => streams.delete(stream));
    streams.add(stream);
  };
  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const fresh = createServer({ allowHalfOpen: true }, accept);
      fresh.once("error", reject);
      fresh.listen({ host: "127.0.0.1", port }, () => resolve(fresh));
      server = fresh;
    });
  const follow = () => {
    const now = closed ? "gone" : way();
    for (const stream of [...streams]) {
      if (now === "gone") stream.cut();
      else stream.flow(now === "open");
    }
    stopRetry();
    if (now !== "open") {
      server?.close();
      server = null;
    } else if (server === null) {
      listen(port).catch(() => {
        server = null;
        stopRetry = clock.after("relay listens again", listenAgainMs, follow);
      });
    }
  };

  // The port has to be known, and kept by the operating system's choice, before the box has an address.
  const first = await listen(options.port);
  const port = (first.address() as AddressInfo).port;
  follow();
  const unwatch = watch(follow);

  return {
    port,
    close: async () => {
      closed = true;
      unwatch();
      follow();
    },
  };
}

/** Passes bytes, half-closes and resets both ways. */
function joinSockets(inner: Socket, outer: Socket, ended: () => void): Stream {
  const cut = () => {
    reset(inner);
    reset(outer);
  };
  let left = 2;
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    finished(one, (error) => {
      if (error) reset(other);
      left--;
      if (left === 0) ended();
    });
  }
  // Whoever is piped twice gets every byte twice.
  let isFlowing = false;
  const flow = (open: boolean) => {
    if (open === isFlowing) return;
    isFlowing = open;
    if (open) {
      inner.pipe(outer);
      outer.pipe(inner);
    } else {
      inner.unpipe(outer);
      outer.unpipe(inner);
    }
  };
  flow(true);
  return { flow, cut };
}
