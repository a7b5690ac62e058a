import { isBusy, type Job } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { emptyJobTable, type JobEffect, type JobEnd, type JobEvent, type JobOrder, jobStep } from "./job-table.ts";

export type { JobEnd, JobOrder } from "./job-table.ts";

/** Carries out jobs, several at a time. */
export interface JobRunner {
  /**
   * Resolves when the job has stopped for good. When the signal aborts the job is to be canceled; it may still end as
   * `done`. `progress` takes 0 to 100.
   */
  run(order: JobOrder, control: JobControl): Promise<JobEnd>;
}

export interface JobControl {
  readonly signal: AbortSignal;
  readonly progress: (percent: number) => void;
}

export interface Jobs {
  /** What a good reply orders: each job is started once, however often it is repeated; ids to cancel may be unknown. */
  accept(orders: readonly JobOrder[], cancellations: readonly string[]): void;
  /**
   * Cancels all jobs, or those of one kind, and resolves with true when none of them runs any more, with false when the
   * signal aborts first. Jobs ordered meanwhile are not canceled, but waited for.
   */
  cancelAll(signal: AbortSignal, kind?: Job["kind"]): Promise<boolean>;
}

export interface JobsOptions {
  readonly runner: JobRunner;
  /** Called with all jobs, newest first, after each change. */
  readonly publish: (jobs: readonly Job[]) => void;
  readonly log: Log;
}

export function createJobs({ runner, publish, log }: JobsOptions): Jobs {
  let table = emptyJobTable;
  const running = new Map<string, AbortController>();
  const waiting = new Set<() => void>();

  const dispatch = (event: JobEvent) => {
    const step = jobStep(table, event);
    if (step.table === table) return;
    table = step.table;
    publish(table.jobs);
    for (const effect of step.effects) perform(effect);
    for (const look of [...waiting]) look();
  };

  const perform = (effect: JobEffect) => {
    if (effect.type === "abort") running.get(effect.id)?.abort();
    else void start(effect.order);
  };

  const start = async (order: JobOrder) => {
    const { id, kind } = order;
    const controller = new AbortController();
    running.set(id, controller);
    log.info({ id, kind }, "job started");
    const progress = (percent: number) => dispatch({ type: "progress", id, percent });
    const end = await runner.run(order, { signal: controller.signal, progress }).catch((error: unknown): JobEnd => {
      log.error({ id, kind, err: error }, "job failed");
      return "failed";
    });
    running.delete(id);
    log.info({ id, kind, end }, "job ended");
    dispatch({ type: "ended", id, end });
  };

  return {
    accept: (orders, cancellations) => {
      for (const order of orders) dispatch({ type: "ordered", order });
      for (const id of cancellations) dispatch({ type: "cancel", id });
    },
    cancelAll: (signal, kind) => {
      const concerned = () => table.jobs.filter((job) => isBusy(job) && (kind === undefined || job.kind === kind));
      for (const { id } of concerned()) dispatch({ type: "cancel", id });
      return new Promise((resolve) => {
        const settle = (stopped: boolean) => {
          waiting.delete(look);
          signal.removeEventListener("abort", giveUp);
          resolve(stopped);
        };
        const look = () => {
          if (concerned().length === 0) settle(true);
        };
        const giveUp = () => settle(concerned().length === 0);
        waiting.add(look);
        signal.addEventListener("abort", giveUp, { once: true });
        if (signal.aborted) giveUp();
        else look();
      });
    },
  };
}
