import type { Clock } from "../clock.ts";

/** Node fires a longer timeout at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's own time. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (name, ms, run) => {
      if (!(ms >= 0)) throw new RangeError(`timer ${name}: ${ms} ms`);
      let remainingMs = ms;
      let timeout: NodeJS.Timeout;
      const arm = () => {
        const stepMs = Math.min(remainingMs, longestTimeoutMs);
        remainingMs -= stepMs;
        timeout = setTimeout(remainingMs > 0 ? arm : run, Math.ceil(stepMs));
      };
      arm();
      return () => clearTimeout(timeout);
    },
  };
}
