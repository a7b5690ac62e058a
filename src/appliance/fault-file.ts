import * as z from "zod";
import type { Clock, Stop } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { LegacyCode, NumberedFault } from "../model/fault.ts";
import type { Log } from "../model/log.ts";
import { decodeDocument, encodeDocument } from "../settings/document.ts";
import type { DurableFolder } from "../settings/durable.ts";
import { faultSources, mostRecords, sourceOf } from "./fault-book.ts";

/** What survives a restart. */
export interface StoredHistory {
  readonly faults: readonly NumberedFault[];
  readonly told: Told;
}

/** How much of it the platform has heard. */
export interface Told {
  /** All up to this number. */
  readonly through: number;
  /** Those of them that stood then: their end is still to be told. */
  readonly standing: readonly number[];
}

export const emptyHistory: StoredHistory = { faults: [], told: { through: 0, standing: [] } };

/** The history in a file of its own. Neither method rejects: a disk that refuses leaves the history in memory. */
export interface FaultFile {
  /** What is stored; empty where there is nothing, or nothing that can be read. */
  read(): Promise<StoredHistory>;
  /** Writes it soon, once for all that is given within {@link restMs}. */
  keep(history: StoredHistory): void;
  /** Writes what waits to be written, and nothing more after that. */
  close(): Promise<void>;
}

const fileName = "history.json";
/** Fifty faults of the longest texts. */
const maxBytes = 256 * 1024;
/** Between two writes: a link that flaps all night may not wear out the flash memory. */
export const restMs = 10_000;

const limits = { message: 100, detail: 400, next: 400 } as const;
// As far as a poll can tell them: one that the platform does not take would make it refuse every poll.
const number = z.int().min(1).max(0x7fffffff);
const instant = z.iso.datetime({ precision: 3 });
const faultSchema: z.ZodType<NumberedFault> = z.strictObject({
  number,
  code: z.string().regex(/^[a-z0-9-]{1,32}$/),
  message: z.string().max(limits.message),
  legacyCode: z.custom<LegacyCode>((value) => typeof value === "string" && /^E(0\d|1[0-4])$/.test(value)).nullable(),
  detail: z.string().max(limits.detail),
  next: z.string().max(limits.next),
  since: instant,
  until: instant.nullable(),
});
const documentSchema = z
  .strictObject({
    schema: z.literal(1),
    faults: z.array(faultSchema).max(mostRecords),
    told: z.strictObject({ through: z.int().min(0), standing: z.array(number).max(mostRecords) }),
  })
  .refine(({ faults }) => new Set(faults.map((fault) => fault.number)).size === faults.length, "a number twice")
  .refine(
    ({ faults }) =>
      faultSources.every(
        (source) => faults.filter((fault) => fault.until === null && sourceOf(fault) === source).length < 2,
      ),
    "two faults of one source that stand",
  );

export interface FaultFileParts {
  readonly folder: DurableFolder;
  readonly clock: Clock;
  readonly log: Log;
}

export function createFaultFile({ folder, clock, log }: FaultFileParts): FaultFile {
  let waiting: StoredHistory | null = null;
  let writing: Promise<void> | null = null;
  let stopRest: Stop | null = null;
  let isPrepared = false;
  let isRefused = false;
  let isClosed = false;

  const store = async (history: StoredHistory) => {
    try {
      if (!isPrepared) await folder.prepare();
      isPrepared = true;
      await folder.replace(fileName, encodeDocument({ schema: 1, ...bounded(history) }));
      await folder.settle();
      isRefused = false;
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      isPrepared = false;
      if (!isRefused) {
        log.error(
          { kind: error.kind, error: error.message },
          "the history of faults cannot be stored: it lasts until the next restart",
        );
      }
      isRefused = true;
    }
  };

  const write = async (): Promise<void> => {
    while (writing !== null) await writing;
    const history = waiting;
    if (history === null) return;
    waiting = null;
    stopRest?.();
    stopRest = clock.after("next write of the fault history", restMs, () => {
      stopRest = null;
      void write();
    });
    writing = store(history);
    await writing;
    writing = null;
  };

  return {
    read: async () => {
      try {
        const decoded = decodeDocument(documentSchema, await folder.read(fileName, maxBytes));
        if (decoded.ok) return { faults: decoded.value.faults, told: decoded.value.told };
        log.error({ detail: decoded.error.detail }, "the history of faults cannot be read and begins anew");
      } catch (error) {
        if (!(error instanceof HalError)) throw error;
        if (error.kind !== "absent") {
          log.error(
            { kind: error.kind, detail: error.message },
            "the history of faults cannot be read and begins anew",
          );
        }
      }
      return emptyHistory;
    },
    keep: (history) => {
      if (isClosed) return;
      waiting = history;
      if (stopRest === null) void write();
    },
    close: async () => {
      isClosed = true;
      await write();
      stopRest?.();
    },
  };
}

/** A text that could not be read back would cost all others. */
function bounded({ faults, told }: StoredHistory): StoredHistory {
  const cut = (fault: NumberedFault): NumberedFault => ({
    ...fault,
    message: fault.message.slice(0, limits.message),
    detail: fault.detail.slice(0, limits.detail),
    next: fault.next.slice(0, limits.next),
  });
  return { faults: faults.map(cut), told };
}
