import { isDeepStrictEqual } from "node:util";
import type { Refusal } from "../../src/helper/privileged.ts";
import { failed, ok } from "../../src/model/result.ts";
import type { ItemFailure } from "../../src/model/scan.ts";
import type { ScanNetwork, ScanWish } from "../../src/network/scan/scan-network.ts";

export const noWish: ScanWish = { vlans: [], routes: [] };

/** The smallest namespace of scans: it is what it was told to be. Overlapping calls throw. */
export interface ModelScans extends ScanNetwork {
  /** What it holds. */
  current(): ScanWish;
  /** Every wish that was asked for, in order. */
  readonly asked: ScanWish[];
  /** The items that the kernel does not show. */
  failures: readonly ItemFailure[];
  /** Every call is refused; null: none. */
  refusal: Refusal | null;
  /** Calls end only with their signal. */
  hangs: boolean;
}

export function createModelScans(): ModelScans {
  let holds = noWish;
  let busy = false;
  const self: ModelScans = {
    current: () => holds,
    asked: [],
    failures: [],
    refusal: null,
    hangs: false,
    plan: async (wish) => {
      if (self.refusal !== null) return failed(self.refusal);
      return ok(isDeepStrictEqual(wish, holds) ? [] : [`hold ${wish.vlans.length} VLANs`]);
    },
    bring: async (wish, signal) => {
      if (busy) throw new Error("calls overlap");
      busy = true;
      try {
        self.asked.push(wish);
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        if (self.hangs) {
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }
        if (self.refusal !== null) return failed(self.refusal);
        holds = wish;
        const ids = new Set([...wish.vlans, ...wish.routes].map(({ id }) => id));
        return ok(self.failures.filter(({ id }) => ids.has(id)));
      } finally {
        busy = false;
      }
    },
  };
  return self;
}
