import type { Clock } from "../../hal/clock.ts";
import { type PresentedChain, readChain } from "../connectivity/certificate.ts";
import type { Contact, Evidence } from "../connectivity/evidence.ts";
import type { Ladder } from "../connectivity/ladder.ts";
import type { HttpsOutcome } from "../https/https.ts";
import type { FactTable } from "../model/fact-table.ts";
import type { Phase } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import type { NetworkTest } from "../model/network-test.ts";
import { type ExchangeOptions, exchange, hostAndPort, type PollReport, type Way } from "../uplink/exchange.ts";
import { contactOf } from "./evidence.ts";

export interface NetworkTesterParts {
  readonly facts: FactTable;
  /** With a probe: see {@link createProbe}. */
  readonly ladder: Ladder;
  readonly clock: Clock;
  readonly log: Log;
  /** Why the network is not to be had now; null: it is. */
  readonly busy: () => string | null;
  /** What is known before anybody is asked. */
  readonly evidence: () => Promise<Evidence>;
  /** Polls now: what the test has found is not what stands. */
  readonly ask: (reason: string) => void;
}

/**
 * Tests the network while a person looks on. A test only looks: the platform's answer starts no job and changes neither phase
 * nor fault, as polls alone do. Where it finds something else than what stands, the next poll is asked for at once.
 */
export interface NetworkTester {
  /** Begins anew. Resolves when the test has ended, however; rejects only for a bug. */
  start(signal: AbortSignal): Promise<void>;
  /** Nobody looks any more. */
  end(): void;
}

/** In these phases the network is not what it was when the test began, or somebody else is about to poll. */
const endings: Readonly<Partial<Record<Phase, string>>> = {
  contacting: "the network is being changed",
  rebooting: "the system is going down",
  "shutting-down": "the system is going down",
};

/** Under the first contact and after a change somebody else asks for a poll. */
const judgedByPolls: readonly Phase[] = ["activation", "ready", "communication-failure", "network-error"];

export function createNetworkTester({
  facts,
  ladder,
  clock,
  log,
  busy,
  evidence,
  ask,
}: NetworkTesterParts): NetworkTester {
  let running: AbortController | null = null;

  const tell = (change: Partial<NetworkTest>) => {
    const { test } = facts.get();
    if (test !== null) facts.set({ test: { ...test, ...change } });
  };

  const end = (reason: string | null) => {
    if (running === null) return;
    running.abort();
    running = null;
    tell({ state: "canceled", reason, climbing: null });
  };

  const climb = async (own: AbortController, signal: AbortSignal): Promise<void> => {
    const { rungs, fault } = await ladder.climb(await evidence(), signal, {
      begins: (rung) => tell({ climbing: { ...rung, sinceMs: clock.monotonic() } }),
      ends: (result) => tell({ rungs: [...(facts.get().test?.rungs ?? []), result] }),
    });
    if (running !== own) return;
    // The way to the platform went while the test was on it.
    if (fault === null && rungs.at(-1)?.rung !== "platform") return end("the network has changed");
    running = null;
    log.info({ fault: fault?.message, detail: fault?.detail, rungs }, "network tested");
    tell({ state: "done", climbing: null, fault });
    const { phase, fault: standing, poll } = facts.get();
    // A poll that is under way may hang on what is mended now.
    const isLate = fault === null && poll.next === null;
    if (judgedByPolls.includes(phase) && (isLate || fault?.code !== standing?.code))
      ask("a test has found something else");
  };

  return {
    start: async (life) => {
      end(null);
      const reason = busy();
      const begun: NetworkTest = {
        state: reason === null ? "running" : "refused",
        reason,
        started: new Date(clock.now()).toISOString(),
        rungs: [],
        climbing: null,
        fault: null,
      };
      facts.set({ test: begun });
      if (reason !== null) return;
      const own = new AbortController();
      running = own;
      const signal = AbortSignal.any([life, own.signal]);
      const unsubscribe = facts.subscribe((now, before) => {
        const why = now.phase === before.phase ? undefined : endings[now.phase];
        if (why !== undefined && running === own) end(why);
      });
      try {
        await climb(own, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        unsubscribe();
      }
    },
    end: () => end(null),
  };
}

export interface ProbeParts extends ExchangeOptions {
  readonly way: () => Promise<Way | null>;
  readonly report: () => PollReport;
}

/** One real contact, the exchange of a poll, with the addresses that the ladder has asked for already. */
export function createProbe({
  way,
  report,
  ...parts
}: ProbeParts): (addresses: readonly string[], signal: AbortSignal) => Promise<Contact | null> {
  return async (addresses, signal) => {
    const seen: HttpsOutcome[] = [];
    const https = {
      ...parts.https,
      request: async (request: Parameters<typeof parts.https.request>[0]) => {
        const outcome = await parts.https.request({ ...request, showsCertificates: true });
        seen.push(outcome);
        return outcome;
      },
    };
    const resolver = { resolve: async () => ({ kind: "addresses" as const, addresses, server: "the ladder" }) };
    const taken = await way();
    const outcome = await exchange({ ...parts, https, resolver }, taken, report(), signal);
    signal.throwIfAborted();
    const contact = outcome === null ? null : contactOf(outcome);
    const last = seen.at(-1);
    if (contact === null || last === undefined) return contact;
    const known = taken?.proxy == null ? null : parts.offers.known(taken.proxy);
    const asked = contact.asked ?? (known === null ? null : { ...known, speaks: null });
    // An outcome of a poll tells neither times nor who answered.
    return { ...contact, https: last, asked, chain: chainOf(last, parts.platformUrl) };
  };
}

/** Verified by curl: who issued it is all that is asked of it. */
function chainOf(seen: HttpsOutcome, platformUrl: string): PresentedChain | null {
  const certificates = seen.kind === "reply" ? (seen.certificates ?? []) : [];
  return readChain(certificates, hostAndPort(platformUrl).host, null);
}
