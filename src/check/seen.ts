import type { Resolved } from "../../hal/resolver.ts";
import type { HttpsOutcome, LookOutcome } from "../https/https.ts";
import type { ProxyAsking } from "../https/proxy-scheme.ts";
import type { ProxyOption } from "./proxy-option.ts";
import type { Target } from "./target.ts";

/** What was seen of one host so far. null is "not looked at yet". */
export interface Seen {
  readonly target: Target;
  /** The proxy on the way, and how it is asked. */
  readonly proxy: (ProxyOption & { readonly asking: ProxyAsking }) | null;
  /** The answer for the host's name, or with a proxy for the proxy's. */
  readonly dns: Resolved | null;
  /** How long that took. */
  readonly dnsMs: number;
  /** The machine has the name from where an appliance would not look. */
  readonly nameWarning: string | null;
  /** Our own address towards the first address that was asked. */
  readonly source: string | null;
  /** What answers there, trusted or not. */
  readonly look: Extract<LookOutcome, { kind: "seen" }> | null;
  /** Our wall clock when that came, ms. */
  readonly lookedAtMs: number;
  /** The front page, the certificate verified. */
  readonly contact: HttpsOutcome | null;
}

export function nothingSeen(target: Target, proxy: ProxyOption | null): Seen {
  return {
    target,
    // Field by field: what is given may hold the password too.
    proxy: proxy === null ? null : { host: proxy.host, port: proxy.port, user: proxy.user, asking: "none" },
    dns: null,
    dnsMs: 0,
    nameWarning: null,
    source: null,
    look: null,
    lookedAtMs: 0,
    contact: null,
  };
}
