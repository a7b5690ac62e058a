import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialSchedule, type Schedule, type ScheduleEvent, scheduleStep } from "../../../src/uplink/schedule.ts";

const lowest = () => 0;
const middle = () => 0.5;
/** The highest draw there is: below 1. */
const highest = () => 1 - 2 ** -53;

describe("the wait", () => {
  const failing = (failures: number, intervalMs = 180_000): Schedule => ({ intervalMs, failures });
  it.each<[string, Schedule, ScheduleEvent, number, number, Schedule]>([
    ["a good poll", failing(3), { type: "answered", intervalMs: 180_000 }, 162_000, 198_000, failing(0)],
    ["a new interval", failing(0), { type: "answered", intervalMs: 60_000 }, 54_000, 66_000, failing(0, 60_000)],
    ["not activated yet", failing(0), { type: "answered", intervalMs: 15_000 }, 13_500, 16_500, failing(0, 15_000)],
    ["the first failure", failing(0), { type: "failed" }, 2500, 5000, failing(1)],
    ["the second", failing(1), { type: "failed" }, 20_000, 40_000, failing(2)],
    ["the third, at the interval", failing(2), { type: "failed" }, 90_000, 180_000, failing(3)],
    ["the thousandth", failing(999), { type: "failed" }, 90_000, 180_000, failing(1000)],
    ["a failure before activation", failing(1, 15_000), { type: "failed" }, 7500, 15_000, failing(2, 15_000)],
    ["a change", failing(5), { type: "nudged" }, 100, 500, failing(0)],
    ["a person's wish", failing(5), { type: "asked" }, 0, 0, failing(0)],
  ])("after %s", (_name, schedule, event, min, max, next) => {
    const at = (random: () => number) => scheduleStep(schedule, event, random);
    expect(at(lowest)).toEqual({ schedule: next, waitMs: min });
    expect(at(middle).waitMs).toBeCloseTo((min + max) / 2, 6);
    expect(at(highest).waitMs).toBeCloseTo(max, 6);
  });

  it("stays between the floor and the interval plus its spread, whatever happened before", () => {
    const event = fc.oneof(
      fc.record({ type: fc.constant("answered" as const), intervalMs: fc.integer({ min: 10_000, max: 3_600_000 }) }),
      fc.constantFrom<ScheduleEvent>({ type: "failed" }, { type: "nudged" }),
    );
    const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(event, draw), { maxLength: 50 }), (history) => {
        let schedule = initialSchedule;
        for (const [event, random] of history) {
          const next = scheduleStep(schedule, event, () => random);
          schedule = next.schedule;
          expect(next.waitMs).toBeLessThanOrEqual(schedule.intervalMs * 1.1);
          expect(next.waitMs).toBeGreaterThanOrEqual(event.type === "nudged" ? 100 : 2500);
        }
      }),
    );
  });
});

/** A small generator with a fixed start (mulberry32), so that the crowd behaves the same at every run. */
function seeded(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("ten thousand appliances", () => {
  const appliances = 10_000;
  const intervalMs = 180_000;
  const windowMs = 10_000;
  const meanOfWindow = (appliances * windowMs) / intervalMs;

  /** Polls that reach the platform in each window after it is back, at most `windows` of them. */
  function loadAfter(outageMs: number, windows: number, random: () => number): number[] {
    const load = new Array<number>(windows).fill(0);
    for (let appliance = 0; appliance < appliances; appliance++) {
      let schedule: Schedule = { intervalMs, failures: 0 };
      // Spread evenly before the outage.
      let atMs = random() * intervalMs;
      while (atMs < outageMs + windows * windowMs) {
        const up = atMs >= outageMs;
        if (up) {
          const window = Math.floor((atMs - outageMs) / windowMs);
          load[window] = (load[window] ?? 0) + 1;
        }
        const step = scheduleStep(schedule, up ? { type: "answered", intervalMs } : { type: "failed" }, random);
        schedule = step.schedule;
        atMs += step.waitMs;
      }
    }
    return load;
  }

  it.each([5, 30, 60, 120, 150, 170, 180, 300, 1800, 14_400])(
    "do not return together after an outage of %d s",
    (seconds) => {
      const load = loadAfter(seconds * 1000, 90, seeded(seconds));
      expect(Math.max(...load)).toBeLessThanOrEqual(3 * meanOfWindow);
      // All are back within one interval and its spread.
      const polls = load.slice(0, 20).reduce((sum, count) => sum + count, 0);
      expect(polls).toBeGreaterThanOrEqual(appliances);
    },
  );

  it("settle at the regular load", () => {
    const load = loadAfter(1_800_000, 720, seeded(1)).slice(-18);
    const mean = load.reduce((sum, polls) => sum + polls, 0) / load.length;
    expect(mean / meanOfWindow).toBeCloseTo(1, 1);
    expect(Math.max(...load)).toBeLessThanOrEqual(1.3 * meanOfWindow);
  });
});
