import type { Clock } from "../../hal/clock.ts";
import type { FileSystemState } from "../../hal/file-systems.ts";
import type { Evidence } from "../connectivity/evidence.ts";
import type { Ladder } from "../connectivity/ladder.ts";
import type { FactTable } from "../model/fact-table.ts";
import { type Facts, isBusy } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import type { PollOutcome } from "../uplink/exchange.ts";
import type { PollReply } from "../uplink/protocol.ts";
import { registrationOf } from "../uplink/report.ts";
import { evidenceOf } from "./evidence.ts";
import type { FaultHistory } from "./fault-history.ts";
import { fileSystemFault } from "./file-system-fault.ts";
import { type Life, type LifeEvent, newborn, phaseOf, stepLife } from "./life-cycle.ts";
import { settled } from "./settled.ts";
import { worthATry } from "./way.ts";

export interface ContactParts {
  readonly facts: FactTable;
  readonly ladder: Ladder;
  readonly history: Pick<FaultHistory, "judged">;
  readonly clock: Clock;
  readonly log: Log;
  /** Host of the platform's URL. */
  readonly platformHost: string;
  readonly curl: () => Evidence["curl"];
  /** Polls soon: the network has changed. */
  readonly kick: (reason: string) => void;
  /** Polls now: a person waits for it. */
  readonly ask: (reason: string) => void;
  /** A good poll: jobs to start, settings that have proved themselves. */
  readonly answered: (reply: PollReply) => void;
}

