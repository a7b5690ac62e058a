import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { FactTable } from "../model/fact-table.ts";
import type { Log } from "../model/log.ts";
import type { DurableFolder } from "../settings/durable.ts";

/** So many wrong PINs in a row cost nothing. */
const freeFailures = 2;
const firstWaitMs = 30_000;
const longestWaitMs = 3_600_000;
const fileName = "wrong-pins";
/** More are as good as this many. */
const mostFailures = 99;

/** How long no PIN is looked at after so many wrong ones in a row: nothing for two, then 30 s, doubling, at most an hour. */
export function pinWaitMs(failures: number): number {
  if (failures <= freeFailures) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - freeFailures - 1));
}

export interface PinLockParts {
  /** 4 to 8 digits. */
  readonly pin: string;
  readonly folder: DurableFolder;
  readonly facts: FactTable;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts the wrong PINs; the one owner of the fact `lock`. */
export interface PinLock {
  /** Looks at an entered PIN, and says in the facts how it went. Never rejects. */
  check(entered: string): Promise<void>;
  /** Resolves when the count of before the last restart is known. */
  readonly loaded: Promise<void>;
}

/**
 * A PIN counts as wrong from before it is compared until it turned out right, and the count is on the disk by then: cutting
 * the power gains no attempt. After a restart the whole wait begins again, since no clock can be trusted to have gone on. A
 * disk that cannot be written leaves the count in memory.
 */
export function createPinLock({ pin, folder, facts, clock, log }: PinLockParts): PinLock {
  let failures = 0;
  let checked = 0;

  const tell = (right: boolean) =>
    facts.set({ lock: { checked, right, waitUntilMs: failures === 0 ? 0 : clock.monotonic() + pinWaitMs(failures) } });

  const unlessRefused = async (what: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      if (error.kind !== "absent") log.error({ kind: error.kind, error: error.message }, `PIN lock: ${what} failed`);
    }
  };

  const store = () =>
    unlessRefused("storing the count", async () => {
      await folder.prepare();
      await folder.replace(fileName, new TextEncoder().encode(String(failures)));
      await folder.settle();
    });

  const load = () =>
    unlessRefused("reading the count", async () => {
      const text = new TextDecoder().decode(await folder.read(fileName, 16));
      if (!/^\d{1,2}$/.test(text)) log.error({}, "PIN lock: the count cannot be read and begins anew");
      else failures = Number(text);
      tell(false);
    });

  const loaded = load();
  let last = loaded;
  const look = async (entered: string) => {
    if ((facts.get().lock?.waitUntilMs ?? 0) > clock.monotonic()) return;
    failures = Math.min(failures + 1, mostFailures);
    await store();
    const right = entered === pin;
    checked += 1;
    if (right) failures = 0;
    else log.warn({ failures }, "wrong PIN at the panel");
    tell(right);
    if (right) await store();
  };

  return {
    loaded,
    check: (entered) => {
      last = last.then(() => look(entered));
      return last;
    },
  };
}
