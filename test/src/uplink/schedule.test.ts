import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialSchedule, type Schedule, type ScheduleEvent, scheduleStep } from "../../../src/uplink/schedule.ts";
import { averaged, seeded, simulateFleet } from "../../support/fleet.ts";

const lowest = () => 0;
const middle = () => 0.5;
/** The highest draw there is: below 1. */
const highest = () => 1 - 2 ** -53;

describe("the wait", () => {
  const failing = (failures: number, intervalMs = 180_000): Schedule => ({ intervalMs, failures, inStep: false });
  const inStep = (failures: number): Schedule => ({ ...failing(failures), inStep: true });
  it.each<[string, Schedule, ScheduleEvent, number, number, Schedule]>([
    ["a good poll", failing(3), { type: "answered", intervalMs: 180_000 }, 162_000, 198_000, failing(0)],
    ["a new interval", failing(0), { type: "answered", intervalMs: 60_000 }, 54_000, 66_000, failing(0, 60_000)],
    ["not activated yet", failing(0), { type: "answered", intervalMs: 15_000 }, 13_500, 16_500, failing(0, 15_000)],
    ["the first failure", failing(0), { type: "failed" }, 2500, 5000, failing(1)],
    ["the second", failing(1), { type: "failed" }, 20_000, 40_000, failing(2)],
    ["the third, at the interval", failing(2), { type: "failed" }, 90_000, 180_000, failing(3)],
    ["the thousandth", failing(999), { type: "failed" }, 90_000, 180_000, failing(1000)],
    ["a failure before activation", failing(1, 15_000), { type: "failed" }, 7500, 15_000, failing(2, 15_000)],
    ["a change", failing(5), { type: "nudged" }, 100, 500, inStep(0)],
    ["a person's wish", failing(5), { type: "asked" }, 0, 0, inStep(0)],
    ["a good poll at a start", initialSchedule, { type: "answered", intervalMs: 180_000 }, 18_000, 198_000, failing(0)],
    [
      "a good poll after a change",
      inStep(3),
      { type: "answered", intervalMs: 60_000 },
      6000,
      66_000,
      failing(0, 60_000),
    ],
    ["a failure after a change", inStep(0), { type: "failed" }, 2500, 5000, inStep(1)],
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
          expect(next.waitMs).toBeGreaterThanOrEqual(event.type === "nudged" ? 100 : 1000);
        }
      }),
    );
  });
});

describe("ten thousand appliances", () => {
  const boxes = 10_000;
  const intervalMs = 180_000;
  const mean = (boxes * 1000) / intervalMs;
  const settledMs = 900_000;

  /** Polls per second after an outage of this length, in windows of ten seconds. */
  function loadAfter(start: "staggered" | "together", outageSeconds: number, forMs = 900_000): readonly number[] {
    const outageMs = { from: settledMs, to: settledMs + outageSeconds * 1000 };
    const untilMs = outageMs.to + forMs;
    const scenario = { boxes, intervalMs, start, outageMs, carrierUp: null, untilMs };
    const load = simulateFleet(scenario, seeded(outageSeconds));
    return averaged(load.slice(outageMs.to / 1000), 10);
  }

  it.each([5, 30, 60, 120, 150, 170, 180, 300, 1800, 3600, 28_800])(
    "do not return together after an outage of %d s, however they were started",
    (seconds) => {
      for (const start of ["staggered", "together"] as const) {
        const load = loadAfter(start, seconds);
        expect(Math.max(...load), start).toBeLessThanOrEqual(3 * mean);
        // All are back within one interval and its spread.
        const polls = load.slice(0, 20).reduce((sum, count) => sum + count * 10, 0);
        expect(polls, start).toBeGreaterThanOrEqual(boxes);
      }
    },
  );

  it.each(["a start", "a cable"])("are spread evenly from the second poll on after %s in the same instant", (cause) => {
    const atMs = cause === "a cable" ? settledMs : 0;
    const start = cause === "a cable" ? "staggered" : "together";
    const carrierUp = cause === "a cable" ? { fromMs: atMs, spreadMs: 0 } : null;
    const scenario = { boxes, intervalMs, start, outageMs: null, carrierUp, untilMs: atMs + 3_600_000 } as const;
    const load = averaged(simulateFleet(scenario, seeded(2)).slice(atMs / 1000), 10);
    // All of them try at once: that is what a technician waits for.
    expect((load[0] ?? 0) * 10).toBeGreaterThanOrEqual(boxes);
    expect(Math.max(...load.slice(1))).toBeLessThanOrEqual(1.5 * mean);
  });

  it("load the platform with no more than three times the mean where their cables come back over a minute and a half", () => {
    const carrierUp = { fromMs: settledMs, spreadMs: 90_000 };
    const untilMs = settledMs + 900_000;
    const scenario = { boxes, intervalMs, start: "staggered", outageMs: null, carrierUp, untilMs } as const;
    const load = averaged(simulateFleet(scenario, seeded(3)).slice(settledMs / 1000), 10);
    expect(Math.max(...load)).toBeLessThanOrEqual(3 * mean);
  });

  it("settle at the regular load", () => {
    const load = loadAfter("staggered", 1800, 7_200_000).slice(-18);
    const average = load.reduce((sum, polls) => sum + polls, 0) / load.length;
    expect(average / mean).toBeCloseTo(1, 1);
    expect(Math.max(...load)).toBeLessThanOrEqual(1.3 * mean);
  });
});
