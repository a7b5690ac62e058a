import type { Resolved } from "../../hal/resolver.ts";
import type { HttpsOutcome } from "../https/https.ts";
import type { NetworkState } from "../model/network-state.ts";
import type { PortName, Settings } from "../model/settings.ts";

/** How the platform's answer reads, judged by whoever speaks its protocol. */
export type PlatformAnswer =
  | { readonly kind: "accepted" }
  /** It does not keep the protocol: no JSON, wrong fields, an old nonce. */
  | { readonly kind: "malformed"; readonly detail: string }
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
  /** A person switched the proxy off and no contact was made since. */
  readonly proxyJustDisabled: boolean;
  /** Is a password stored, and by which scheme the proxy is asked. */
  readonly proxyAuth: {
    readonly password: boolean;
    /** Why the stored password cannot be had. */
    readonly problem?: string | null;
    readonly scheme: "none" | "basic" | "ntlm";
  } | null;
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
}
