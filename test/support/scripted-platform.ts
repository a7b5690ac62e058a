import { type Clock, sleep } from "../../hal/clock.ts";
import type { Https, HttpsOutcome, LookOutcome, LookRequest, ProxyAccess } from "../../src/https/https.ts";
import { type PollReply, type PollRequest, pollRequestSchema, type RefusalReason } from "../../src/uplink/protocol.ts";

/** What an answer is made from: the request, as the protocol reads it. */
export type Answer = (poll: PollRequest) => HttpsOutcome;

/** A platform behind an {@link Https} that never leaves the process. */
export interface ScriptedPlatform {
  /** What it thinks of the box, and what it wants of it. May be changed at any time. */
  registration: Registration;
  jobs: PollReply["jobs"];
  cancellations: PollReply["cancellations"];
  /** Takes the place of the good answer; null: all is well; `hangs`: until the request is given up. */
  fault: Answer | "hangs" | null;
  /** What a look at it sees; `hangs`: nothing until its time is over. */
  sight: LookOutcome | "hangs";
  /** What looks were asked of, oldest first. */
  readonly looks: readonly LookRequest[];
  /** Polls that arrived, oldest first. */
  readonly polls: readonly PollRequest[];
  /** By which proxy each of them came. */
  readonly proxies: readonly (ProxyAccess | null)[];
  /** The way to it, in the time of a clock. `blocked` says why no packet of the box comes through; null: it does. */
  https(clock: Clock, blocked: () => string | null): Https;
}

const transferMs = 80;
const timings = { connectedMs: 20, tlsMs: 40, firstByteMs: 60, totalMs: transferMs };

/** Nobody answers a look. */
export const nothingSeen: Extract<LookOutcome, { kind: "seen" }> = {
  kind: "seen",
  exitCode: 7,
  proxyStatus: 0,
  status: 0,
  message: "Could not connect to server",
  timings: { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 1 },
  proxySchemes: [],
  certificates: [],
  date: null,
  location: null,
};

/** A proxy asks for credentials by one of these schemes; with none of them named it does so and says no how. */
export function proxyOffers(...proxySchemes: readonly string[]): LookOutcome {
  return {
    ...nothingSeen,
    exitCode: 56,
    proxyStatus: 407,
    message: "CONNECT tunnel failed, response 407",
    proxySchemes,
  };
}

type Registration = PollReply["registration"];

export const unactivated = {
  state: "unactivated",
  code: "QG-1234-5678",
  pollAfterSeconds: 10,
} as const satisfies Registration;
export const active = {
  state: "active",
  name: "is_box",
  indicator: "P",
  pollIntervalSeconds: 180,
} as const satisfies Registration;

/** Knows the box as active until it is told otherwise. */
export function createScriptedPlatform(registration: Registration = active): ScriptedPlatform {
  const polls: PollRequest[] = [];
  const proxies: (ProxyAccess | null)[] = [];
  const looks: LookRequest[] = [];
  const platform: ScriptedPlatform = {
    registration,
    jobs: [],
    cancellations: [],
    fault: null,
    sight: nothingSeen,
    looks,
    polls,
    proxies,
    https: (clock, blocked) => ({
      request: async ({ body, proxy, signal, totalTimeoutMs }) => {
        const blockage = blocked();
        if (blockage !== null) return failure(7, `Network is unreachable: ${blockage}`, 0);
        const poll = pollRequestSchema.parse(JSON.parse(Buffer.from(body ?? []).toString()));
        polls.push(poll);
        proxies.push(proxy);
        const { fault } = platform;
        try {
          await sleep(clock, "transfer", fault === "hangs" ? totalTimeoutMs : transferMs, signal);
        } catch {
          return { kind: "aborted" };
        }
        if (fault === "hangs") return failure(28, "Operation timed out", timings.tlsMs);
        return fault === null ? reply(200, goodReply(platform, poll, clock)) : fault(poll);
      },
      look: async (request) => {
        looks.push(request);
        const { totalTimeoutMs, signal } = request;
        const { sight } = platform;
        try {
          await sleep(clock, "look", sight === "hangs" ? totalTimeoutMs : transferMs, signal);
        } catch {
          return { kind: "aborted" };
        }
        return sight === "hangs" ? { ...nothingSeen, exitCode: 28, message: "Operation timed out" } : sight;
      },
    }),
  };
  return platform;
}

/** The transfer ends with one of curl's exit codes. */
export function curlFails(exitCode: number, message: string): Answer {
  return () => failure(exitCode, message, exitCode === 55 || exitCode === 56 ? timings.tlsMs : 0);
}

/** An HTTP answer with this status; the body as JSON, or as it is when it is a string. */
export function answers(status: number, body: unknown = {}): Answer {
  return () => reply(status, body);
}

export function refuses(reason: RefusalReason): Answer {
  return answers(403, { reason, message: "no" });
}

/** The good reply, spoilt. */
export function spoils(change: (reply: PollReply) => unknown): Answer {
  return (poll) => {
    const good: PollReply = {
      nonce: poll.nonce,
      time: "2026-01-01T00:00:00Z",
      registration: active,
      settings: null,
      jobs: [],
      cancellations: [],
      update: null,
    };
    return reply(200, change(good));
  };
}

function reply(status: number, body: unknown): HttpsOutcome {
  return { kind: "reply", status, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), timings };
}

function goodReply(
  { registration, jobs, cancellations }: ScriptedPlatform,
  { nonce }: PollRequest,
  clock: Clock,
): PollReply {
  const time = new Date(clock.now()).toISOString();
  return { nonce, time, registration, settings: null, jobs, cancellations, update: null };
}

function failure(exitCode: number, message: string, tlsMs: number): HttpsOutcome {
  return { kind: "failed", exitCode, proxyStatus: 0, message, timings: { ...timings, tlsMs, firstByteMs: 0 } };
}
