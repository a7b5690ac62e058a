import type { Resolved } from "../../hal/resolver.ts";
import type { HttpsOutcome, LookOutcome } from "../https/https.ts";
import type { ProxyAsked } from "../https/request-by-proxy.ts";
import type { ProxyOption } from "./proxy-option.ts";
import type { Target } from "./target.ts";

/** What was seen of one host so far. null is "not looked at yet". */
export interface Seen {
  readonly target: Target;
  /** The proxy on the way; no password. */
  readonly proxy: ProxyOption | null;
  /** The answer for the host's name, or with a proxy for the proxy's. */
  readonly dns: Resolved | null;
  /** How long that took. */
  readonly dnsMs: number;
  /** The machine has the name from where an appliance would not look. */
  readonly nameWarning: string | null;
  /** Our own address towards the first address that was asked. */
  readonly source: string | null;
  /** The front page, the certificate verified. */
  readonly contact: HttpsOutcome | null;
  /** How the proxy was asked for it; null without one. */
  readonly asked: ProxyAsked | null;
  /** What answers there, trusted or not; null also where there was nothing to look at. */
  readonly look: Extract<LookOutcome, { kind: "seen" }> | null;
  /** Our wall clock when that came, ms. */
  readonly lookedAtMs: number;
}

export function nothingSeen(target: Target, proxy: ProxyOption | null): Seen {
  return {
    target,
    proxy,
    dns: null,
    dnsMs: 0,
    nameWarning: null,
    source: null,
    contact: null,
    asked: null,
    look: null,
    lookedAtMs: 0,
  };
}
