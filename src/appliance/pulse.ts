import type { Clock } from "../../hal/clock.ts";

/**
 * Tells whether everything that was begun ends. Each call that leaves the controller has a limit of its own; one that is
 * under way long after it means that a part of ours hangs and no other part can help it. A far side that is slow, silent
 * or gone is no such thing: the limits see to that.
 */
export interface Pulse {
  /** Does the work, which is to settle within `boundMs`. */
  during<T>(name: string, boundMs: number, work: () => Promise<T>): Promise<T>;
  /** What is under way and past its bound. */
  overdue(): readonly string[];
}

export function createPulse(clock: Pick<Clock, "monotonic">): Pulse {
  const underWay = new Set<{ readonly name: string; readonly dueMs: number }>();
  return {
    during: async (name, boundMs, work) => {
      const one = { name, dueMs: clock.monotonic() + boundMs };
      underWay.add(one);
      try {
        return await work();
      } finally {
        underWay.delete(one);
      }
    },
    overdue: () => [...underWay].filter(({ dueMs }) => clock.monotonic() > dueMs).map(({ name }) => name),
  };
}
