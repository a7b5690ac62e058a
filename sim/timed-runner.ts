import { type Clock, sleep } from "../hal/clock.ts";
import type { JobRunner } from "../src/jobs/jobs.ts";

/** Defaults of what an order's `parameters` may set, in seconds. */
const defaults = { seconds: 60, cancelSeconds: 2 } as const;

/**
 * Stands in for real jobs on the bench: one that only takes time. `parameters.seconds` is how long (0 to 86400),
 * `parameters.cancelSeconds` how long it takes to stop when it is canceled (0 to 60). `ended` stops all jobs at once: the
 * machine that they run on is gone.
 */
export function createTimedRunner(clock: Clock, ended?: AbortSignal): JobRunner {
  return {
    run: async ({ id, parameters }, { signal, progress }) => {
      const stopped = ended === undefined ? signal : AbortSignal.any([signal, ended]);
      const stepMs = (number(parameters.seconds, defaults.seconds, 86_400) * 1000) / 100;
      try {
        for (let percent = 1; percent <= 100; percent++) {
          await sleep(clock, `job ${id}`, stepMs, stopped);
          progress(percent);
        }
        return "done";
      } catch {
        const cancelMs = number(parameters.cancelSeconds, defaults.cancelSeconds, 60) * 1000;
        await sleep(clock, `job ${id} stops`, cancelMs, ended).catch(() => {});
        return "canceled";
      }
    },
  };
}

function number(value: unknown, otherwise: number, max: number): number {
  return typeof value === "number" && value >= 0 && value <= max ? value : otherwise;
}
