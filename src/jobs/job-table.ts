import { isBusy, type Job } from "../model/facts.ts";

/** A job as the platform orders it; what the parameters mean is its runner's business. */
export interface JobOrder {
  readonly id: string;
  readonly kind: Job["kind"];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type JobEnd = "done" | "failed" | "canceled";

/** The jobs that run or ended lately, newest first, and the ids that were taken before. */
export interface JobTable {
  readonly jobs: readonly Job[];
  /** Oldest first. An id in here is never started again. */
  readonly taken: readonly string[];
}

export type JobEvent =
  | { readonly type: "ordered"; readonly order: JobOrder }
  | { readonly type: "progress"; readonly id: string; readonly percent: number }
  | { readonly type: "cancel"; readonly id: string }
  | { readonly type: "ended"; readonly id: string; readonly end: JobEnd };

export type JobEffect =
  | { readonly type: "start"; readonly order: JobOrder }
  | { readonly type: "abort"; readonly id: string };

export interface JobStep {
  readonly table: JobTable;
  readonly effects: readonly JobEffect[];
}

export const emptyJobTable: JobTable = { jobs: [], taken: [] };

/** What the facts and the poll's report hold. */
const shownJobs = 20;
/** The platform stops repeating an order once the job was reported, which `shownJobs` makes sure of long before this. */
const rememberedIds = 256;

/**
 * An order is taken once; one that finds the table full of busy jobs is left for the next poll, which repeats it. Events of
 * jobs that are not there, or not in a state for them, change nothing.
 */
export function jobStep(table: JobTable, event: JobEvent): JobStep {
  const job = (id: string) => table.jobs.find((known) => known.id === id);
  switch (event.type) {
    case "ordered": {
      const { order } = event;
      const full = table.jobs.filter(isBusy).length >= shownJobs;
      if (full || table.taken.includes(order.id)) return unchanged(table);
      const started: Job = { id: order.id, kind: order.kind, state: "running", percent: 0 };
      const taken = [...table.taken, order.id].slice(-rememberedIds);
      return { table: { jobs: keepNewest([started, ...table.jobs]), taken }, effects: [{ type: "start", order }] };
    }
    case "progress": {
      if (job(event.id)?.state !== "running") return unchanged(table);
      const percent = Math.min(100, Math.max(0, event.percent));
      return { table: change(table, event.id, { percent }), effects: [] };
    }
    case "cancel": {
      if (job(event.id)?.state !== "running") return unchanged(table);
      return {
        table: change(table, event.id, { state: "canceling" }),
        effects: [{ type: "abort", id: event.id }],
      };
    }
    case "ended": {
      const ended = job(event.id);
      if (ended === undefined || !isBusy(ended)) return unchanged(table);
      const percent = event.end === "done" ? 100 : ended.percent;
      return { table: change(table, event.id, { state: event.end, percent }), effects: [] };
    }
  }
}

function unchanged(table: JobTable): JobStep {
  return { table, effects: [] };
}

function change(table: JobTable, id: string, change: Partial<Job>): JobTable {
  return { ...table, jobs: table.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)) };
}

/** Busy jobs stay; of those that ended the oldest make room. */
function keepNewest(jobs: readonly Job[]): readonly Job[] {
  let room = shownJobs - jobs.filter(isBusy).length;
  return jobs.filter((job) => isBusy(job) || room-- > 0);
}
