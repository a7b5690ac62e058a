import type { Stop } from "../hal/clock.ts";

/** Those who want to be told. A listener may subscribe or stop while it is told. */
export interface Listeners {
  tell(): void;
  subscribe(changed: () => void): Stop;
}

export function createListeners(): Listeners {
  const listeners = new Set<() => void>();
  return {
    tell: () => {
      for (const listener of [...listeners]) listener();
    },
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}
