import type { Evidence } from "../connectivity/evidence.ts";
import type { Ladder } from "../connectivity/ladder.ts";
import type { Facts } from "../model/facts.ts";
import type { Fault } from "../model/fault.ts";
import type { Settings } from "../model/settings.ts";
import { type ExchangeOptions, exchange, type PollReport } from "../uplink/exchange.ts";
import { evidenceOf } from "./evidence.ts";
import { withUsableProxy } from "./usable-proxy.ts";
import { wayOf } from "./way.ts";

/** How far the box gets towards its platform. */
export interface Reach {
  /** The rungs of the ladder that are sound, and `answer` when the platform answered. */
  readonly sound: readonly string[];
  /** What stands in the way; null when the platform answered. */
  readonly fault: Pick<Fault, "message" | "detail"> | null;
}

export interface ReachParts extends ExchangeOptions {
  readonly facts: () => Facts;
  readonly ladder: Ladder;
  readonly platformHost: string;
  readonly curl: () => Evidence["curl"];
  /** Resolves when the password can be had, if it can. */
  readonly openSecrets: () => Promise<void>;
  /** The password that these settings name. */
  readonly proxyPassword: (settings: Settings) => string | null;
  readonly report: () => PollReport;
}

/** Contacts the platform once, by these settings over the ports as they are. Rejects with the signal's reason when it aborts. */
export type MeasureReach = (settings: Settings, signal: AbortSignal) => Promise<Reach>;

export function createReach({
  facts,
  ladder,
  platformHost,
  curl,
  openSecrets,
  proxyPassword,
  report,
  ...parts
}: ReachParts): MeasureReach {
  return async (settings, signal) => {
    await openSecrets();
    const now = { ...facts(), settings };
    // An order moves ports: another proxy may stand at the same address now.
    parts.offers.forget();
    const way = wayOf(withUsableProxy(now), proxyPassword(settings));
    const outcome = await exchange(parts, way, report(), signal);
    signal.throwIfAborted();
    if (outcome === null) throw new Error("an exchange that nobody gave up has no outcome");
    const climbed =
      outcome.kind === "ok"
        ? null
        : await ladder.climb(evidenceOf(outcome, now, { platformHost, curl: curl() }), signal);
    if (climbed === null) return { sound: [answer], fault: null };
    const sound = climbed.rungs.filter(({ ok }) => ok).map(({ rung, port }) => `${port ?? ""} ${rung}`);
    return { sound, fault: climbed.fault ?? { message: "the platform does not answer", detail: outcome.kind } };
  };
}

/** The rung above all others. */
export const answer = "answer";

/** Why the new reach is worse than the one before; null: it is not. What did not work before need not work now. */
export function lossOf(before: Reach, now: Reach): string | null {
  if (now.fault === null) return null;
  const lost = before.sound.filter((rung) => !now.sound.includes(rung));
  return lost.length === 0 ? null : `${now.fault.message}: ${now.fault.detail}`;
}
