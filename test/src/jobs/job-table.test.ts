import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyJobTable, type JobEffect, type JobEvent, type JobTable, jobStep } from "../../../src/jobs/job-table.ts";
import { isBusy, type Job } from "../../../src/model/facts.ts";

const order = (id: string, kind: Job["kind"] = "scan") => ({ id, kind, parameters: {} });
const job = (change: Partial<Job> = {}): Job => ({ id: "a", kind: "scan", state: "running", percent: 0, ...change });
const table = (...jobs: Job[]): JobTable => ({ jobs, taken: jobs.map(({ id }) => id) });

describe("the job table", () => {
  it.each<[string, JobTable, JobEvent, JobTable, JobEffect[]]>([
    [
      "starts an order",
      emptyJobTable,
      { type: "ordered", order: order("a") },
      table(job()),
      [{ type: "start", order: order("a") }],
    ],
    ["moves on", table(job()), { type: "progress", id: "a", percent: 42 }, table(job({ percent: 42 })), []],
    ["bounds progress", table(job()), { type: "progress", id: "a", percent: 420 }, table(job({ percent: 100 })), []],
    [
      "cancels",
      table(job()),
      { type: "cancel", id: "a" },
      table(job({ state: "canceling" })),
      [{ type: "abort", id: "a" }],
    ],
    [
      "is done at 100 percent",
      table(job({ percent: 99 })),
      { type: "ended", id: "a", end: "done" },
      table(job({ state: "done", percent: 100 })),
      [],
    ],
    [
      "keeps the percentage of what failed",
      table(job({ percent: 30 })),
      { type: "ended", id: "a", end: "failed" },
      table(job({ state: "failed", percent: 30 })),
      [],
    ],
    [
      "lets a canceled job be done all the same",
      table(job({ state: "canceling" })),
      { type: "ended", id: "a", end: "done" },
      table(job({ state: "done", percent: 100 })),
      [],
    ],
  ])("%s", (_what, before, event, after, effects) => {
    expect(jobStep(before, event)).toEqual({ table: after, effects });
  });

  it.each<[string, JobTable, JobEvent]>([
    ["a repeated order", table(job()), { type: "ordered", order: order("a") }],
    ["an order whose job has ended", table(job({ state: "done" })), { type: "ordered", order: order("a") }],
    ["an order that was forgotten by the list", { jobs: [], taken: ["a"] }, { type: "ordered", order: order("a") }],
    ["a second cancellation", table(job({ state: "canceling" })), { type: "cancel", id: "a" }],
    ["a cancellation too late", table(job({ state: "done" })), { type: "cancel", id: "a" }],
    ["a cancellation of an unknown job", table(job()), { type: "cancel", id: "b" }],
    ["progress while it stops", table(job({ state: "canceling" })), { type: "progress", id: "a", percent: 5 }],
    ["progress of an unknown job", table(job()), { type: "progress", id: "b", percent: 5 }],
    ["a second end", table(job({ state: "failed" })), { type: "ended", id: "a", end: "done" }],
  ])("ignores %s", (_what, before, event) => {
    const step = jobStep(before, event);
    expect(step.table).toBe(before);
    expect(step.effects).toEqual([]);
  });

  it("leaves an order for the next poll while 20 jobs are busy", () => {
    const busy = table(...Array.from({ length: 20 }, (_, index) => job({ id: `${index}` })));
    expect(jobStep(busy, { type: "ordered", order: order("x") })).toEqual({ table: busy, effects: [] });
    const free = jobStep(busy, { type: "ended", id: "7", end: "done" }).table;
    expect(jobStep(free, { type: "ordered", order: order("x") }).effects).toHaveLength(1);
  });

  it("starts no id twice and loses no busy job, in whatever order things happen", () => {
    const id = fc.integer({ min: 0, max: 60 }).map(String);
    const event: fc.Arbitrary<JobEvent> = fc.oneof(
      fc.record({ type: fc.constant("ordered" as const), order: id.map((text) => order(text)) }),
      fc.record({ type: fc.constant("progress" as const), id, percent: fc.integer() }),
      fc.record({ type: fc.constant("cancel" as const), id }),
      fc.record({ type: fc.constant("ended" as const), id, end: fc.constantFrom("done", "failed", "canceled") }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        let current = emptyJobTable;
        const started = new Set<string>();
        const busy = new Set<string>();
        for (const happened of events) {
          const { table: next, effects } = jobStep(current, happened);
          for (const effect of effects) {
            if (effect.type === "abort") continue;
            expect(started.has(effect.order.id)).toBe(false);
            started.add(effect.order.id);
            busy.add(effect.order.id);
          }
          if (happened.type === "ended") busy.delete(happened.id);
          expect(new Set(next.jobs.filter(isBusy).map((known) => known.id))).toEqual(busy);
          expect(next.jobs.length).toBeLessThanOrEqual(20);
          current = next;
        }
      }),
    );
  });
});
