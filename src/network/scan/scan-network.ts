import type { Refusal } from "../../helper/privileged.ts";
import type { Result } from "../../model/result.ts";
import type { ItemFailure, ScanRoute, ScanVlan } from "../../model/scan.ts";

/** What the network namespace of the scans is to hold, and nothing else. */
export interface ScanWish {
  readonly vlans: readonly ScanVlan[];
  /** Those whose gateway is in one of these VLANs; routes via LAN and WAN are those ports' own. */
  readonly routes: readonly ScanRoute[];
}

/** The network of the scans beside the two ports. Implementations: the kernel's namespace `scan`, and the bench. */
export interface ScanNetwork {
  /**
   * Brings the namespace to the wish: reads what is there, changes the difference and nothing else, and reads back. The items
   * that the kernel does not show are named; the others stand. Once it is there a call changes nothing. Refused: the namespace
   * could not be read or changed at all. Rejects with the signal's reason when it aborts: then it is anywhere between, and the
   * next call goes on from there.
   */
  bring(wish: ScanWish, signal: AbortSignal): Promise<Result<readonly ItemFailure[], Refusal>>;
  /** What `bring` would do, a line a step, for people; none where all is there. Only reads. */
  plan(wish: ScanWish, signal: AbortSignal): Promise<Result<readonly string[], Refusal>>;
}