/** Keeps the life of the appliance in step with its polls, and names what is wrong when one fails. */
export interface Contact {
  /**
   * The network is new, by a start or a change: what polls say does not count until `contact`. Gives the number of this
   * preparation.
   */
  prepare(): number;
  /** Resolves when contact can be tried: see {@link settled}. */
  settle(signal: AbortSignal): Promise<void>;
  /**
   * Lets polls count again, asks for one at once, and resolves when one has been judged. With a number it does nothing where the
   * network has been prepared anew since: then somebody else will call it.
   */
  contact(signal: AbortSignal, prepared?: number): Promise<void>;
  /** The outcome of each poll, and the monotonic time at which it began: one from before the last `contact` does not count. */
  ended(outcome: PollOutcome, startedMs: number): void;
  /** The machine has looked at its file systems. */
  fileSystemSeen(state: FileSystemState): void;
  /** The system goes down. */
  goDown(how: "reboot" | "shutdown"): void;
  /** It does not after all: the power manager refused. */
  stayUp(): void;
  /** Watches links and scans; what a failed poll means is found out until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Contact has failed, and what the machine refuses is no longer what it was: the fault on the glass may be another one. */
function otherCause(now: Facts, before: Facts): boolean {
  const hasFailed = now.phase === "network-error" || now.phase === "communication-failure";
  const differs = (one: unknown, other: unknown) => (one === null) !== (other === null);
  return (
    hasFailed &&
    (differs(now.networkUnread, before.networkUnread) ||
      differs(now.configurationRefused, before.configurationRefused) ||
      now.network.lan.configured !== before.network.lan.configured ||
      now.network.wan?.configured !== before.network.wan?.configured)
  );
}

export function createContact({
  facts,
  ladder,
  history,
  clock,
  log,
  platformHost,
  curl,
  kick,
  ask,
  answered,
}: ContactParts): Contact {
  let life: Life = newborn;
  let listening = false;
  let listeningSinceMs = 0;
  let preparations = 0;
  let diagnosis = new AbortController();
  let running: AbortSignal | null = null;
  let broken: (error: unknown) => void = () => {};
  const waiting = new Set<() => void>();

  const live = (event: LifeEvent): Facts["phase"] => {
    life = stepLife(life, event);
    return phaseOf(life, facts.get().fileSystem);
  };

  const scansRunning = () => facts.get().jobs.some((job) => job.kind === "scan" && isBusy(job));

  const judged = (change: Partial<Facts>) => {
    // The working message ends with the verdict that it announced.
    const progress = facts.get().progress?.what === "contacting" ? { progress: null } : {};
    facts.set({ ...change, ...progress });
    for (const resolve of [...waiting]) resolve();
  };

  const diagnose = async (outcome: Exclude<PollOutcome, { kind: "ok" }>, signal: AbortSignal): Promise<void> => {
    const evidence = evidenceOf(outcome, facts.get(), { platformHost, curl: curl() });
    const { fault, rungs } = await ladder.climb(evidence, signal);
    if (signal.aborted) return;
    log.debug({ outcome: outcome.kind, fault: fault?.message, detail: fault?.detail, rungs }, "contact failed");
    const phase = live({ type: "contact-failed", scansRunning: scansRunning() });
    judged({ phase, ...history.judged("contact", fault) });
  };

  return {
    prepare: () => {
      listening = false;
      diagnosis.abort();
      facts.set({ phase: live({ type: "contacting" }) });
      preparations += 1;
      return preparations;
    },

    settle: (signal) =>
      new Promise((resolve, reject) => {
        const startMs = clock.monotonic();
        const look = () => {
          const { network, settings } = facts.get();
          if (settled(network, settings, clock.monotonic() - startMs)) end(resolve);
        };
        const aborted = () => end(() => reject(signal.reason));
        const end = (then: () => void) => {
          unsubscribe();
          stop();
          signal.removeEventListener("abort", aborted);
          then();
        };
        const unsubscribe = facts.subscribe(look);
        let stop = () => {};
        const tick = () => {
          stop = clock.after("network to settle", 500, tick);
          look();
        };
        signal.addEventListener("abort", aborted, { once: true });
        if (signal.aborted) aborted();
        else tick();
      }),

    contact: (signal, prepared = preparations) =>
      new Promise((resolve, reject) => {
        if (prepared !== preparations) return resolve();
        const aborted = () => end(() => reject(signal.reason));
        const end = (then: () => void) => {
          waiting.delete(done);
          signal.removeEventListener("abort", aborted);
          then();
        };
        const done = () => end(resolve);
        waiting.add(done);
        signal.addEventListener("abort", aborted, { once: true });
        if (signal.aborted) aborted();
        listening = true;
        listeningSinceMs = clock.monotonic();
        ask("contact wanted");
      }),

    ended: (outcome, startedMs) => {
      if (!listening || running === null || startedMs < listeningSinceMs) return;
      diagnosis.abort();
      if (outcome.kind === "ok") {
        const registration = registrationOf(outcome.reply);
        const told = history.judged("contact", null);
        judged({ phase: live({ type: "contacted", registration }), registration, proxyDisabled: false, ...told });
        answered(outcome.reply);
        return;
      }
      diagnosis = new AbortController();
      const signal = AbortSignal.any([diagnosis.signal, running]);
      diagnose(outcome, signal).catch((error: unknown) => {
        if (!signal.aborted) broken(error);
      });
    },

    fileSystemSeen: (fileSystem) => {
      const found = history.judged("file-system", fileSystemFault(fileSystem));
      facts.set({ fileSystem, phase: phaseOf(life, fileSystem), ...found });
    },

    goDown: (how) => {
      listening = false;
      diagnosis.abort();
      facts.set({ phase: live({ type: how }), progress: { what: how === "reboot" ? "rebooting" : "shutting-down" } });
    },

    stayUp: () => facts.set({ phase: live({ type: "stayed-up" }), progress: { what: "contacting" } }),

    run: (signal) =>
      new Promise((resolve, reject) => {
        running = signal;
        const unsubscribe = facts.subscribe((now, before) => {
          if (listening && worthATry(now, before)) kick("the network has changed");
          else if (listening && otherCause(now, before)) kick("another cause of the failure");
          const wereRunning = before.jobs.some((job) => job.kind === "scan" && isBusy(job));
          if (wereRunning && !scansRunning()) facts.set({ phase: live({ type: "scans-ended" }) });
        });
        const end = (then: () => void) => {
          unsubscribe();
          running = null;
          then();
        };
        broken = (error) => end(() => reject(error));
        if (signal.aborted) end(resolve);
        else signal.addEventListener("abort", () => end(resolve), { once: true });
      }),
  };
}
