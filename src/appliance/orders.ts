import { type Clock, deadline, sleep } from "../../hal/clock.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { FactTable } from "../model/fact-table.ts";
import { runsScan } from "../model/facts.ts";
import type { Order, OrderReport } from "../model/order.ts";
import type { Result } from "../model/result.ts";
import type { ItemFailure } from "../model/scan.ts";
import type { Settings } from "../model/settings.ts";
import { reportOf } from "../network/order/report.ts";
import { parseOrder, type UnreadableOrder } from "../network/order/schema.ts";
import type { NetworkService } from "../network/service.ts";
import type { Contact } from "./contact.ts";
import { answer, lossOf, type MeasureReach } from "./reach.ts";

/**
 * How long the platform is looked for after an order: the far side may need a moment, and a switch that runs the spanning tree
 * forwards nothing for 30 s after a link has come up (IEEE 802.1D).
 */
const patienceMs = { ports: 45_000, scans: 10_000 } as const;
const pauseMs = 3000;
/** What the reach before an order may take to be measured: beyond it nothing is known to have worked. */
const baselineMs = 60_000;
const stopScansMs = 30_000;

/** Orders of the platform, one at a time. */
export interface Orders {
  /** A document from outside. */
  order(document: unknown): Promise<OrderReport>;
  /** Takes back the order that is being carried out, unless it is in force already; false: there is none. */
  cancel(): boolean;
}

export interface OrdersParts {
  readonly order: NetworkService["order"];
  /** Why the network is not to be had now; null: it is. */
  readonly busy: () => string | null;
  /** What is wrong with an order as things stand; else whether it changes more than what scans alone use. */
  readonly judge: (order: Order) => Result<{ readonly movesPorts: boolean }, readonly ItemFailure[]>;
  readonly measureReach: MeasureReach;
  readonly contact: Pick<Contact, "prepare" | "settle" | "contact">;
  readonly jobs: Pick<Jobs, "cancelAll">;
  readonly facts: FactTable;
  readonly clock: Clock;
  /** The end of the controller. */
  readonly signal: AbortSignal;
}

export function createOrders(parts: OrdersParts): Orders {
  const { measureReach, contact, jobs, facts, clock, signal } = parts;
  let current: AbortController | null = null;

  const isGoingDown = () => {
    const { phase } = facts.get();
    return signal.aborted || phase === "rebooting" || phase === "shutting-down";
  };

  /** Of an order that the network never saw. */
  const told = (report: OrderReport): OrderReport => {
    facts.set({ lastOrder: report });
    return report;
  };

  const carryOut = async (
    order: Order,
    { patienceMs, isReached, cancel }: { patienceMs: number; isReached: boolean; cancel: AbortSignal },
  ): Promise<OrderReport> => {
    const limited = AbortSignal.any([signal, cancel]);
    const measured = await baseline(measureReach, facts.get().settings, clock, limited);
    // One try that fails says little of a platform that has answered the last poll.
    const before = isReached ? { ...measured, sound: [...measured.sound, answer] } : measured;
    if (isGoingDown()) return busy(order, "the system is going down");
    const confirm = async (settings: Settings, abort: AbortSignal) => {
      const untilMs = clock.monotonic() + patienceMs;
      for (let attempt = 1; ; attempt++) {
        const loss = lossOf(before, await measureReach(settings, abort));
        // One that hung for all that time was none.
        if (loss === null || (attempt > 1 && clock.monotonic() >= untilMs)) return loss;
        await sleep(clock, "platform after an order", pauseMs, abort);
      }
    };
    return parts.order(order, { confirm, cancel });
  };

  /** As a change at the panel does: scans would go on with addresses that are no longer ours, and polls with the old way. */
  const overPorts = async (work: () => Promise<OrderReport>): Promise<OrderReport> => {
    const mine = contact.prepare();
    try {
      if (runsScan(facts.get())) {
        const limit = deadline(clock, "scans to stop", stopScansMs, signal);
        await jobs.cancelAll(limit.signal, "scan");
        limit.done();
      }
      return await work();
    } finally {
      if (!isGoingDown())
        void contact
          .settle(signal)
          .then(() => contact.contact(signal, mine))
          .catch(whenEnded);
    }
  };

  const take = async (order: Order): Promise<OrderReport> => {
    if (isGoingDown()) return busy(order, "the system is going down");
    if (current !== null) return busy(order, "an order is being carried out");
    // Before a scan is stopped for nothing, and the contact begun anew under somebody else's change.
    const reason = parts.busy();
    if (reason !== null) return busy(order, reason);
    const judged = parts.judge(order);
    if (!judged.ok) return told(refusedFor(order, judged.error));
    const { movesPorts } = judged.value;
    const { phase } = facts.get();
    const options = {
      patienceMs: movesPorts ? patienceMs.ports : patienceMs.scans,
      isReached: phase === "ready" || phase === "activation",
    };
    const mine = new AbortController();
    current = mine;
    try {
      const work = () => carryOut(order, { ...options, cancel: mine.signal });
      return await (movesPorts ? overPorts(work) : work());
    } catch (error) {
      // Before anything was touched.
      if (mine.signal.aborted) return told(reportOf(order, "canceled", "it was canceled", []));
      if (signal.aborted) return busy(order, "the system is going down");
      throw error;
    } finally {
      current = null;
    }
  };

  return {
    order: async (document) => {
      const read = parseOrder(document);
      return read.ok ? take(read.value) : told(unreadable(read.error));
    },
    cancel: () => {
      current?.abort(new Error("the order is canceled"));
      return current !== null;
    },
  };
}

function refusedFor(order: Order, flaws: readonly ItemFailure[]): OrderReport {
  const [first] = flaws;
  return reportOf(order, "refused", first === undefined ? "" : `${first.id}: ${first.message}`, flaws);
}

async function baseline(measure: MeasureReach, settings: Settings, clock: Clock, signal: AbortSignal) {
  const limit = deadline(clock, "platform before an order", baselineMs, signal);
  try {
    return await measure(settings, limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    return { sound: [], fault: null };
  } finally {
    limit.done();
  }
}

function unreadable({ message, items }: UnreadableOrder): OrderReport {
  const results = items.map((item) => ({ id: item.id, ok: false, message: item.message }));
  return { revision: null, outcome: "refused", reason: message, results };
}

function busy(order: Order, reason: string): OrderReport {
  return reportOf(order, "busy", reason, []);
}

/** The controller ends; a bug comes up where the contact itself runs. */
function whenEnded(): void {}
