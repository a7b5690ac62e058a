import {
  initialSchedule,
  type Random,
  type Schedule,
  type ScheduleEvent,
  scheduleStep,
} from "../../src/uplink/schedule.ts";

/** A small generator with a fixed start (mulberry32), so that a crowd behaves the same at every run. */
export function seeded(start: number): Random {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface FleetScenario {
  readonly boxes: number;
  readonly intervalMs: number;
  /** When the boxes start: spread evenly over an interval, or all in the same instant. */
  readonly start: "staggered" | "together";
  /** The platform answers nobody from `outageMs.from` until `outageMs.to`; each poll fails at once, which brings the most. */
  readonly outageMs: { readonly from: number; readonly to: number } | null;
  /**
   * All boxes see their cable plugged in, evenly spread over this time; what they do until then is left out. null: none does.
   */
  readonly carrierUp: { readonly fromMs: number; readonly spreadMs: number } | null;
  readonly untilMs: number;
}

/** Polls that reach the platform in each second from the start on. */
export function simulateFleet(scenario: FleetScenario, random: Random): readonly number[] {
  const { boxes, intervalMs, start, outageMs, carrierUp, untilMs } = scenario;
  const load = new Array<number>(Math.ceil(untilMs / 1000)).fill(0);
  const isUp = (atMs: number) => outageMs === null || atMs < outageMs.from || atMs >= outageMs.to;
  for (let box = 0; box < boxes; box++) {
    let schedule: Schedule = initialSchedule;
    let nudgeMs = carrierUp === null ? null : carrierUp.fromMs + random() * carrierUp.spreadMs;
    let atMs = start === "together" ? 0 : random() * intervalMs;
    const step = (event: ScheduleEvent, fromMs: number) => {
      const next = scheduleStep(schedule, event, random);
      schedule = next.schedule;
      atMs = fromMs + next.waitMs;
    };
    while (atMs < untilMs) {
      if (nudgeMs !== null && atMs >= nudgeMs) {
        step({ type: "nudged" }, nudgeMs);
        nudgeMs = null;
        continue;
      }
      const up = isUp(atMs);
      if (up) load[Math.floor(atMs / 1000)] = (load[Math.floor(atMs / 1000)] ?? 0) + 1;
      step(up ? { type: "answered", intervalMs } : { type: "failed" }, atMs);
    }
  }
  return load;
}

/** Sums of neighbouring seconds, per second. */
export function averaged(load: readonly number[], seconds: number): readonly number[] {
  return Array.from({ length: Math.floor(load.length / seconds) }, (_, window) => {
    const part = load.slice(window * seconds, (window + 1) * seconds);
    return part.reduce((sum, count) => sum + count, 0) / seconds;
  });
}
