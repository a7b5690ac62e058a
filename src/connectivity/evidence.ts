import type { Resolved } from "../../hal/resolver.ts";
import type { HttpsOutcome } from "../https/https.ts";
import type { ProxyAsked } from "../https/request-by-proxy.ts";
import type { NetworkState } from "../model/network-state.ts";
import type { PortName, Settings } from "../model/settings.ts";
import type { PresentedChain } from "./certificate.ts";

/** How the platform's answer reads, judged by whoever speaks its protocol. */
export type PlatformAnswer =
  | { readonly kind: "accepted"; readonly detail: string }
  /** It does not keep the protocol: no JSON, wrong fields, an old nonce. */
  | { readonly kind: "malformed"; readonly detail: string }
  /** What it says of a status that is a failure. */
  | { readonly kind: "failed"; readonly detail: string }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly detail: string };

/** As the platform words it; `device-certificate` is for a platform that refuses it above TLS. */
export type RefusalReason =
  | "unknown-appliance"
  | "unknown-scan"
  | "disabled"
  | "account-expired"
  | "device-certificate";

/** How one contact with the platform ended. `answer` is null when no reply came or nobody has judged it. */
export interface Contact {
  readonly https: HttpsOutcome;
  readonly answer: PlatformAnswer | null;
  /** How the proxy was asked; null without one, not there where nobody knows. */
  readonly asked?: ProxyAsked | null;
  /** What the platform has presented, verified; not there where nobody asked for it. */
  readonly chain?: PresentedChain | null;
}

/** What was seen of whoever answers in the platform's place, without trusting it and without telling it anything of ours. */
export interface Look {
  /** null: no certificate was presented, or none that can be read. */
  readonly chain: PresentedChain | null;
  /** How the look itself ended, as curl's exit code; 0: an HTTP server answered. */
  readonly exitCode: number;
  /** curl's words for that. */
  readonly message: string;
  /** Our wall clock then and the answer's `Date:`, ms; null: it told none. */
  readonly ourMs: number;
  readonly farMs: number | null;
  /** Where a redirect leads to. */
  readonly location: string | null;
}

/** What was observed. null is "not looked at yet", and is never taken for good or bad. */
export interface Evidence {
  /** Settings in force. */
  readonly settings: Settings;
  readonly network: NetworkState;
  /** Name or address in the platform's URL. */
  readonly platformHost: string;
  /** The platform has ever known this box as active. */
  readonly activated: boolean;
  /** A person switched the proxy off, and no poll was good since. */
  readonly proxyJustDisabled: boolean;
  /** Is a password stored for the proxy, and why it cannot be had. */
  readonly proxyAuth: { readonly password: boolean; readonly problem?: string | null } | null;
  /** Why the machine cannot be read: nothing is known of its ports then. */
  readonly networkUnread: string | null;
  /** The machine refused to bring a port to its settings. */
  readonly configurationRefused: { readonly port: PortName; readonly detail: string } | null;
  /** Why there is no device certificate to show; null when there is one. */
  readonly identityProblem: string | null;
  readonly curl: { readonly installed: boolean; readonly ntlm: boolean } | null;
  /** The answer for {@link nameToResolve}. */
  readonly dns: Resolved | null;
  readonly contact: Contact | null;
  readonly look: Look | null;
}
