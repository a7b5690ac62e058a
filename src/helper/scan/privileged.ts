import type { Result } from "../../model/result.ts";
import type { Refusal } from "../privileged.ts";
import type { RefusedLink } from "./links.ts";
import type { KernelRoute, ScanQuestion, ScanState } from "./read.ts";
import type { LinkChange, RefusedRoute } from "./verbs.ts";

/**
 * The links of the scans, which need CAP_NET_ADMIN, on both sides: made beside the port, all else inside their namespace. What
 * is refused of a request is named; the rest of it is done. Lists have at most `maxItems`. All reject with the signal's reason
 * when it aborts; what has begun may still be done then.
 */
export interface ScanPrivileged {
  /** At most `maxNamed` tags. */
  readState(question: ScanQuestion, signal: AbortSignal): Promise<Result<ScanState, Refusal>>;
  makeLinks(tags: readonly number[], signal: AbortSignal): Promise<Result<readonly RefusedLink[], Refusal>>;
  removeLinks(tags: readonly number[], signal: AbortSignal): Promise<Result<readonly RefusedLink[], Refusal>>;
  setLinks(changes: readonly LinkChange[], signal: AbortSignal): Promise<Result<readonly RefusedLink[], Refusal>>;
  /** Removes first. */
  setRoutes(
    routes: { readonly remove: readonly KernelRoute[]; readonly add: readonly KernelRoute[] },
    signal: AbortSignal,
  ): Promise<Result<readonly RefusedRoute[], Refusal>>;
}
