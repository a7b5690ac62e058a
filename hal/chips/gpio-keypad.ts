import type { DigitalIn } from "../bus.ts";
import type { Clock, Stop } from "../clock.ts";
import { fromErrno } from "../errors.ts";
import type { KeyEdge, KeyName, Keypad } from "../keypad.ts";

/** A line that does not close either, after an error or at the end: nothing is left to be done about it. */
const ignore = () => {};

export interface GpioKeypadOptions {
  /** For messages. */
  readonly device: string;
  readonly clock: Clock;
  /** Opens the lines of the keys that the board has; called by each `watch`. Rejects with a HalError. */
  readonly open: () => Promise<ReadonlyMap<KeyName, DigitalIn>>;
  /** A key counts when its line has been quiet for so long. */
  readonly debounceMs: number;
}

/** Keys on input lines of their own, so any number of them may be down together. */
export function createGpioKeypad({ device, clock, open, debounceMs }: GpioKeypadOptions): Keypad {
  const sessions = new Set<() => Promise<void>>();

  return {
    watch: async (edge, lost) => {
      const lines = await open();
      const stops: Stop[] = [];
      let ended = false;
      const end = async () => {
        if (ended) return;
        ended = true;
        sessions.delete(end);
        for (const stop of stops) stop();
        await Promise.all([...lines.values()].map((line) => line.close()));
      };
      const fail = (error: unknown) => {
        if (ended) return;
        end().catch(ignore);
        lost(fromErrno(device, error));
      };
      sessions.add(end);
      try {
        for (const [key, line] of lines) {
          const deliver = (reported: KeyEdge) => {
            if (!ended) edge(reported);
          };
          stops.push(debounce({ key, line, clock, debounceMs, held: await line.read(), deliver, fail }));
        }
      } catch (error) {
        await end();
        throw fromErrno(device, error);
      }
      return () => {
        end().catch(ignore);
      };
    },
    halt: async () => {
      await Promise.all([...sessions].map((end) => end()));
    },
  };
}

interface Debounce {
  readonly key: KeyName;
  readonly line: DigitalIn;
  readonly clock: Clock;
  readonly debounceMs: number;
  /** The level at the start. */
  readonly held: boolean;
  readonly deliver: (edge: KeyEdge) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Reports a new level once the line has been quiet, with the time of the first edge that led to it. The level is read
 * again then: a line that changes fast may lose edges on its way through the kernel.
 */
function debounce({ key, line, clock, debounceMs, held, deliver, fail }: Debounce): Stop {
  let reported = held;
  let firstEdgeMs: number | null = null;
  let stopTimer: Stop = () => {};

  const settle = async () => {
    const atMs = firstEdgeMs ?? clock.monotonic();
    firstEdgeMs = null;
    const pressed = await line.read();
    // An edge that came meanwhile has started the wait again and will decide.
    if (firstEdgeMs !== null) {
      firstEdgeMs = atMs;
      return;
    }
    if (pressed === reported) return;
    reported = pressed;
    deliver({ key, pressed, atMs });
  };
  const unwatch = line.watch((_, atMs) => {
    firstEdgeMs ??= atMs;
    stopTimer();
    stopTimer = clock.after(`debounce ${key}`, debounceMs, () => void settle().catch(fail));
  });
  return () => {
    stopTimer();
    unwatch();
  };
}
