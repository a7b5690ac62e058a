import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type Appliance, applianceSchema } from "./appliance.ts";
import { makeServerCertificate, type ServerCertificate } from "./certificates.ts";

/** What survives the platform's restart. */
export interface PlatformStore {
  load(): Promise<Appliance[]>;
  /** Writes follow one another; the last one counts. */
  save(appliances: readonly Appliance[]): Promise<void>;
  /** The platform's authority and server certificate for these names: made once. */
  certificate(names: readonly string[]): Promise<ServerCertificate>;
}

/** Forgets everything. */
export function createMemoryStore(): PlatformStore {
  return { load: async () => [], save: async () => {}, certificate: makeServerCertificate };
}

const certificateSchema = z.strictObject({
  names: z.array(z.string()),
  caPem: z.string(),
  certificatePem: z.string(),
  keyPem: z.string(),
});

/** Keeps `appliances.json` and `certificate.json` in a folder, which is made when missing. */
export function createFolderStore(directory: string): PlatformStore {
  let last: Promise<void> = Promise.resolve();

  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T | null> => {
    const path = join(directory, name);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new Error(`${path} is damaged: repair or remove it, then start the platform again`, { cause });
    }
  };
  const write = async (name: string, value: unknown) => {
    const path = join(directory, name);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };

  return {
    load: async () => (await read("appliances.json", z.array(applianceSchema))) ?? [],
    save: (appliances) => {
      const write_ = () => write("appliances.json", appliances);
      last = last.then(write_, write_);
      return last;
    },
    certificate: async (names) => {
      const stored = await read("certificate.json", certificateSchema);
      if (stored !== null && stored.names.join() === names.join()) return stored;
      const made = await makeServerCertificate(names);
      await write("certificate.json", { names, ...made });
      return made;
    },
  };
}
