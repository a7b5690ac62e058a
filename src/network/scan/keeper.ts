import { isDeepStrictEqual } from "node:util";
import { type Clock, deadline, sleep } from "../../../hal/clock.ts";
import type { Refusal } from "../../helper/privileged.ts";
import type { ConfigurationRefusal, ScanFacts } from "../../model/facts.ts";
import type { Log } from "../../model/log.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { ItemFailure } from "../../model/scan.ts";
import type { Settings } from "../../model/settings.ts";
import type { ScanNetwork } from "./scan-network.ts";
import { scanWishOf } from "./wish.ts";

/** All 4094 VLANs made anew: half a minute on a slow box, minutes on one that is busy. Each request has a limit of its own. */
export const scanLimitMs = 300_000;
/** A port that comes up has a dozen events; they make one look. */
const foldMs = 1000;
/** Between looks at a port that flaps for ever: each reads all there is. */
const longestFoldMs = 30_000;
/** So many may follow one another before they come ever more rarely. */
const quickLooks = 3;
const firstRetryMs = 2000;
const lastRetryMs = 300_000;

export interface ScanKeeper {
  /**
   * Brings the namespace to these settings, after what is under way there has ended, and keeps it there from now on. Rejects
   * with the signal's reason when it aborts.
   */
  bring(settings: Settings, signal: AbortSignal): Promise<Result<readonly ItemFailure[], Refusal>>;
  /** As `bring`, behind the caller; again and again while it is refused. */
  keep(settings: Settings): void;
  /** Something happened to LAN: what hangs on it may have gone. */
  stir(): void;
  /** What was published last. */
  facts(): ScanFacts;
  stop(): Promise<void>;
}

/** As much of the keeper as a change needs. */
export type Scans = Pick<ScanKeeper, "bring">;

/**
 * Brings the ports and the networks of the scans from some settings to others. A tag that the panel takes over is given up by
 * the scans first; otherwise the ports come first. The ports' refusal counts always, that of the scans where they `mustStand`:
 * a person at the panel has nothing to do with them, and they are brought there later.
 */
export async function bringScans(
  scans: Scans,
  { from, to, mustStand }: { readonly from: Settings; readonly to: Settings; readonly mustStand: boolean },
  bringPorts: () => Promise<Result<null, ConfigurationRefusal>>,
  signal: AbortSignal,
): Promise<Result<null, ConfigurationRefusal>> {
  const differ = !isDeepStrictEqual(scanWishOf(from), scanWishOf(to));
  const bring = async (): Promise<Result<null, ConfigurationRefusal>> => {
    const brought = await scans.bring(to, signal);
    if (brought.ok || !mustStand) return ok(null);
    return failed({ port: "lan", detail: `networks of scans: ${brought.error.detail}` });
  };
  const givesUp = scanWishOf(from).vlans.some(({ tag }) => tag === to.lan.vlan);
  if (differ && givesUp) {
    const brought = await bring();
    return brought.ok ? bringPorts() : brought;
  }
  const ports = await bringPorts();
  return ports.ok && differ ? bring() : ports;
}

export interface ScanKeeperParts {
  readonly scan: ScanNetwork;
  readonly clock: Clock;
  readonly log: Log;
  readonly publish: (facts: ScanFacts) => void;
  /** A bug of ours came up behind the caller. */
  readonly broken: (bug: unknown) => void;
}

/** Keeps the namespace of the scans at what is wanted of it: one hand at a time. */
export function createScanKeeper({ scan, clock, log, publish, broken }: ScanKeeperParts): ScanKeeper {
  const stopping = new AbortController();
  let wanted: Settings | null = null;
  /** The last that was told. */
  let told: ScanFacts = { state: "unknown", detail: null, failures: [] };
  /** What goes on behind the callers. */
  let behind: { readonly abort: AbortController } | null = null;
  let behindEnded = Promise.resolve();
  /** Something happened since the last look began. */
  let isStale = false;
  /** Looks for events since it was quiet for a while, and when the last one ended. */
  let streak = 0;
  let endedMs = Number.NEGATIVE_INFINITY;
  let turn: Promise<unknown> = Promise.resolve();

  const tell = (facts: ScanFacts) => {
    if (isDeepStrictEqual(facts, told)) return;
    told = facts;
    publish(facts);
  };

  const bringNow = async (settings: Settings, signal: AbortSignal) => {
    const wish = scanWishOf(settings);
    tell({ ...told, state: "working" });
    const limit = deadline(clock, "networks of scans", scanLimitMs, signal);
    try {
      const brought = await scan.bring(wish, limit.signal);
      if (brought.ok) tell({ state: "settled", detail: null, failures: brought.value });
      else tell({ ...told, state: "unavailable", detail: brought.error.detail });
      return brought;
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.signal.aborted) throw error;
      const detail = `no result within ${scanLimitMs / 1000} s`;
      tell({ ...told, state: "unavailable", detail });
      return failed<Refusal>({ kind: "timeout", detail });
    } finally {
      limit.done();
    }
  };

  /** One after the other. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = turn.then(run);
    turn = mine.catch(() => {});
    return mine;
  };

  const endBehind = async () => {
    behind?.abort.abort(new Error("something else has the networks of the scans"));
    await behindEnded;
  };

  const nextFoldMs = (): number => {
    streak = clock.monotonic() - endedMs >= longestFoldMs ? 0 : streak + 1;
    return Math.min(foldMs * 2 ** Math.max(0, streak - quickLooks), longestFoldMs);
  };

  const repeat = async (waitMs: number, signal: AbortSignal) => {
    await sleep(clock, "networks of scans", waitMs, signal);
    for (let pauseMs = firstRetryMs; wanted !== null; pauseMs = Math.min(2 * pauseMs, lastRetryMs)) {
      const settings = wanted;
      const before = told.detail;
      isStale = false;
      const brought = await inTurn(() => bringNow(settings, signal));
      endedMs = clock.monotonic();
      if (brought.ok && !isStale) return;
      // Where there is nothing to keep, as on a machine that was never set up for scans, nothing is missing.
      if (!brought.ok && scanWishOf(settings).vlans.length === 0) return;
      if (!brought.ok && brought.error.detail !== before) {
        log.warn({ ...brought.error }, "network: the networks of the scans, trying again");
      }
      await sleep(clock, "networks of scans", brought.ok ? nextFoldMs() : pauseMs, signal);
    }
  };

  const startBehind = (waitMs: number) => {
    if (stopping.signal.aborted) return;
    behind?.abort.abort(new Error("begun anew"));
    const mine = { abort: new AbortController() };
    const signal = AbortSignal.any([mine.abort.signal, stopping.signal]);
    const run = async () => {
      try {
        await repeat(waitMs, signal);
      } catch (error) {
        if (!signal.aborted) broken(error);
      } finally {
        if (behind === mine) behind = null;
      }
    };
    behind = mine;
    behindEnded = behindEnded.then(run);
  };

  return {
    bring: async (settings, signal) => {
      await endBehind();
      wanted = settings;
      return inTurn(() => bringNow(settings, AbortSignal.any([signal, stopping.signal])));
    },
    keep: (settings) => {
      wanted = settings;
      startBehind(0);
    },
    stir: () => {
      // A burst makes one look, and a box without networks of scans none.
      if (wanted === null || wanted.scan.vlans.length === 0) return;
      isStale = true;
      if (behind === null) startBehind(nextFoldMs());
    },
    facts: () => told,
    stop: async () => {
      stopping.abort(new Error("the system is going down"));
      await behindEnded;
      await turn;
    },
  };
}
