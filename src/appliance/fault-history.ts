import type { Clock } from "../../hal/clock.ts";
import type { FactTable } from "../model/fact-table.ts";
import type { Facts } from "../model/facts.ts";
import type { Fault, NumberedFault } from "../model/fault.ts";
import type { Log } from "../model/log.ts";
import { type FaultSource, faultSources, recordFault, standingFault } from "./fault-book.ts";
import type { FaultFile, Told } from "./fault-file.ts";

/** The facts that a verdict changes. */
export type FaultFacts = Pick<Facts, "fault" | "faults">;

/** What is wrong, what was, over restarts; and what of it the platform has still to hear. */
export interface FaultHistory {
  /**
   * What a source finds wrong now; null: nothing. Gives the facts that follow, for whoever sets them together with others. A
   * fault that stood when the box went down goes on if it is found again, and ended with the restart if it is not.
   */
  judged(source: FaultSource, fault: Fault | null): FaultFacts;
  /** What the platform has not heard, newest first: new faults, and the ends of those that it heard of while they stood. */
  untold(): readonly NumberedFault[];
  /** It has heard what `untold` gave last. */
  heard(): void;
  /** Stores the end of it when the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface FaultHistoryParts {
  readonly file: FaultFile;
  readonly facts: FactTable;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sets the fact `faults` to what was stored, and stores it from now on whenever it changes. */
export async function openFaultHistory({ file, facts, clock, log }: FaultHistoryParts): Promise<FaultHistory> {
  const isoNow = () => new Date(clock.now()).toISOString();
  const startedAt = isoNow();
  const stored = await file.read();
  let told: Told = stored.told;
  let offered: readonly NumberedFault[] = [];
  const judgedSources = new Set<FaultSource>();
  const keep = () => file.keep({ faults: facts.get().faults, told });

  facts.set({ faults: stored.faults });
  facts.subscribe((now, before) => {
    if (now.faults !== before.faults) keep();
  });

  return {
    judged: (source, fault) => {
      const { faults: book } = facts.get();
      const isFirst = !judgedSources.has(source);
      judgedSources.add(source);
      const before = standingFault(book, source);
      const faults = recordFault(book, source, fault, isoNow(), isFirst ? startedAt : isoNow());
      const standing = standingFault(faults, source);
      if (before !== null && before.number !== standing?.number) {
        log.info(fieldsOf(faults.find(({ number }) => number === before.number) ?? before), "fault ended");
      }
      if (standing !== null && standing.number !== before?.number) log.warn(fieldsOf(standing), "fault begins");
      else if (standing !== null && isFirst) log.warn(fieldsOf(standing), "fault goes on since before the restart");
      const known = faultSources.filter((one) => judgedSources.has(one));
      const [foremost = null] = known.map((one) => standingFault(faults, one)).filter((one) => one !== null);
      return { fault: foremost, faults };
    },

    untold: () => {
      const isUntold = ({ number, until }: NumberedFault) =>
        number > told.through || (until !== null && told.standing.includes(number));
      offered = facts
        .get()
        .faults.filter(isUntold)
        .sort((a, b) => b.number - a.number);
      return offered;
    },

    heard: () => {
      if (offered.length === 0) return;
      const isOffered = (number: number) => offered.some((fault) => fault.number === number);
      const isKept = (number: number) => facts.get().faults.some((fault) => fault.number === number);
      const standing = offered.filter(({ until }) => until === null).map(({ number }) => number);
      told = {
        through: Math.max(told.through, ...offered.map(({ number }) => number)),
        standing: [...told.standing.filter((number) => isKept(number) && !isOffered(number)), ...standing],
      };
      offered = [];
      keep();
    },

    run: (signal) =>
      new Promise((resolve, reject) => {
        const end = () => void file.close().then(resolve, reject);
        if (signal.aborted) end();
        else signal.addEventListener("abort", end, { once: true });
      }),
  };
}

function fieldsOf({ code, message, legacyCode, detail, next, since }: NumberedFault): object {
  return { code, message, legacyCode, detail, next, since };
}
