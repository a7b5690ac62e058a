import type { Clock } from "../hal/clock.ts";
import type { ConsolePorts } from "../hal/console.ts";
import type { Files } from "../hal/files.ts";
import type { Processes } from "../hal/processes.ts";

/**
 * Parts of a machine that ends. A program that loses its power runs no line more, not even a `finally`: what it waited for
 * never comes. So nothing here settles after `dead` has aborted, no timer fires, and children are killed.
 */
export function mortalClock(clock: Clock, dead: AbortSignal): Clock {
  const pending = new Set<() => void>();
  dead.addEventListener("abort", () => {
    for (const stop of pending) stop();
    pending.clear();
  });
  return {
    now: clock.now,
    monotonic: clock.monotonic,
    after: (name, ms, run) => {
      if (dead.aborted) return () => {};
      const stop = clock.after(name, ms, () => {
        pending.delete(stop);
        run();
      });
      pending.add(stop);
      return () => {
        pending.delete(stop);
        stop();
      };
    },
  };
}

export function mortalFiles(files: Files, dead: AbortSignal): Files {
  const alive =
    <Args extends unknown[], Value>(run: (...args: Args) => Promise<Value>) =>
    (...args: Args) =>
      dead.aborted ? forever<Value>() : untilDeath(run(...args), dead);
  return {
    read: alive(files.read),
    write: alive(files.write),
    create: alive(files.create),
    sync: alive(files.sync),
    rename: alive(files.rename),
    remove: alive(files.remove),
    makeDirectory: alive(files.makeDirectory),
    syncDirectory: alive(files.syncDirectory),
    list: alive(files.list),
  };
}

export interface CountedProcesses extends Processes {
  /** A token for each child that lives. */
  running(): readonly object[];
}

export function mortalProcesses(processes: Processes, dead: AbortSignal): CountedProcesses {
  const running = new Set<object>();
  return {
    running: () => [...running],
    run: async (argv, options) => {
      if (dead.aborted) return forever();
      const signal = options.signal === undefined ? dead : AbortSignal.any([dead, options.signal]);
      const child = {};
      running.add(child);
      const ended = processes.run(argv, { ...options, signal }).finally(() => running.delete(child));
      return untilDeath(ended, dead);
    },
  };
}

export function mortalConsoles(consoles: ConsolePorts, dead: AbortSignal): ConsolePorts {
  return {
    watch: (patterns, changed) => {
      const stop = consoles.watch(patterns, (devices) => {
        if (!dead.aborted) changed(devices);
      });
      dead.addEventListener("abort", stop, { once: true });
      return stop;
    },
    open: async (device, line) => {
      const port = await consoles.open(device, line);
      const close = () => void port.close();
      if (dead.aborted) {
        close();
        return forever();
      }
      dead.addEventListener("abort", close, { once: true });
      return {
        ...port,
        read: () => untilDeath(port.read(), dead),
        write: (bytes) => untilDeath(port.write(bytes), dead),
        close: async () => {
          dead.removeEventListener("abort", close);
          await port.close();
        },
      };
    },
  };
}

function forever<T>(): Promise<T> {
  return new Promise(() => {});
}

function untilDeath<T>(work: Promise<T>, dead: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(
      (value) => {
        if (!dead.aborted) resolve(value);
      },
      (error: unknown) => {
        if (!dead.aborted) reject(error);
      },
    );
  });
}
