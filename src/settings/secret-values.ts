import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { silentLog } from "../model/log.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Sealer } from "../model/sealer.ts";
import { createDurableFolder } from "./durable.ts";
import { secretReferences } from "./secret-file.ts";
import { readSecrets } from "./secrets.ts";

/**
 * Every secret that a folder of settings holds, of whatever generation, without a touch on the disk: to be looked for in what
 * is given away, never to be shown. The error is a sentence for people. One that cannot be read on its own, or is not
 * opened by `sealer`, counts as none.
 */
export async function readSecretValues(
  files: Files,
  directory: string,
  sealer: Sealer | null = null,
): Promise<Result<readonly string[], string>> {
  const folder = createDurableFolder(files, directory);
  try {
    const references = secretReferences(await folder.list());
    const secrets = await readSecrets({ folder, log: silentLog, sealer, hide: () => {} });
    for (const reference of references) await secrets.open(reference);
    return ok(references.map(secrets.get).filter((secret) => secret !== null));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return error.kind === "absent" ? ok([]) : failed(error.message);
  }
}
