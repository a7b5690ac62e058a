import * as z from "zod/mini";
import type { Processes } from "../../../hal/processes.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import { maxSealedLength, maxSecretLength } from "../../model/sealer.ts";
import type { Refusal } from "../privileged.ts";
import { runProgram } from "../program.ts";
import { secretVerb, strict } from "../verb.ts";

/** Together below what the one who asks waits for. A TPM takes up to a second for one. */
const timeoutMs = 4000;

const reference = z.string().check(z.regex(/^[0-9a-f]{32}$/, { error: "must be 32 hexadecimal digits" }));
const secret = z
  .string({ error: "must be a text" })
  .check(z.minLength(1, { error: "must not be empty" }))
  .check(z.maxLength(maxSecretLength, { error: `must be at most ${maxSecretLength} characters` }));
const sealed = z
  .string({ error: "must be base64" })
  .check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/, { error: "must be base64" }))
  .check(z.maxLength(maxSealedLength, { error: `must be at most ${maxSealedLength} characters` }));

/**
 * What the helper of the secrets does, and nothing else. The reference is part of the credential's name, which systemd-creds
 * seals as well: neither another secret of ours nor anybody else's credential is opened by it.
 */
export const sealVerbs = {
  seal: secretVerb("seal", {
    arguments: strict({ reference, secret }),
    value: sealed,
    run: async ({ reference, secret }, { processes }, signal) => {
      const done = await encrypt(processes, reference, secret, signal);
      if (!done.ok) return done;
      const opened = await decrypt(processes, reference, done.value, signal);
      if (!opened.ok) return opened;
      if (opened.value === secret) return done;
      return failed({ kind: "refused", detail: "what was sealed opens as something else" });
    },
  }),
  open: secretVerb("open", {
    arguments: strict({ reference, sealed }),
    value: secret,
    run: ({ reference, sealed }, { processes }, signal) => decrypt(processes, reference, sealed, signal),
  }),
} as const;

type Done = Promise<Result<string, Refusal>>;

/**
 * `auto`: by the TPM2 and the host key where there are both, else by the one that there is, and by none at all where the host
 * key would lie in memory. systemd-creds makes the host key when there is none yet. No PCR: by default a TPM2 would not open
 * after an update of the firmware (systemd 252 to 257 bind to PCR 7).
 */
async function encrypt(processes: Processes, reference: string, secret: string, signal: AbortSignal): Done {
  const how = ["--with-key=auto", "--tpm2-pcrs="] as const;
  const done = await run(processes, ["encrypt", reference, ...how], secret, signal);
  // It breaks the base64 into lines.
  return done.ok ? ok(done.value.replaceAll("\n", "")) : done;
}

function decrypt(processes: Processes, reference: string, sealed: string, signal: AbortSignal): Done {
  return run(processes, ["decrypt", reference], sealed, signal);
}

function run(
  processes: Processes,
  [order, reference, ...options]: readonly [order: "encrypt" | "decrypt", reference: string, ...options: string[]],
  input: string,
  signal: AbortSignal,
): Done {
  const argv = ["systemd-creds", `--name=bezel-${reference}`, ...options, order, "-", "-"] as const;
  return runProgram(processes, argv, { package: "systemd", timeoutMs, input, reasonAt: "last", signal });
}
