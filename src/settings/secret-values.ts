import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { silentLog } from "../model/log.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Sealer } from "../model/sealer.ts";
import { createDurableFolder } from "./durable.ts";
import { secretReferences } from "./secret-file.ts";
import { readSecrets } from "./secrets.ts";

export interface SecretValues {
  readonly values: readonly string[];
  /** So many more are there, and cannot be read on their own or are not opened. */
  readonly unknown: number;
}

/**
 * Every secret that a folder of settings holds, of whatever generation, without a touch on the disk: to be looked for in what
 * is given away, never to be shown. The error is a sentence for people. Sealed ones are opened by `sealer`.
 */
export async function readSecretValues(
  files: Files,
  directory: string,
  sealer: Sealer | null = null,
): Promise<Result<SecretValues, string>> {
  const folder = createDurableFolder(files, directory);
  try {
    const references = secretReferences(await folder.list());
    const secrets = await readSecrets({ folder, log: silentLog, sealer, hide: () => {} });
    for (const reference of references) await secrets.open(reference);
    const values = references.map(secrets.get).filter((secret) => secret !== null);
    return ok({ values, unknown: references.length - values.length });
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return error.kind === "absent" ? ok({ values: [], unknown: 0 }) : failed(error.message);
  }
}
