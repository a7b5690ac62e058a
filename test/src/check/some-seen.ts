import { nothingSeen, type Seen } from "../../../src/check/seen.ts";
import type { Target } from "../../../src/check/target.ts";
import type { HttpsOutcome, LookOutcome, Timings } from "../../../src/https/https.ts";

export const timings: Timings = { connectedMs: 10, tlsMs: 30, firstByteMs: 70, totalMs: 80 };

/** 2026-01-01 00:00 UTC. */
export const nowMs = Date.UTC(2026, 0, 1);

export function someTarget(change: Partial<Target> = {}): Target {
  return { host: "platform.example", port: 443, authority: null, addresses: [], publicAuthority: false, ...change };
}

export function someLook(
  change: Partial<Extract<LookOutcome, { kind: "seen" }>> = {},
): Extract<LookOutcome, { kind: "seen" }> {
  return {
    kind: "seen",
    exitCode: 0,
    proxyStatus: 0,
    status: 200,
    message: "",
    timings,
    proxySchemes: [],
    certificates: [],
    date: "Thu, 01 Jan 2026 00:00:00 GMT",
    location: null,
    ...change,
  };
}

/** A host that is well. Tests break one thing at a time. */
export function someSeen(change: Partial<Seen> = {}, target: Partial<Target> = {}): Seen {
  return {
    ...nothingSeen(someTarget(target), null),
    dns: { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.53" },
    dnsMs: 5,
    source: "10.77.0.20",
    look: someLook(),
    lookedAtMs: nowMs,
    contact: { kind: "reply", status: 200, body: new Uint8Array(100), timings, remote: "203.0.113.9:443" },
    ...change,
  };
}

/** A transfer that broke. */
export function failedWith(exitCode: number, message = "it broke", proxyStatus = 0): HttpsOutcome {
  return {
    kind: "failed",
    exitCode,
    proxyStatus,
    message,
    timings: { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 90 },
  };
}

export const someProxy: NonNullable<Seen["proxy"]> = {
  host: "proxy.corp.example",
  port: 3128,
  user: null,
};
