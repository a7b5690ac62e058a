import { type Clock, sleep } from "../hal/clock.ts";
import type { KeyName } from "../hal/keypad.ts";

/** Between two moves: more than the box waits for a switch to come to rest, so that none is taken to bounce. */
const moveMs = 25;

/** The fingers on the modelled keys: moves are made in order, never faster than a person's, on the box's clock. */
export interface Fingers {
  move(key: KeyName, down: boolean): void;
}

export function createFingers(clock: Clock, set: (key: KeyName, down: boolean) => void): Fingers {
  let last = Promise.resolve();
  return {
    move: (key, down) => {
      last = last.then(() => {
        set(key, down);
        return sleep(clock, "finger", moveMs);
      });
    },
  };
}
