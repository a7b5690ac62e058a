import { type Clock, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import type { Log } from "../model/log.ts";
import { type Health, healthSchema } from "./protocol.ts";

export interface HealthWatch {
  /** What was seen last; null before the first look and while looking fails. */
  latest(): Health | null;
  /** Looks every quarter of an hour until the signal aborts. Rejects only for a bug. */
  run(signal: AbortSignal): Promise<void>;
}

export interface HealthWatchOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Log;
  /** The program that prints the health as one JSON object, `bezel health DIRECTORY`: a look blocks the event loop of its process. */
  readonly argv: Argv;
}

/** Generous: it blocks nobody, and on a small board that is booting the answer took more than 5 s. */
const timeoutMs = 30_000;
/** A look costs some 0.3 s of processor time: too much for each poll. */
const periodMs = 15 * 60_000;
const maxOutputBytes = 16 * 1024;
const unknown = "the machine's health cannot be told";

/** Keeps a recent look at the machine's health at hand, so that no poll waits for one. */
export function createHealthWatch({ processes, clock, log, argv }: HealthWatchOptions): HealthWatch {
  let latest: Health | null = null;

  const look = async (signal: AbortSignal): Promise<Health | null> => {
    try {
      const exited = await processes.run(argv, { timeoutMs, maxOutputBytes, signal });
      if (signal.aborted) return null;
      const health = exited.kind === "exited" && exited.code === 0 ? parseHealth(exited.stdout) : null;
      if (health === null) log.warn({ exited }, unknown);
      return health;
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      log.warn({ kind: error.kind, detail: error.message }, unknown);
      return null;
    }
  };

  return {
    latest: () => latest,
    run: async (signal) => {
      while (!signal.aborted) {
        latest = await look(signal);
        await sleep(clock, "health", periodMs, signal).catch(() => {});
      }
    },
  };
}

function parseHealth(text: string): Health | null {
  try {
    return healthSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
