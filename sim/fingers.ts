import { type Clock, sleep } from "../hal/clock.ts";
import type { KeyName } from "../hal/keypad.ts";

/**
 * Between two moves, on the box's clock: the contact bounces, then it is quiet for longer than the box waits for that. In
 * two steps, since on a machine that is late the last bounce is late as well, and the quiet counts from there.
 */
const bounceMs = 6;
const quietMs = 20;

/** The fingers on the modelled keys: moves are made in order, never faster than a person's, so that none is lost. */
export interface Fingers {
  move(key: KeyName, down: boolean): void;
}

export function createFingers(clock: Clock, set: (key: KeyName, down: boolean) => void): Fingers {
  let last = Promise.resolve();
  return {
    move: (key, down) => {
      last = last.then(async () => {
        set(key, down);
        await sleep(clock, "finger", bounceMs);
        await sleep(clock, "finger", quietMs);
      });
    },
  };
}
