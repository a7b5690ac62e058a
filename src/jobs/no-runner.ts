import type { Log } from "../model/log.ts";
import type { JobRunner } from "./jobs.ts";

/** For a machine that can carry out no jobs: each one fails at once, and the platform hears of it. */
export function createNoRunner(log: Log): JobRunner {
  return {
    run: async ({ id, kind }) => {
      log.warn({ id, kind }, "job refused: this version carries out no jobs on this machine");
      return "failed";
    },
  };
}
