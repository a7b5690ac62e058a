import type { Clock } from "../../hal/clock.ts";
import type { Resolver } from "../../hal/resolver.ts";
import type { Fault } from "../model/fault.ts";
import { managementState } from "../model/network-state.ts";
import type { RungPlace, RungResult } from "../model/network-test.ts";
import { managementPort } from "../model/settings.ts";
import { rungsOf } from "./diagnose.ts";
import type { Contact, Evidence, Look } from "./evidence.ts";
import { managementFamily, nameToResolve, type RungName, type Verdict } from "./rung.ts";

export type { RungResult } from "../model/network-test.ts";

export interface Climb {
  /** From the lowest to the first broken one, or to the first that nobody could look at. */
  readonly rungs: readonly RungResult[];
  /** null: nothing is known to be wrong. */
  readonly fault: Fault | null;
  /** With everything that was gathered on the way. */
  readonly evidence: Evidence;
}

export interface LadderParts {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /**
   * Contacts the platform once. `addresses` are those of {@link nameToResolve}, empty when it needs no resolving. Bounds its own
   * time. null: it could not be tried. Without it the ladder ends where the evidence does.
   */
  readonly probe?: (addresses: readonly string[], signal: AbortSignal) => Promise<Contact | null>;
  /**
   * Looks once at who answers in the platform's place, where a contact has failed in a way that its certificate explains.
   * Bounds its own time; null: nothing could be seen.
   */
  readonly look?: (evidence: Evidence, signal: AbortSignal) => Promise<Look | null>;
}

/** Hears of a climb while it goes on. One contact answers several rungs at once. */
export interface ClimbObserver {
  readonly begins: (rung: RungPlace) => void;
  readonly ends: (result: RungResult) => void;
}

export interface Ladder {
  /**
   * Looks at every rung, lowest first, up to the first broken one, and gathers the evidence that is missing on the way; what
   * the evidence holds already, such as the poll that failed, is not asked again. Rejects with the signal's reason.
   */
  climb(evidence: Evidence, signal: AbortSignal, observer?: ClimbObserver): Promise<Climb>;
}

/** For all servers together. */
const dnsTimeoutMs = 5000;

export function createLadder({ resolver, clock, probe, look }: LadderParts): Ladder {
  const askDns = async (evidence: Evidence, signal: AbortSignal): Promise<Evidence> => {
    const name = nameToResolve(evidence);
    const state = managementState(evidence.network, managementPort(evidence.settings));
    if (name === null || state.dns.length === 0) return evidence;
    const family = managementFamily(evidence.settings);
    const [own] = family === 4 ? state.ipv4 : state.ipv6;
    const dns = await resolver.resolve({
      name,
      family,
      servers: state.dns,
      source: own?.split("/")[0] ?? null,
      timeoutMs: dnsTimeoutMs,
      signal,
    });
    return { ...evidence, dns };
  };

  const contact = async (evidence: Evidence, signal: AbortSignal): Promise<Evidence> => {
    if (probe === undefined) return evidence;
    const addresses = evidence.dns?.kind === "addresses" ? evidence.dns.addresses : [];
    return { ...evidence, contact: await probe(addresses, signal) };
  };

  const lookAt = async (evidence: Evidence, signal: AbortSignal): Promise<Evidence> => {
    if (look === undefined) return evidence;
    return { ...evidence, look: await look(evidence, signal) };
  };

  return {
    climb: async (start, signal, observer) => {
      let evidence = start;
      const rungs: RungResult[] = [];
      for (const rung of rungsOf(start)) {
        signal.throwIfAborted();
        const place = { rung: rung.name, port: rung.port };
        observer?.begins(place);
        const startedMs = clock.monotonic();
        let verdict = rung.check(evidence);
        if (verdict.state === "unknown") {
          evidence = await (verdict.needs === "dns" ? askDns : contact)(evidence, signal);
          signal.throwIfAborted();
          verdict = rung.check(evidence);
        }
        if (verdict.state === "broken" && verdict.needs === "look") {
          evidence = await lookAt(evidence, signal);
          signal.throwIfAborted();
          verdict = rung.check(evidence);
        }
        if (verdict.state === "unknown") break;
        const ms = contactMs(rung.name, evidence.contact) ?? clock.monotonic() - startedMs;
        const result = { ...place, ok: verdict.state === "sound", ms, detail: detailOf(verdict) };
        rungs.push(result);
        observer?.ends(result);
        if (verdict.state === "broken") return { rungs, fault: verdict.fault, evidence };
      }
      return { rungs, fault: null, evidence };
    },
  };
}

function detailOf(verdict: Exclude<Verdict, { state: "unknown" }>): string {
  return verdict.state === "sound" ? verdict.detail : verdict.fault.detail;
}

/** The part of one transfer that a rung took; null for rungs below it and when curl told no times. */
function contactMs(rung: RungName, contact: Contact | null): number | null {
  const https = contact?.https;
  if (https?.kind !== "reply" && https?.kind !== "failed") return null;
  const { connectedMs, tlsMs, firstByteMs, totalMs } = https.timings;
  const span = (from: number, to: number) => Math.max(0, (to === 0 ? totalMs : to) - from);
  switch (rung) {
    case "proxy":
    case "connect":
      return span(0, connectedMs);
    case "tls":
      return span(connectedMs, tlsMs);
    case "http":
      return span(tlsMs, firstByteMs);
    case "platform":
      return span(firstByteMs, totalMs);
    default:
      return null;
  }
}
