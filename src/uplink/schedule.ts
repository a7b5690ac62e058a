import { defaultPollIntervalSeconds } from "./protocol.ts";

/**
 * When to poll next. Pure: the state and an event give the next state and the wait.
 *
 * ```mermaid
 * stateDiagram-v2
 *   inStep: once, anywhere in the next interval
 *   regular: every interval, ±10 %
 *   backingOff: 5 s, 40 s, then the interval, half of it jitter
 *   [*] --> inStep
 *   inStep --> regular: answered
 *   regular --> inStep: nudged, asked
 *   regular --> backingOff: failed
 *   inStep --> backingOff: failed
 *   backingOff --> backingOff: failed
 *   backingOff --> regular: answered
 *   backingOff --> inStep: nudged, asked
 * ```
 */
export interface Schedule {
  /** Between polls while all is well, 10 s to 1 h: the platform's wish. */
  readonly intervalMs: number;
  /** Failed polls in a row. */
  readonly failures: number;
  /**
   * The next poll comes from something that many appliances may have seen in the same moment: a start, a cable, a lease. Its
   * answer is the occasion to leave their step.
   */
  readonly inStep: boolean;
}

export type ScheduleEvent =
  /** A good reply asked for this interval. */
  | { readonly type: "answered"; readonly intervalMs: number }
  | { readonly type: "failed" }
  /** Something changed that makes a try worthwhile: settings, carrier, lease. A technician may be waiting at the panel. */
  | { readonly type: "nudged" }
  /** What a person has just done waits for the answer. */
  | { readonly type: "asked" };

/** A draw from [0, 1). */
export type Random = () => number;

export const initialSchedule: Schedule = { intervalMs: defaultPollIntervalSeconds * 1000, failures: 0, inStep: true };

/** Appliances that poll at the same time drift apart. */
const spread = 0.1;
/**
 * After a poll in step the wait is drawn from a whole interval, so that ten thousand appliances whose power came back at
 * once are spread evenly from their second poll on. By the drift alone they would come back in waves of five times their
 * regular load, for hours. Not at once: what has just been told need not be told again.
 */
const leastOfInterval = 0.1;
/**
 * Ceilings of the first waits after a failure; then the interval. Two quick tries get over a blip. A third one within an
 * interval, or doubling from 5 s, would bring ten thousand appliances back at over three (five) times their regular load
 * when an outage ends: the load is one plus the tries that a failed appliance makes in an interval.
 */
const ceilingsMs: readonly number[] = [5000, 40_000];
/** Half of a wait is fixed: full jitter would ask twice as often in a long outage and return at twice the load. */
const fixedPart = 0.5;
/** Folds the burst of changes that one cause makes (carrier, address, lease) into one poll. */
const nudgeMs = { min: 100, max: 500 } as const;

const between = (min: number, max: number, random: Random) => min + (max - min) * random();

export function scheduleStep(
  schedule: Schedule,
  event: ScheduleEvent,
  random: Random,
): { readonly schedule: Schedule; readonly waitMs: number } {
  switch (event.type) {
    case "answered": {
      const { intervalMs } = event;
      const from = schedule.inStep ? leastOfInterval : 1 - spread;
      const to = schedule.inStep ? 1 + leastOfInterval : 1 + spread;
      const waitMs = between(intervalMs * from, intervalMs * to, random);
      return { schedule: { intervalMs, failures: 0, inStep: false }, waitMs };
    }
    case "failed": {
      const ceilingMs = Math.min(ceilingsMs[schedule.failures] ?? Infinity, schedule.intervalMs);
      const waitMs = between(ceilingMs * fixedPart, ceilingMs, random);
      return { schedule: { ...schedule, failures: schedule.failures + 1 }, waitMs };
    }
    case "nudged":
      return {
        schedule: { ...schedule, failures: 0, inStep: true },
        waitMs: between(nudgeMs.min, nudgeMs.max, random),
      };
    case "asked":
      return { schedule: { ...schedule, failures: 0, inStep: true }, waitMs: 0 };
  }
}
