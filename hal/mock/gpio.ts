import type { DigitalIn, DigitalOut } from "../bus.ts";
import type { Clock, Stop } from "../clock.ts";
import { HalError } from "../errors.ts";

/** An input line and the contact that is soldered to it. */
export interface MockInput {
  /** A new handle on the line; any number may be open. */
  open(): DigitalIn;
  /**
   * The contact closes or opens, then bounces: it flips at each of `bounceMs` (ascending, from now) and ends where it was
   * meant to be.
   */
  set(active: boolean, bounceMs?: readonly number[]): void;
  /** Reads are rejected with this error until null. A cable that is pulled or plugged makes an edge. */
  fail(error: HalError | null): void;
}

export function createMockInput({ clock, name }: { readonly clock: Clock; readonly name: string }): MockInput {
  const watchers = new Set<(active: boolean, atMs: number) => void>();
  let level = false;
  let broken: HalError | null = null;
  let bounces: Stop[] = [];

  const notify = () => {
    for (const watcher of [...watchers]) watcher(level, clock.monotonic());
  };
  const change = (active: boolean) => {
    if (active === level) return;
    level = active;
    notify();
  };

  return {
    open: () => {
      let closed = false;
      const stops = new Set<Stop>();
      return {
        read: async () => {
          if (closed) throw new HalError("closed", name, "the line has been closed");
          if (broken) throw broken;
          return level;
        },
        watch: (edge) => {
          watchers.add(edge);
          const stop = () => {
            watchers.delete(edge);
            stops.delete(stop);
          };
          stops.add(stop);
          return stop;
        },
        close: async () => {
          closed = true;
          for (const stop of [...stops]) stop();
        },
      };
    },
    set: (active, bounceMs = []) => {
      for (const stop of bounces) stop();
      change(active);
      bounces = bounceMs.map((ms, index) =>
        clock.after(`${name} bounces`, ms, () => change(index === bounceMs.length - 1 ? active : !level)),
      );
    },
    fail: (error) => {
      broken = error;
      notify();
    },
  };
}

/** An output line and the LED that is soldered to it. */
export interface MockOutput {
  open(): DigitalOut;
  isLit(): boolean;
  /** Writes are rejected with this error until null. */
  fail(error: HalError | null): void;
}

export interface MockOutputOptions {
  readonly name: string;
  /** Called after each change. */
  readonly changed?: () => void;
}

export function createMockOutput({ name, changed }: MockOutputOptions): MockOutput {
  let lit = false;
  let broken: HalError | null = null;

  return {
    open: () => {
      let closed = false;
      return {
        write: async (active) => {
          if (closed) throw new HalError("closed", name, "the line has been closed");
          if (broken) throw broken;
          if (active === lit) return;
          lit = active;
          changed?.();
        },
        close: async () => {
          closed = true;
        },
      };
    },
    isLit: () => lit,
    fail: (error) => {
      broken = error;
    },
  };
}
