import type { ItemFailure } from "./scan.ts";

/** One thing that the platform wants. `value` is checked by its kind. */
export interface OrderItem {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`; once in an order. */
  readonly id: string;
  readonly kind: string;
  readonly value: unknown;
}

/**
 * Settings as the platform orders them. VLANs and routes of scans are those of the order, all of them and no others; of the
 * ports and the proxy only what an item names is changed.
 */
export interface Order {
  readonly revision: number;
  readonly items: readonly OrderItem[];
}

/** What became of an order. */
export interface OrderReport {
  /** null: the document could not be read. */
  readonly revision: number | null;
  /** `kept`: it is in force. With any other the settings before are. */
  readonly outcome: "kept" | "refused" | "reverted" | "canceled" | "busy";
  /** For people; null when it was kept. */
  readonly reason: string | null;
  /** One for each item, in the order's order. `message` is empty where all is well. */
  readonly results: readonly OrderResult[];
}

export interface OrderResult {
  readonly id: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Results of items, some of which have failed. */
export function resultsOf(ids: readonly string[], failures: readonly ItemFailure[]): readonly OrderResult[] {
  const messages = new Map(failures.map(({ id, message }) => [id, message]));
  return ids.map((id) => ({ id, ok: !messages.has(id), message: messages.get(id) ?? "" }));
}
