import { setMaxListeners } from "node:events";

/** So many parts may listen to one signal; more is a leak, and Node says so. */
const mostListeners = 64;

/**
 * Runs tasks that belong together: `start` may add further ones with `run`. The first that fails ends all others by the
 * signal they are given, and its error is the one that is thrown; a task that ends because the signal has aborted is done.
 * Resolves when all have ended.
 */
export async function together(
  outer: AbortSignal,
  start: (signal: AbortSignal, run: (task: Promise<void>) => void) => Promise<void>,
): Promise<void> {
  const own = new AbortController();
  const signal = AbortSignal.any([outer, own.signal]);
  setMaxListeners(mostListeners, signal);
  const failures: unknown[] = [];
  const tasks: Promise<void>[] = [];
  const run = (task: Promise<void>) => {
    tasks.push(
      task.catch((error: unknown) => {
        if (signal.aborted && (error === signal.reason || failures.length > 0)) return;
        failures.push(error);
        own.abort(error);
      }),
    );
  };
  run(start(signal, run));
  // Tasks may be added while others are waited for.
  for (let waited = 0; waited < tasks.length; waited++) await tasks[waited];
  if (failures.length > 0) throw failures[0];
}
