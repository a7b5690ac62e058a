import { isDeepStrictEqual } from "node:util";
import type { Stop } from "../../hal/clock.ts";
import type { Facts } from "./facts.ts";

/**
 * The table of facts of one appliance. Writes that change nothing are dropped, so owners may write what they know without
 * looking first. Listeners are called synchronously, in the order of subscription, after the write is visible; a write made
 * by a listener is delivered after the one at hand has reached everybody.
 */
export interface FactTable {
  get(): Facts;
  set(change: Partial<Facts>): void;
  subscribe(listener: (now: Facts, before: Facts) => void): Stop;
}

export function createFactTable(initial: Facts): FactTable {
  let facts = initial;
  const listeners = new Set<(now: Facts, before: Facts) => void>();
  const queue: { now: Facts; before: Facts }[] = [];
  let delivering = false;

  const deliver = () => {
    if (delivering) return;
    delivering = true;
    try {
      for (let change = queue.shift(); change !== undefined; change = queue.shift()) {
        for (const listener of [...listeners]) listener(change.now, change.before);
      }
    } finally {
      delivering = false;
    }
  };

  return {
    get: () => facts,
    set: (change) => {
      const entries = Object.entries(change) as [keyof Facts, unknown][];
      const fresh = entries.filter(([key, value]) => value !== undefined && !isDeepStrictEqual(facts[key], value));
      if (fresh.length === 0) return;
      const before = facts;
      facts = { ...facts, ...Object.fromEntries(fresh) };
      queue.push({ now: facts, before });
      deliver();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
