import { HalError } from "../../hal/errors.ts";
import { type KeepAliveParts, keepAlive } from "./keep-alive.ts";
import { createWake } from "./wake.ts";

export interface PumpParts<T> extends Omit<KeepAliveParts, "serve"> {
  /** Brings the device from any state to a known one. */
  readonly reset: () => Promise<void>;
  /** Shows a value. Never called while another call is under way. */
  readonly put: (value: T) => Promise<void>;
  /** Called once, at the end. */
  readonly halt: () => Promise<void>;
}

/** A device that follows a wanted value. */
export interface Pump<T> {
  /** The newest value wins: those that come while the device is busy are skipped. Never waits, never throws. */
  want(value: T): void;
  /** The device may have forgotten what it shows, as after a loss of power: resets it and shows the wanted value again. */
  renew(): void;
  /** Serves the device until the signal aborts; the last wanted value is shown before it is halted. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

export function createPump<T>({ reset, put, halt, ...parts }: PumpParts<T>): Pump<T> {
  // Boxed, so that a new value is told from the one that is shown by identity.
  let wanted: { readonly value: T } | null = null;
  /** The device has to be reset before anything is shown. */
  let isStale = true;
  const wake = createWake();

  const serve = async (up: () => void, signal: AbortSignal) => {
    let shown: typeof wanted = null;
    isStale = true;
    for (;;) {
      const next = wanted;
      if (isStale) {
        isStale = false;
        shown = null;
        await reset();
      } else if (next !== shown && next !== null) {
        await put(next.value);
        shown = next;
      } else {
        up();
        if (signal.aborted) return;
        await wake.wait(signal);
      }
    }
  };

  return {
    want: (value) => {
      wanted = { value };
      wake.ring();
    },
    renew: () => {
      isStale = true;
      wake.ring();
    },
    run: async (signal) => {
      await keepAlive({ ...parts, serve }, signal);
      await halt().catch((error: unknown) => {
        if (!(error instanceof HalError)) throw error;
        parts.log.debug({ error: error.message }, `${parts.what}: not halted`);
      });
    },
  };
}
