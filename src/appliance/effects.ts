import { type Clock, deadline, sleep, untilAborted } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Power } from "../../hal/power.ts";
import type { Effect } from "../model/effect.ts";
import type { FactTable } from "../model/fact-table.ts";
import { type Facts, type Progress, runsScan } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import { never } from "../model/result.ts";
import type { RenewOutcome } from "../network/service.ts";
import type { ChangeOptions, ChangeOutcome } from "../network/transaction.ts";
import { notDone } from "./events.ts";
import { recordEvent } from "./fault-book.ts";
import type { Rooms } from "./rooms.ts";

/** What takes the box's time. A PIN is looked at and the network is tested beside it. */
export type Errand = Exclude<Effect, { type: "check-pin" | "test-network" | "end-test" }>;

/** The guide has the box down within 60 s. */
const stopJobsMs = 30_000;

export interface EffectParts {
  readonly rooms: Rooms;
  readonly facts: FactTable;
  readonly clock: Clock;
  readonly power: Power;
  readonly log: Log;
  /** How long a working message stays at least, so that it can be read. */
  readonly messageMs: number;
}

/** Carries out what the panel asks for and returns when that has ended. Rejects with the signal's reason, or for a bug. */
export async function carryOut(effect: Errand, parts: EffectParts, signal: AbortSignal): Promise<void> {
  // What the panel showed when it made the new settings of it.
  const from = parts.facts.get().settings;
  switch (effect.type) {
    case "change-settings":
      return changeNetwork(
        effect.progress,
        () => parts.rooms.network.change(effect.settings, { from, ...secretsOf(effect) }),
        parts,
        signal,
      );
    case "renew-lease":
      return changeNetwork(effect.progress, () => parts.rooms.network.renew(effect.port), parts, signal);
    case "reboot":
    case "shutdown":
      return goDown(effect.type, parts, signal);
    default:
      return never(effect);
  }
}

async function changeNetwork(
  progress: Progress,
  change: () => Promise<ChangeOutcome | RenewOutcome>,
  parts: EffectParts,
  signal: AbortSignal,
): Promise<void> {
  const { rooms, facts, clock, messageMs } = parts;
  const reason = rooms.network.busy();
  if (reason !== null) return notNow(reason, parts, signal);
  facts.set({ notice: null, progress });
  // From here the platform is not heard: what it ordered now would begin with one network and go on with another.
  const prepared = rooms.contact.prepare();
  // A scan would go on with addresses that are no longer ours.
  if (runsScan(facts.get())) {
    facts.set({ progress: { what: "canceling-scan" } });
    await Promise.all([stopJobs(parts, signal, "scan"), sleep(clock, "message", messageMs, signal)]);
    facts.set({ progress });
  }
  const readable = sleep(clock, "message", messageMs, signal);
  readable.catch(whenAwaited);
  const { proxy } = facts.get().settings;
  const outcome = await change();
  if (proxy !== null && facts.get().settings.proxy === null) facts.set({ proxyDisabled: true });
  // The platform is contacted at once: that a message has to stay for a while delays only the next message.
  const contacted = rooms.contact.settle(signal).then(() => rooms.contact.contact(signal, prepared));
  contacted.catch(whenAwaited);
  await readable;
  facts.set({ ...told(parts, noticeOf(outcome)), progress: { what: "contacting" } });
  if (facts.get().phase !== "contacting") {
    // The verdict, which would have ended the message, came before it.
    await sleep(clock, "message", messageMs, signal);
    facts.set({ progress: null });
  }
  await contacted;
}

/**
 * The platform is not contacted under somebody else's change, but behind it: where an earlier wish of the panel has begun that,
 * this one has ended whoever would have done so.
 */
async function notNow(reason: string, parts: EffectParts, signal: AbortSignal): Promise<void> {
  const { rooms, facts } = parts;
  const progress: Progress | null = facts.get().phase === "contacting" ? { what: "contacting" } : null;
  facts.set({ ...told(parts, noticeOf({ kind: "busy", reason })), progress });
  await Promise.race([rooms.network.free(), untilAborted(signal)]);
  signal.throwIfAborted();
  const prepared = rooms.contact.prepare();
  await rooms.contact.settle(signal);
  await rooms.contact.contact(signal, prepared);
}

/** A rejection that is seen later, where the promise is awaited, is not unhandled. */
function whenAwaited(): void {}

function secretsOf({ secrets }: Extract<Effect, { type: "change-settings" }>): ChangeOptions {
  return secrets === undefined ? {} : { secrets };
}

/** Jobs that do not stop in time are left behind: neither a change nor the power may hang on them. */
async function stopJobs({ rooms, clock, log }: EffectParts, signal: AbortSignal, kind?: "scan"): Promise<void> {
  const limit = deadline(clock, "jobs to stop", stopJobsMs, signal);
  const stopped = await rooms.jobs.cancelAll(limit.signal, kind);
  limit.done();
  if (!stopped && !signal.aborted) log.warn({ limitMs: stopJobsMs }, "jobs did not stop in time");
}

/** The notice for the panel, and its entry among the faults for whoever comes later. */
function told({ facts, clock }: EffectParts, notice: string | null): Partial<Facts> {
  if (notice === null) return { notice };
  const now = new Date(clock.now()).toISOString();
  return { notice, faults: recordEvent(facts.get().faults, notDone(notice), now) };
}

/** What a person at the panel must be told of a change that did not stand; null when all went as asked. */
function noticeOf(outcome: ChangeOutcome | RenewOutcome): string | null {
  switch (outcome.kind) {
    case "kept":
    case "done":
    case "interrupted":
      return null;
    case "refused":
      return `NOT CHANGED: ${outcome.reason}`;
    case "busy":
      return `NOT DONE: ${outcome.reason}`;
    case "reverted":
      return `CHANGE UNDONE: ${outcome.reason}`;
    case "revertFailed":
      return `CHANGE UNDONE, STILL GOING BACK: ${outcome.reason}`;
    case "goingOn":
      return `RESET, STILL APPLYING: ${outcome.refusal.detail}`;
    case "failed":
      return `NOT RENEWED: ${outcome.reason}`;
    default:
      return never(outcome);
  }
}

async function goDown(how: "reboot" | "shutdown", parts: EffectParts, signal: AbortSignal): Promise<void> {
  const { rooms, facts, clock, power, log, messageMs } = parts;
  facts.set({ notice: null });
  rooms.contact.goDown(how);
  await Promise.all([stopJobs(parts, signal), sleep(clock, "message", messageMs, signal)]);
  if (how === "shutdown") {
    facts.set({ progress: { what: "safe-to-unplug" } });
    // The glass keeps this message after the power manager has ended us: let it get there.
    await sleep(clock, "message", messageMs, signal);
  }
  log.info({}, how === "reboot" ? "rebooting" : "powering off");
  try {
    await (how === "reboot" ? power.reboot() : power.powerOff());
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    log.error({ kind: error.kind }, error.message);
    rooms.contact.stayUp();
    facts.set(told(parts, `NOT DONE: ${error.message}`));
    // The wish may have cut the boot short.
    await rooms.startNetwork();
    await rooms.contact.settle(signal);
    await rooms.contact.contact(signal);
  }
}
