import { isDeepStrictEqual } from "node:util";
import type { NetworkState } from "../model/network-state.ts";
import type { Order } from "../model/order.ts";
import { ok, type Result } from "../model/result.ts";
import type { ItemFailure } from "../model/scan.ts";
import type { Settings } from "../model/settings.ts";
import { carryOrder } from "../network/order/carry-order.ts";

/** How things stand. */
export interface Standing {
  readonly standing: Settings;
  readonly network: NetworkState;
  readonly mostVlans: number;
}

/** What is wrong with an order as things stand; else whether it changes more than what scans alone use. Pure. */
export function judgeOrder(
  order: Order,
  now: Standing,
): Result<{ readonly movesPorts: boolean }, readonly ItemFailure[]> {
  const carried = carryOrder(order, now);
  if (!carried.ok) return carried;
  const { scan: _, ...ports } = carried.value;
  const { scan: __, ...before } = now.standing;
  return ok({ movesPorts: !isDeepStrictEqual(ports, before) });
}
