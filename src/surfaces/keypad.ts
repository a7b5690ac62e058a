import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { KeyEdge, KeyName, Keypad } from "../../hal/keypad.ts";
import type { Log } from "../model/log.ts";
import { type DeviceState, keepAlive } from "./keep-alive.ts";
import { createWake } from "./wake.ts";

export interface KeypadParts {
  readonly keypad: Keypad;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: (state: DeviceState) => void;
  /** Each edge in order. A key that is down when the keypad is lost is reported as released, so that nothing repeats for ever. */
  readonly edge: (edge: KeyEdge) => void;
}

/** Watches a keypad, and watches it again after it was lost, until the signal aborts; then halts it. */
export async function runKeypad(
  { keypad, clock, log, changed, edge }: KeypadParts,
  signal: AbortSignal,
): Promise<void> {
  const serve = async (up: () => void, ending: AbortSignal) => {
    const down = new Set<KeyName>();
    const failures: HalError[] = [];
    const wake = createWake();
    const stop = await keypad.watch(
      (moved) => {
        if (moved.pressed) down.add(moved.key);
        else down.delete(moved.key);
        edge(moved);
      },
      (error) => {
        failures.push(error);
        wake.ring();
      },
    );
    // `lost` may have come before `watch` settled.
    if (failures.length === 0) up();
    await wake.wait(ending);
    stop();
    for (const key of down) edge({ key, pressed: false, atMs: clock.monotonic() });
    if (failures[0] !== undefined) throw failures[0];
  };

  await keepAlive({ what: "keypad", clock, log, changed, serve }, signal);
  await keypad.halt().catch((error: unknown) => {
    if (!(error instanceof HalError)) throw error;
    log.debug({ error: error.message }, "keypad: not halted");
  });
}
