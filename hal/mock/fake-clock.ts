import type { Clock } from "../clock.ts";

export interface FakeClock extends Clock {
  /**
   * Lets `ms` (>= 0, microsecond fractions count) pass: runs what falls due in the order of time, each at its own time, and
   * lets promise chains settle between; real input and output is not waited for. `advance(0)` only settles and runs what is due now. Rejects with what a timer
   * throws, and when another `advance` is still under way.
   */
  advance(ms: number): Promise<void>;
  /** Names of the timers that have not fired, soonest first. */
  pending(): string[];
  /** Sets the wall clock, as the platform's time does; the monotonic clock and the timers do not move. */
  setWall(ms: number): void;
}

interface Timer {
  readonly name: string;
  readonly dueMs: number;
  readonly run: () => void;
}

/** Turns of the event loop between two timers: enough for a chain of several awaits on mock hardware. */
const settleTurns = 10;

/** Sums of decimal fractions drift; timers that people think of as due at the same time have to be so. */
const toNanosecond = (ms: number) => Math.round(ms * 1e6) / 1e6;

/** A clock that stands still until it is told. `nowMs` is its wall time at the start, by default 2026-01-01 00:00 UTC. */
export function createFakeClock({ nowMs = Date.UTC(2026, 0, 1) }: { readonly nowMs?: number } = {}): FakeClock {
  let elapsedMs = 0;
  let wallAtZeroMs = nowMs;
  let advancing = false;
  // In the order of their time, and of their making where the time is the same.
  const timers: Timer[] = [];

  const settle = async () => {
    for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    now: () => wallAtZeroMs + elapsedMs,
    monotonic: () => elapsedMs,
    after: (name, ms, run) => {
      if (!(ms >= 0)) throw new RangeError(`timer ${name}: ${ms} ms`);
      const timer = { name, dueMs: toNanosecond(elapsedMs + ms), run };
      const later = timers.findIndex((other) => other.dueMs > timer.dueMs);
      timers.splice(later === -1 ? timers.length : later, 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index !== -1) timers.splice(index, 1);
      };
    },
    advance: async (ms) => {
      if (!(ms >= 0)) throw new RangeError(`cannot advance by ${ms} ms`);
      if (advancing) throw new Error("advance: the clock is being advanced already; await the other call first");
      advancing = true;
      try {
        const untilMs = toNanosecond(elapsedMs + ms);
        await settle();
        for (let next = timers[0]; next !== undefined && next.dueMs <= untilMs; next = timers[0]) {
          timers.shift();
          elapsedMs = next.dueMs;
          next.run();
          await settle();
        }
        elapsedMs = untilMs;
      } finally {
        advancing = false;
      }
    },
    pending: () => timers.map((timer) => timer.name),
    setWall: (ms) => {
      wallAtZeroMs = ms - elapsedMs;
    },
  };
}
