import type { Clock, Stop } from "../../hal/clock.ts";

/** An address that is being probed, a cable just plugged in and a daemon that starts again differ for so long at most. */
const settleMs = 5000;
/** What comes back as often as it is mended, such as an address that another machine has, is mended ever more rarely. */
const longestSettleMs = 300_000;
/** After so long without any it was mended for good. */
const calmMs = 600_000;

/** Waits for a difference between the machine and its settings to last. */
export interface DriftWatch {
  /** What the last reading showed. */
  seen(isDrift: boolean): void;
  stop(): void;
}

/**
 * Calls `lasting` when every reading for a settling time has shown a drift. Each call doubles that time, to at most five
 * minutes, until there was none for ten: a drift that cannot be mended costs next to nothing.
 */
export function createDriftWatch(clock: Clock, lasting: () => void): DriftWatch {
  let waitMs = settleMs;
  let lastedAtMs: number | null = null;
  let stopTimer: Stop | null = null;
  const stop = () => {
    stopTimer?.();
    stopTimer = null;
  };
  return {
    seen: (isDrift) => {
      if (!isDrift) return stop();
      if (stopTimer !== null) return;
      if (lastedAtMs !== null && clock.monotonic() - lastedAtMs >= calmMs) waitMs = settleMs;
      stopTimer = clock.after("network drift", waitMs, () => {
        stopTimer = null;
        lastedAtMs = clock.monotonic();
        waitMs = Math.min(2 * waitMs, longestSettleMs);
        lasting();
      });
    },
    stop,
  };
}
