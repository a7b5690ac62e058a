import { HalError, type HalErrorKind } from "../../hal/errors.ts";
import type { Log } from "../model/log.ts";
import { failed, ok, type Result } from "../model/result.ts";

/** Turns what the disk refuses into a sentence for people, and remembers it. */
export interface StorageGuard {
  /** Why nothing can be stored now; null when all is well. */
  problem(): string | null;
  /** Carries out `step`. A HalError becomes the problem and the result. */
  attempt(what: string, step: () => Promise<void>): Promise<Result<null, string>>;
  /** `attempt` for a step that writes content: its success ends the problem. That names can be changed proves no space. */
  store(what: string, step: () => Promise<void>): Promise<Result<null, string>>;
}

export function createStorageGuard(directory: string, log: Log): StorageGuard {
  let problem: string | null = null;

  const attempt: StorageGuard["attempt"] = async (what, step) => {
    try {
      await step();
      return ok(null);
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      problem = `settings cannot be stored: ${reasonOf(error.kind)}`;
      log.error({ directory, kind: error.kind, detail: error.message }, `${what}: ${problem}`);
      return failed(problem);
    }
  };

  return {
    problem: () => problem,
    attempt,
    store: async (what, step) => {
      const stored = await attempt(what, step);
      if (stored.ok) problem = null;
      return stored;
    },
  };
}

function reasonOf(kind: HalErrorKind): string {
  if (kind === "full") return "disk full";
  if (kind === "readOnly") return "disk is read-only";
  if (kind === "denied") return "no permission";
  return "disk error";
}
