import type { FakeClock } from "../../hal/mock/fake-clock.ts";

/** Lets the fake clock run from timer to timer until the promise has settled. Fails when it waits for something else than time. */
export async function settled<T>(clock: FakeClock, promise: Promise<T>, maxMs = 600_000): Promise<T> {
  let done = false;
  const mark = () => {
    done = true;
  };
  promise.then(mark, mark);
  const until = clock.monotonic() + maxMs;
  await clock.advance(0);
  while (!done) {
    if (clock.monotonic() > until)
      throw new Error(`not settled after ${maxMs} ms; pending: ${clock.pending().join(", ")}`);
    await clock.advance(clock.pending().length > 0 ? 1 : maxMs + 1);
  }
  return promise;
}
