import type { Result } from "./result.ts";

/** Why a secret was not sealed, or not opened. `detail` is for people, and holds nothing of the secret. */
export interface SealProblem {
  /** `refused`: this machine cannot. `unavailable`, `timeout`: whoever does it was not there, which may pass. */
  readonly kind: "refused" | "unavailable" | "timeout";
  readonly detail: string;
}

/**
 * Locks secrets so that they are opened on this machine only, and there under the reference only under which they were sealed:
 * 32 lower-case hexadecimal digits. Each call ends within ten seconds.
 */
export interface Sealer {
  /** `secret`: 1 to 256 characters. The result is base64 and has been opened once, to see that it can be. */
  seal(reference: string, secret: string): Promise<Result<string, SealProblem>>;
  open(reference: string, sealed: string): Promise<Result<string, SealProblem>>;
}

/** As long as sealed texts may be, in characters of base64: half of it is what a TPM adds. */
export const maxSealedLength = 3000;
/** UTF-16 units. */
export const maxSecretLength = 256;
