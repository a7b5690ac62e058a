import { type Clock, sleep } from "../../hal/clock.ts";
import type { FileSystemState, FileSystems } from "../../hal/file-systems.ts";
import { hasFailed } from "./life-cycle.ts";

/** A look costs a child of some 10 ms: often enough for somebody who waits for a repair to be seen. */
const whileFailedMs = 10_000;
const whileSoundMs = 60_000;
/** A service manager that hangs must not keep the boot from going on. */
const patienceMs = 5000;

export interface FileSystemWatchParts {
  readonly fileSystems: FileSystems;
  readonly clock: Clock;
  /** Told after each look that can tell. */
  readonly seen: (state: FileSystemState) => void;
}

export interface FileSystemWatch {
  /** Resolves when the first look is over, has taken too long, or the watch has ended. */
  readonly firstLook: Promise<void>;
  /** Looks at once and then every good while until the signal aborts. Rejects only for a bug. Call it once. */
  run(signal: AbortSignal): Promise<void>;
}

export function createFileSystemWatch({ fileSystems, clock, seen }: FileSystemWatchParts): FileSystemWatch {
  let looked = () => {};
  const firstLook = new Promise<void>((resolve) => {
    looked = resolve;
  });
  return {
    firstLook,
    run: async (signal) => {
      let failed = false;
      const stopWaiting = clock.after("first look at the file systems", patienceMs, looked);
      try {
        while (!signal.aborted) {
          const state = await fileSystems.look(signal);
          if (signal.aborted) break;
          // A look that came to nothing does not make what is known untrue.
          if (state.state !== "unknown") {
            failed = hasFailed(state);
            seen(state);
          }
          looked();
          await sleep(clock, "look at the file systems", failed ? whileFailedMs : whileSoundMs, signal).catch(() => {});
        }
      } finally {
        stopWaiting();
        looked();
      }
    },
  };
}
