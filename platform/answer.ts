import type { RefusalReason } from "../src/uplink/protocol.ts";

/** How the platform answers. All but `ok` are faults, from the connection up to the account. */
export const platformAnswers = [
  "ok",
  "401",
  "500",
  /** Accepts the connection and says nothing. */
  "hang",
  /** Accepts the connection and resets it once the client speaks. */
  "reset",
  /** Does not listen. */
  "refused",
  /** Shows a certificate of another authority. */
  "other-certificate",
  "unknown-appliance",
  "disabled",
  "expired",
  "unknown-scan",
] as const;
export type PlatformAnswer = (typeof platformAnswers)[number];

/** The answers that are a 403 to every appliance. */
export const refusingAnswers: Partial<Record<PlatformAnswer, RefusalReason>> = {
  "unknown-appliance": "unknown-appliance",
  disabled: "disabled",
  expired: "account-expired",
  "unknown-scan": "unknown-scan",
};

/** The `message` of a 403. */
export const refusalMessages: Readonly<Record<RefusalReason, string>> = {
  "unknown-appliance": "This appliance was removed from its account",
  disabled: "This scanner is disabled",
  "account-expired": "The account has expired",
  "unknown-scan": "This scan_id does not exist",
};
