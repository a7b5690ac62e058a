/** A bell between one producer and one waiter. Ringing while nobody waits is remembered, ringing twice is ringing once. */
export interface Wake {
  ring(): void;
  /** Resolves at the next ring, at once when it rang since the last wait, and when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createWake(): Wake {
  let rung = false;
  let waiter: (() => void) | null = null;
  return {
    ring: () => {
      rung = true;
      waiter?.();
    },
    wait: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          waiter = null;
          rung = false;
          resolve();
        };
        if (rung || signal.aborted) done();
        else {
          waiter = done;
          signal.addEventListener("abort", done, { once: true });
        }
      }),
  };
}
