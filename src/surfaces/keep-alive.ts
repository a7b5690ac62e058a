import { type Clock, type Stop, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Log } from "../model/log.ts";

/**
 * - `ok`       works
 * - `degraded` works again or is being brought back, after an error within the last {@link steadyMs}
 * - `lost`     does not work; tried again with back-off
 */
export type DeviceState = "ok" | "degraded" | "lost";

/** A device that has worked this long after an error is well again. */
export const steadyMs = 10_000;
const firstRetryMs = 250;
const lastRetryMs = 5_000;

/** Wait before the next try after so many failures in a row (>= 1): 250 ms, doubling, at most 5 s. */
export function retryDelayMs(failures: number): number {
  return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
}

export interface KeepAliveParts {
  /** The device as the operator knows it; begins each log line. */
  readonly what: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each change of state; the first one is the outcome of the first try. */
  readonly changed: (state: DeviceState) => void;
  /**
   * Brings the device up from any state, calls `up` once it works, and serves it until the signal aborts. Rejects with a
   * HalError when the device fails; it is then called again. Any other error is a bug of ours and ends the whole.
   */
  readonly serve: (up: () => void, signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps one device in service until the signal aborts. The first failure of a working device is repaired at once, later
 * ones with growing waits. Logs once when the device is lost and once when it is back to stay, however often it flaps
 * between.
 */
export async function keepAlive(
  { what, clock, log, changed, serve }: KeepAliveParts,
  signal: AbortSignal,
): Promise<void> {
  let state: DeviceState | null = null;
  let failures = 0;
  let stopSteady: Stop = () => {};
  const become = (next: DeviceState) => {
    if (state === next) return;
    state = next;
    changed(next);
  };

  while (!signal.aborted) {
    let isUp = false;
    const up = () => {
      if (isUp) return;
      isUp = true;
      if (failures === 0) {
        log.info({}, `${what}: ready`);
        become("ok");
        return;
      }
      become("degraded");
      stopSteady = clock.after(`${what}: steady`, steadyMs, () => {
        failures = 0;
        log.info({}, `${what}: back in service`);
        become("ok");
      });
    };
    try {
      await serve(up, signal);
      return;
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      if (signal.aborted) return;
      failures += 1;
      if (failures === 1) log.warn({ kind: error.kind, error: error.message }, `${what}: lost, trying again`);
      if (isUp && failures === 1) {
        become("degraded");
        continue;
      }
      become("lost");
    } finally {
      stopSteady();
    }
    await sleep(clock, `${what}: retry`, retryDelayMs(failures), signal).catch(() => {});
  }
}
