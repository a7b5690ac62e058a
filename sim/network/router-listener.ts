import type { Clock, Stop } from "../../hal/clock.ts";
import type { WireState } from "./world.ts";

export interface RouterListener {
  /** A router has advertised its prefix, so there are an address and a default route. */
  heard(): boolean;
  /** Solicits; resolves when a router answered or the first solicitations stayed without an answer. */
  start(): Promise<void>;
  stop(): void;
  /** The wire came or went. */
  carrierChanged(): void;
}

/** A solicitation, its answer, and duplicate address detection (one second by default, RFC 4862 section 5.1). */
const solicitMs = 1300;
/** RFC 4861 section 10: three solicitations, four seconds apart. */
const retryMs = 4000;
const firstRound = 3;
/** Routers advertise every ten minutes at most and live for three of them (RFC 4861 section 6.2.1). */
const advertiseMs = 600_000;
const missedLimit = 3;

/** Stateless address configuration (RFC 4862) as far as an operator can see it. */
export function createRouterListener(options: {
  readonly name: string;
  readonly clock: Clock;
  readonly wire: () => WireState;
  readonly carrier: () => boolean;
  readonly changed: () => void;
}): RouterListener {
  const { name, clock, wire, carrier, changed } = options;
  let heard = false;
  let silent = 0;
  let running = false;
  let stopTimer: Stop = () => {};
  let settled: () => void = () => {};

  const set = (now: boolean) => {
    if (heard === now) return;
    heard = now;
    changed();
  };
  const later = (what: string, ms: number, run: () => void) => {
    stopTimer();
    stopTimer = clock.after(`${what} on ${name}`, ms, run);
  };
  const solicit = () => {
    if (carrier()) later("router solicitation", solicitMs, listen);
    else settled();
  };
  const listen = () => {
    if (wire().routerAdvertisement === "ok") {
      silent = 0;
      set(true);
      settled();
      later("router advertisement", advertiseMs, listen);
      return;
    }
    silent++;
    if (silent >= (heard ? missedLimit : firstRound)) {
      set(false);
      settled();
    }
    later("router solicitation", heard ? advertiseMs : retryMs, listen);
  };
  const halt = () => {
    running = false;
    silent = 0;
    stopTimer();
    settled();
    set(false);
  };

  return {
    heard: () => heard,
    start: () => {
      halt();
      running = true;
      return new Promise((resolve) => {
        settled = resolve;
        solicit();
      });
    },
    stop: halt,
    carrierChanged: () => {
      if (!running) return;
      stopTimer();
      if (!carrier()) set(false);
      solicit();
    },
  };
}
