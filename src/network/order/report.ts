import { type Order, type OrderReport, resultsOf } from "../../model/order.ts";
import type { ItemFailure } from "../../model/scan.ts";
import type { ChangeOutcome } from "../transaction.ts";

/** With `kept` those that have failed are named; with anything else nothing of the order is in force. */
export function reportOf(
  { revision, items }: Order,
  outcome: OrderReport["outcome"],
  reason: string | null,
  failures: readonly ItemFailure[],
): OrderReport {
  const ids = items.map(({ id }) => id);
  const named = resultsOf(ids, failures);
  if (outcome === "kept") return { revision, outcome, reason, results: named };
  // The reason may be in no item at all: a rule of the ports that the order did not touch.
  const rest = `the order is not in force: ${outcome}`;
  return {
    ...{ revision, outcome, reason },
    results: named.map(({ id, message }) => ({ id, ok: false, message: message || rest })),
  };
}

/** `failures` of the items that stand in the settings and cannot be shown. */
export function reportOfChange(
  order: Order,
  outcome: ChangeOutcome,
  isCanceled: boolean,
  failures: readonly ItemFailure[],
): OrderReport {
  switch (outcome.kind) {
    case "kept":
    case "goingOn":
      return reportOf(order, "kept", null, failures);
    case "refused":
    case "busy":
      return reportOf(order, outcome.kind, outcome.reason, []);
    case "reverted":
    case "revertFailed":
      return reportOf(order, isCanceled ? "canceled" : "reverted", outcome.reason, []);
    case "interrupted":
      return reportOf(order, "reverted", "the system is going down", []);
  }
}
