import type { Clock, Stop } from "../clock.ts";

export interface BenchClock extends Clock {
  /**
   * Skips `ms` (>= 0): what falls due meanwhile is run in the order of time, each at its own time, with a few turns of the
   * event loop between; wall and monotonic time are `ms` ahead afterwards. Work in other processes is not waited for. Calls
   * queue. Rejects with what a timer throws.
   */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly name: string;
  readonly dueMs: number;
  readonly run: () => void;
  disarm: Stop;
}

const settleTurns = 10;

/** Real time that can be run forward. */
export function createBenchClock(system: Clock): BenchClock {
  let skippedMs = 0;
  let queue = Promise.resolve();
  const timers = new Set<Timer>();

  const monotonic = () => system.monotonic() + skippedMs;
  const fire = (timer: Timer) => {
    timer.disarm();
    timers.delete(timer);
    timer.run();
  };
  const arm = (timer: Timer) =>
    system.after(timer.name, Math.max(0, timer.dueMs - monotonic()), () => {
      fire(timer);
    });
  const soonest = () => [...timers].reduce<Timer | null>((a, b) => (a === null || b.dueMs < a.dueMs ? b : a), null);
  const skipTo = (ms: number) => {
    skippedMs += Math.max(0, ms - monotonic());
  };

  const skip = async (ms: number) => {
    const untilMs = monotonic() + ms;
    try {
      for (let next = soonest(); next !== null && next.dueMs <= untilMs; next = soonest()) {
        skipTo(next.dueMs);
        fire(next);
        for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      skipTo(untilMs);
    } finally {
      for (const timer of timers) {
        timer.disarm();
        timer.disarm = arm(timer);
      }
    }
  };

  return {
    now: () => system.now() + skippedMs,
    monotonic,
    after: (name, ms, run) => {
      if (!(ms >= 0)) throw new RangeError(`timer ${name}: ${ms} ms`);
      const timer: Timer = { name, dueMs: monotonic() + ms, run, disarm: () => {} };
      timer.disarm = arm(timer);
      timers.add(timer);
      return () => {
        timer.disarm();
        timers.delete(timer);
      };
    },
    advance: (ms) => {
      if (!(ms >= 0)) return Promise.reject(new RangeError(`cannot advance by ${ms} ms`));
      const result = queue.then(() => skip(ms));
      queue = result.catch(() => {});
      return result;
    },
  };
}
