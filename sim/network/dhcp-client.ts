import type { Clock, Stop } from "../../hal/clock.ts";
import { subnetOf, type WireState } from "./world.ts";

/** What the server gave, and until when, in the wall clock's milliseconds. */
export interface HeldLease {
  /** The wire's subnet when it was given: another one now means that the server will refuse to renew. */
  readonly subnet: string;
  readonly address: string;
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly domain: string;
  readonly server: string;
  readonly expiresMs: number;
}

export interface DhcpClient {
  lease(): HeldLease | null;
  /** Begins anew without a lease; resolves when there is one or the first round of requests stayed without. */
  start(): Promise<void>;
  stop(): void;
  /** The wire came or went. */
  carrierChanged(): void;
}

/** DISCOVER, OFFER, REQUEST, ACK, and the server's own probe for the address (RFC 2131 section 2.2). */
const exchangeMs = 600;
/** Between the first requests; RFC 2131 begins with 4 s, common clients with 1 to 3. */
const retryMs = 2000;
/** How often a start asks before its caller goes on without a lease. */
const firstRound = 3;
/** Afterwards, for ever. */
const laterMs = 5000;
const leaseMs = 3_600_000;
/** A renewal without an answer waits half of what is left, but not less than this (RFC 2131 section 4.4.5). */
const leastRenewalMs = 60_000;

/** The client of RFC 2131 section 4.4 as far as an operator can see it: discovery, renewal at half the time, NAK, expiry. */
export function createDhcpClient(options: {
  readonly name: string;
  readonly clock: Clock;
  readonly wire: () => WireState;
  readonly carrier: () => boolean;
  readonly changed: () => void;
}): DhcpClient {
  const { name, clock, wire, carrier, changed } = options;
  let held: HeldLease | null = null;
  let attempts = 0;
  let running = false;
  let stopTimer: Stop = () => {};
  let settled: () => void = () => {};

  const hold = (lease: HeldLease | null) => {
    if (held === lease) return;
    held = lease;
    changed();
  };
  const later = (what: string, ms: number, run: () => void) => {
    stopTimer();
    stopTimer = clock.after(`${what} on ${name}`, ms, run);
  };

  const discover = () => {
    if (carrier()) later("DHCP exchange", exchangeMs, answered);
    else settled();
  };
  const answered = () => {
    const { dhcp } = wire();
    if (dhcp === "off" || dhcp === "nak") {
      attempts++;
      if (attempts >= firstRound) settled();
      later("DHCP retry", attempts < firstRound ? retryMs : laterMs, discover);
      return;
    }
    attempts = 0;
    bind();
    settled();
  };
  const bind = () => {
    hold(leaseOf(wire(), clock.now() + leaseMs));
    later("DHCP renewal", leaseMs / 2, renew);
  };
  const renew = () => {
    if (held === null) return;
    const { dhcp, subnet } = wire();
    if (dhcp === "nak" || (dhcp !== "off" && subnet !== held.subnet)) {
      hold(null);
      discover();
    } else if (dhcp === "off") {
      const leftMs = held.expiresMs - clock.now();
      if (leftMs <= 0) {
        hold(null);
        discover();
      } else {
        later("DHCP renewal", Math.min(leftMs, Math.max(leftMs / 2, leastRenewalMs)), renew);
      }
    } else {
      bind();
    }
  };
  const halt = () => {
    running = false;
    stopTimer();
    settled();
    hold(null);
  };

  return {
    lease: () => held,
    start: () => {
      halt();
      running = true;
      attempts = 0;
      return new Promise((resolve) => {
        settled = resolve;
        discover();
      });
    },
    stop: halt,
    carrierChanged: () => {
      if (!running) return;
      stopTimer();
      if (!carrier()) hold(null);
      discover();
    },
  };
}

function leaseOf(wire: WireState, expiresMs: number): HeldLease {
  const { lease, router, prefixLength } = subnetOf(wire);
  return {
    subnet: wire.subnet,
    address: `${lease}/${prefixLength}`,
    gateway: wire.dhcp === "no-router" ? null : router,
    dns: wire.dhcp === "no-dns" ? [] : [router],
    domain: "bench.example",
    server: router,
    expiresMs,
  };
}
