import { randomBytes } from "node:crypto";
import * as z from "zod";
import { HalError } from "../../hal/errors.ts";
import type { SecretsChange } from "../model/effect.ts";
import type { Log } from "../model/log.ts";
import type { Settings } from "../model/settings.ts";
import { decodeDocument, encodeDocument, maxDocumentBytes } from "./document.ts";
import type { DurableFolder } from "./durable.ts";
import { schemaVersion } from "./schema.ts";

const fileOf = (reference: string) => `secret-${reference}.json`;
const fileName = /^secret-([0-9a-f]{32})\.json(\.tmp)?$/;

/** The references that the files of a folder are named after. */
export function secretReferences(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const [, reference, unfinished] = fileName.exec(name) ?? [];
    return reference === undefined || unfinished !== undefined ? [] : [reference];
  });
}

/**
 * Secrets, each in a file of its own that is never written twice. The settings hold a random reference, so that they can be
 * shown, logged and compared. A secret is on the disk before the settings that name it, and goes after those that do not:
 * whichever settings a power cut leaves, what they name is there.
 *
 * Only `put` rejects with a HalError.
 */
export interface Secrets {
  /** null: there is none of this name. */
  get(reference: string | null): string | null;
  /** The settings, with no reference in them that leads nowhere. */
  known(settings: Settings): Settings;
  /** Gives the settings their new secret. It is safe once the folder has settled. */
  put(settings: Settings, change: SecretsChange | undefined): Promise<Settings>;
  /** Removes all secrets that none of these settings names. What the disk does not let go of goes another time. */
  keep(naming: readonly Settings[]): Promise<void>;
}

/**
 * Reads what a folder holds. A secret that cannot be read counts as none, and stays where it is while it is named; each is
 * read and removed on its own, so that one that the disk does not give costs no other.
 */
export async function readSecrets(folder: DurableFolder, log: Log): Promise<Secrets> {
  const schema = z.strictObject({
    schema: z.int(),
    // Which one it is: a password must not go to a proxy that it is not for. The first files had none.
    reference: z.string().optional(),
    secret: z.string().min(1).max(256),
  });
  const secrets = new Map<string, string>();
  const load = async (name: string, reference: string) => {
    const decoded = decodeDocument(schema, await folder.read(name, maxDocumentBytes));
    const fits = decoded.ok && (decoded.value.reference ?? reference) === reference;
    if (fits) secrets.set(reference, decoded.value.secret);
    else {
      const detail = decoded.ok ? "it is another one" : decoded.error.detail;
      log.error({ reference, detail }, "settings: a secret cannot be read");
    }
  };
  const unlessRefused = async (what: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof HalError)) throw error;
      log.warn({ kind: error.kind, detail: error.message }, `settings: ${what} failed`);
    }
  };
  await unlessRefused("reading secrets", async () => {
    for (const name of await folder.list()) {
      const [, reference, unfinished] = fileName.exec(name) ?? [];
      if (reference === undefined || unfinished !== undefined) continue;
      await unlessRefused(`reading ${name}`, () => load(name, reference));
    }
  });

  const get: Secrets["get"] = (reference) => (reference === null ? null : (secrets.get(reference) ?? null));

  const known = (settings: Settings): Settings => {
    const { proxy } = settings;
    if (proxy === null || proxy.passwordRef === null || secrets.has(proxy.passwordRef)) return settings;
    return { ...settings, proxy: { ...proxy, passwordRef: null } };
  };

  return {
    get,
    known,
    put: async (settings, change) => {
      const { proxy } = settings;
      if (proxy === null || change === undefined || change === "forget") return known(settings);
      const passwordRef = randomBytes(16).toString("hex");
      const document = { schema: schemaVersion, reference: passwordRef, secret: change.proxyPassword };
      await folder.replace(fileOf(passwordRef), encodeDocument(document));
      secrets.set(passwordRef, change.proxyPassword);
      return { ...settings, proxy: { ...proxy, passwordRef } };
    },
    keep: async (naming) => {
      const named = new Set(naming.map(({ proxy }) => proxy?.passwordRef ?? null));
      const isNamed = (reference: string, unfinished: string | undefined) =>
        unfinished === undefined && named.has(reference);
      for (const reference of secrets.keys()) if (!named.has(reference)) secrets.delete(reference);
      await unlessRefused("removing secrets", async () => {
        for (const name of await folder.list()) {
          const [, reference, unfinished] = fileName.exec(name) ?? [];
          if (reference === undefined || isNamed(reference, unfinished)) continue;
          await unlessRefused(`removing ${name}`, () => folder.remove(name));
        }
      });
    },
  };
}
