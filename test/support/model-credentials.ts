import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Argv, Exited, Processes, RunOptions } from "../../hal/processes.ts";
import { failed, ok } from "../../src/model/result.ts";
import type { Sealer } from "../../src/model/sealer.ts";

/** What a machine seals with; null: it has neither a host key nor a TPM2. */
export type MachineKey = string | null;

function seal(key: string, name: string, secret: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", createHash("sha256").update(key).digest(), iv);
  const text = cipher.update(JSON.stringify({ name, secret }), "utf8");
  return Buffer.concat([iv, text, cipher.final(), cipher.getAuthTag()]);
}

/** null: sealed elsewhere, or damaged. */
export function openSealed(key: string, sealed: Buffer): { readonly name: string; readonly secret: string } | null {
  if (sealed.length < 28) return null;
  const cipher = createDecipheriv("aes-256-gcm", createHash("sha256").update(key).digest(), sealed.subarray(0, 12));
  cipher.setAuthTag(sealed.subarray(-16));
  try {
    return JSON.parse(cipher.update(sealed.subarray(12, -16), undefined, "utf8") + cipher.final("utf8"));
  } catch {
    return null;
  }
}

/**
 * systemd-creds(1) as systemd 252 has it, for two orders and no other words. It says its warning before its complaint, breaks
 * its base64 into lines of 79, and seals the name together with the secret.
 */
export function createModelCredentials(machine: { key: MachineKey }) {
  const runs: Argv[] = [];
  const exited = (code: number, stdout: string, complaint: string): Exited => {
    const warning = "Credential secret file '/var/lib/systemd/credential.secret' is not located on encrypted media.";
    return { kind: "exited", code, stdout, stderr: `${warning}\n${complaint}` };
  };
  const run = async (argv: Argv, { inputs = {} }: RunOptions): Promise<Exited> => {
    runs.push(argv);
    const [program, named = "", ...words] = argv;
    const name = /^--name=(\S+)$/.exec(named)?.[1];
    const input = Buffer.from(inputs[0] ?? "");
    const order = words.join(" ");
    if (program !== "systemd-creds" || name === undefined)
      throw new Error(`a call that nobody knows: ${argv.join(" ")}`);
    if (order === "--with-key=auto --tpm2-pcrs= encrypt - -") {
      if (machine.key === null)
        return exited(1, "", "TPM2 not available and host key located on temporary file system.\n");
      const text = seal(machine.key, name, input.toString()).toString("base64");
      return exited(0, text.replace(/.{79}/g, "$&\n").concat("\n"), "");
    }
    if (order !== "decrypt - -") throw new Error(`a call that nobody knows: ${argv.join(" ")}`);
    if (machine.key === null)
      return exited(1, "", "Failed to determine local credential key: No such file or directory\n");
    const opened = openSealed(machine.key, Buffer.from(input.toString(), "base64"));
    if (opened === null) return exited(1, "", "Failed to decrypt credential: Bad message\n");
    if (opened.name === name) return exited(0, opened.secret, "");
    return exited(1, "", `Embedded credential name '${opened.name}' does not match filename '${name}', refusing.\n`);
  };
  return { runs, processes: { run } satisfies Processes };
}

export interface ModelSealer extends Sealer {
  key: MachineKey;
  /** Whoever seals and opens is not there. */
  missing: boolean;
  /** `seal` and `open`, in the order in which they were asked for. */
  readonly asked: string[];
}

/** A sealer that answers at once, by a key that can be changed. */
export function createModelSealer(key: MachineKey = "host"): ModelSealer {
  const away = failed({ kind: "unavailable" as const, detail: "nobody listens" });
  const refused = (detail: string) => failed({ kind: "refused" as const, detail });
  const model: ModelSealer = {
    key,
    missing: false,
    asked: [],
    seal: async (reference, secret) => {
      model.asked.push("seal");
      if (model.missing) return away;
      if (model.key === null) return refused("no host key, no TPM2");
      return ok(seal(model.key, reference, secret).toString("base64"));
    },
    open: async (reference, sealed) => {
      model.asked.push("open");
      if (model.missing) return away;
      const opened = model.key === null ? null : openSealed(model.key, Buffer.from(sealed, "base64"));
      return opened?.name === reference ? ok(opened.secret) : refused("sealed elsewhere");
    },
  };
  return model;
}
