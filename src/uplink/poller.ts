import { type Clock, sleep, untilAborted } from "../../hal/clock.ts";
import type { PollFacts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { ok, type Result } from "../model/result.ts";
import { type ExchangeOptions, exchange, type PollOutcome, type PollReport, type Way } from "./exchange.ts";
import type { Identity, IdentityProblem } from "./identity.ts";
import { initialSchedule, type Random, type Schedule, type ScheduleEvent, scheduleStep } from "./schedule.ts";

export type { PollOutcome, PollReport, Way } from "./exchange.ts";

/** The platform's clock against ours, from one good poll. */
export interface TimeSample {
  /** Added to our wall clock it gives the platform's. */
  readonly offsetMs: number;
  /** Half of the round trip: the offset is right to within so much. */
  readonly uncertaintyMs: number;
}

export interface PollerOptions extends ExchangeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Asked at the start of each poll, which it may keep waiting for what it has to open; null: there is none. */
  readonly way: () => Way | null | Promise<Way | null>;
  /** Asked at the start of each poll. */
  readonly report: () => PollReport;
  readonly publish: (poll: PollFacts) => void;
  /** Called for each poll that came to an end with the monotonic time at which it began, after `publish`. Not for one that a kick cut short. */
  readonly ended: (outcome: PollOutcome, startedMs: number) => void;
  readonly timeSample: (sample: TimeSample) => void;
}

export interface Poller {
  /** Polls at once and then as the schedule says, one at a time, until the signal aborts. Rejects only for a bug. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Polls within half a second, because something changed. Kicks in that half second count as one. A poll under way is
   * given up for it, as it may hang on what has changed; the poll that follows is not, so kicks cannot starve polling.
   */
  kick(reason: string): void;
  /** Polls now, because a person waits for it; a poll under way is given up for it. */
  ask(reason: string): void;
}

export function createPoller(options: PollerOptions): Poller {
  const { clock, random, log } = options;
  let schedule: Schedule = initialSchedule;
  let round: Round | null = null;
  let facts: PollFacts = {
    intervalSeconds: initialSchedule.intervalMs / 1000,
    lastAttempt: null,
    lastSuccess: null,
    next: null,
  };
  const publish = (change: Partial<PollFacts>) => {
    facts = { ...facts, ...change };
    options.publish(facts);
  };
  const isoIn = (ms: number) => new Date(clock.now() + ms).toISOString();

  let known: Identity | null = null;
  /** Asked for until there is one, then remembered. */
  const identity = async (): Promise<Result<Identity, IdentityProblem>> => {
    if (known !== null) return ok(known);
    const result = await options.identity();
    if (result.ok) known = result.value;
    return result;
  };

  /** One poll; null: given up. */
  const poll = async (signal: AbortSignal): Promise<PollOutcome | null> => {
    publish({ lastAttempt: isoIn(0), next: null });
    const startedWallMs = clock.now();
    const startedMs = clock.monotonic();
    const way = await Promise.race([options.way(), untilAborted(signal)]);
    if (signal.aborted) return null;
    const outcome = await exchange({ ...options, identity }, way ?? null, options.report(), signal);
    if (outcome?.kind === "ok") {
      const uncertaintyMs = (clock.monotonic() - startedMs) / 2;
      options.timeSample({
        offsetMs: Date.parse(outcome.reply.time) - (startedWallMs + uncertaintyMs),
        uncertaintyMs,
      });
    }
    return outcome;
  };

  return {
    run: async (signal) => {
      const stop = () => round?.controller.abort();
      signal.addEventListener("abort", stop, { once: true });
      let waitMs = 0;
      let current = newRound({ nudged: false, gaveUp: false });
      round = current;
      try {
        while (!signal.aborted) {
          const outcome = await play(current, waitMs);
          const { startedMs } = current;
          if (signal.aborted) break;
          for (const event of eventsOf(outcome, current.wanted)) {
            ({ schedule, waitMs } = scheduleStep(schedule, event, random));
          }
          current = newRound({ nudged: current.wanted !== null, gaveUp: current.polling && outcome === null });
          round = current;
          const success = outcome?.kind === "ok" ? { lastSuccess: isoIn(0) } : {};
          publish({ ...success, intervalSeconds: schedule.intervalMs / 1000, next: isoIn(waitMs) });
          if (outcome !== null) {
            log.debug({ outcome: outcome.kind, waitMs }, "poll ended");
            options.ended(outcome, startedMs);
          }
        }
      } finally {
        round = null;
        signal.removeEventListener("abort", stop);
        publish({ next: null });
      }
    },
    kick: (reason) => {
      if (round === null || (round.nudged && !round.polling)) return;
      log.debug({ reason }, "poll wanted soon");
      round.wanted ??= "nudged";
      if (!(round.polling && round.gaveUp)) round.controller.abort();
    },
    ask: (reason) => {
      if (round === null) return;
      log.debug({ reason }, "poll wanted now");
      round.wanted = "asked";
      round.controller.abort();
    },
  };

  /** Waits, unless kicked, and polls. */
  async function play(round: Round, waitMs: number): Promise<PollOutcome | null> {
    try {
      await sleep(clock, "poll", waitMs, round.controller.signal);
    } catch {
      return null;
    }
    round.polling = true;
    round.startedMs = clock.monotonic();
    return poll(round.controller.signal);
  }
}

/** A wait and the poll that ends it. */
interface Round {
  readonly controller: AbortController;
  /** The wait is a kick's half second. */
  readonly nudged: boolean;
  /** The poll before was given up for a kick. */
  readonly gaveUp: boolean;
  polling: boolean;
  /** Monotonic; of the poll. */
  startedMs: number;
  /** Something wants the next poll before its time. */
  wanted: "nudged" | "asked" | null;
}

function newRound(from: Pick<Round, "nudged" | "gaveUp">): Round {
  return { ...from, controller: new AbortController(), polling: false, startedMs: 0, wanted: null };
}

/** What a round tells the schedule. */
function eventsOf(outcome: PollOutcome | null, wanted: Round["wanted"]): ScheduleEvent[] {
  const nudge: ScheduleEvent[] = wanted === null ? [] : [{ type: wanted }];
  // Without an outcome and a kick the transfer was ended by somebody else.
  if (outcome === null) return wanted === null ? [{ type: "failed" }] : nudge;
  if (outcome.kind !== "ok") return [{ type: "failed" }, ...nudge];
  const { registration } = outcome.reply;
  const seconds = registration.state === "active" ? registration.pollIntervalSeconds : registration.pollAfterSeconds;
  return [{ type: "answered", intervalMs: seconds * 1000 }, ...nudge];
}
