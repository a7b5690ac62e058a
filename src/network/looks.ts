import type { Clock, Stop } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Log } from "../model/log.ts";
import type { NetworkState } from "../model/network-state.ts";
import { observeMachine } from "./apply.ts";
import type { NetworkBackend } from "./backend.ts";

/** A link that comes up brings a dozen events within a few milliseconds; they make one look. */
const foldMs = 100;
/** So many looks may follow one another; those after them come ever more rarely, for a port that flaps for ever. */
const quickLooks = 5;
const longestFoldMs = 2000;
/** A machine that cannot be read is tried again this often. */
const againMs = 10_000;

export interface LooksParts {
  readonly backend: NetworkBackend;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called after each look, unless the signal has aborted. */
  readonly looked: () => void;
  /** A bug of ours came up in a look that nobody waits for. */
  readonly broken: (bug: unknown) => void;
}

/** The readings of the machine: when they are made and which of them counts. */
export interface Looks {
  /** The back end, each of whose readings counts as a look. */
  readonly backend: NetworkBackend;
  /** The newest reading; null before the first. */
  state(): NetworkState | null;
  /** The newest reading, if nothing has changed since; null when that is not known. */
  current(): NetworkState | null;
  /** Why the last look could not read the machine; null when it could, or when there was none. */
  unread(): string | null;
  /**
   * Reads the machine by a look that begins after this call. Looks wait for one another; at most one waits, for all that
   * ask meanwhile.
   */
  look(): Promise<void>;
  /** Looks at each change of the machine, and again and again while it cannot be read. */
  watch(): void;
  /** Looks by itself only after `resume`: whoever changes the machine reads it himself, and every look slows him down. */
  pause(): void;
  resume(): void;
  /** Resolves when the last look has ended. */
  stop(): Promise<void>;
}

export function createLooks({ backend, clock, log, signal, looked, broken }: LooksParts): Looks {
  let state: NetworkState | null = null;
  let unread: string | null = null;
  /** Readings are numbered as they begin: one that was overtaken does not count. */
  let begun = 0;
  let newest = 0;
  let last = Promise.resolve();
  let waiting: Promise<void> | null = null;
  let unwatch: Stop = () => {};
  let stopFold: Stop | null = null;
  let isPaused = false;
  /** Something has changed since the newest reading began. */
  let isStale = false;
  let stopAgain: Stop = () => {};
  /** Looks since it was quiet for a while. */
  let streak = 0;
  let endedMs = Number.NEGATIVE_INFINITY;

  const counted: NetworkBackend = {
    perform: (operation, abort) => backend.perform(operation, abort),
    watch: (changed) => backend.watch(changed),
    observe: async (abort) => {
      const number = ++begun;
      isStale = false;
      const seen = await backend.observe(abort);
      if (number > newest) {
        newest = number;
        state = seen;
        unread = null;
      }
      return seen;
    },
  };

  const lookNow = async () => {
    waiting = null;
    stopAgain();
    try {
      await observeMachine({ backend: counted, clock }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof HalError)) throw error;
      if (error.message !== unread) log.warn({ detail: error.message }, "network: cannot be read");
      unread = error.message;
    }
    if (signal.aborted) return;
    endedMs = clock.monotonic();
    if (unread !== null) stopAgain = clock.after("network look", againMs, () => void look());
    looked();
  };

  const look = () => {
    waiting ??= last = last.then(lookNow).catch(broken);
    return waiting;
  };

  const changed = () => {
    isStale = true;
    if (stopFold !== null || isPaused || signal.aborted) return;
    streak = clock.monotonic() - endedMs >= longestFoldMs ? 0 : streak + 1;
    const waitMs = Math.min(foldMs * 2 ** Math.max(0, streak - quickLooks), longestFoldMs);
    stopFold = clock.after("network look", waitMs, () => {
      stopFold = null;
      void look();
    });
  };

  return {
    backend: counted,
    state: () => state,
    current: () => (isStale || unread !== null || begun !== newest ? null : state),
    unread: () => unread,
    look,
    watch: () => {
      unwatch = backend.watch(changed);
    },
    pause: () => {
      isPaused = true;
      stopFold?.();
      stopFold = null;
    },
    resume: () => {
      isPaused = false;
      if (isStale) changed();
    },
    stop: async () => {
      unwatch();
      stopFold?.();
      stopAgain();
      await last;
    },
  };
}
