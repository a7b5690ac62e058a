/** Stops a timer or a subscription. Calling it again does nothing. */
export type Stop = () => void;

/**
 * Time. The only source of it: raw timers and `Date.now` are banned outside the implementations by lint, so that a test
 * or the bench decides when it is later.
 */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump when the platform sets the time. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions; never goes back. Durations are measured with this one. */
  monotonic(): number;
  /**
   * Calls `run` once, `ms` (>= 0) from now, never before this call returned. The name shows up in diagnostics and in tests
   * that assert what is still pending.
   */
  after(name: string, ms: number, run: () => void): Stop;
}

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. Leaves no timer behind in either case. */
export function sleep(clock: Clock, name: string, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const aborted = () => {
      stop();
      reject(signal?.reason);
    };
    const stop = clock.after(name, ms, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** A signal that aborts after `ms`, or with `parent`. Call `done` when the work it guards has ended. */
export function deadline(
  clock: Clock,
  name: string,
  ms: number,
  parent?: AbortSignal,
): { signal: AbortSignal; done: Stop } {
  const controller = new AbortController();
  const stop = clock.after(name, ms, () => controller.abort(new Error(`${name}: no result within ${ms} ms`)));
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    done: () => {
      stop();
      parent?.removeEventListener("abort", follow);
    },
  };
}

/** Resolves when the signal aborts; at once when it has. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
