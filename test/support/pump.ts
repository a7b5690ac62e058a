import type { FakeClock } from "../../hal/mock/fake-clock.ts";

const stepMs = 500;
const longestMs = 600_000;

/** Waits for work on a fake clock: runs the clock forward until the work has ended. Throws when it does not in ten minutes. */
export function pump(clock: FakeClock): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    let ended = false;
    const note = () => {
      ended = true;
    };
    work.then(note, note);
    await clock.advance(0);
    for (let passedMs = 0; !ended; passedMs += stepMs) {
      if (passedMs > longestMs) throw new Error(`no end within ${longestMs} ms; pending: ${clock.pending()}`);
      await clock.advance(stepMs);
    }
    return work;
  };
}
