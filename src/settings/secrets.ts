import { randomBytes } from "node:crypto";
import { HalError } from "../../hal/errors.ts";
import type { SecretsChange } from "../model/effect.ts";
import type { Log } from "../model/log.ts";
import type { Sealer } from "../model/sealer.ts";
import type { Settings } from "../model/settings.ts";
import { maxDocumentBytes } from "./document.ts";
import type { DurableFolder } from "./durable.ts";
import { createSecretDecoder, encodeSecret, readSecretName, secretFile } from "./secret-file.ts";

/**
 * Secrets, each in a file of its own that never holds another one. The settings hold a random reference, so that they can be
 * shown, logged and compared. A secret is on the disk before the settings that name it, and goes after those that do not:
 * whichever settings a power cut leaves, what they name is there. A file is sealed where the machine can; one that is not is
 * replaced, whole, by the same secret sealed: whichever of the two a power cut leaves is right.
 *
 * Only `put` rejects with a HalError.
 */
export interface Secrets {
  /** null: there is none of this name, or it was not opened. */
  get(reference: string | null): string | null;
  /** How it lies on the disk; null: there is none. */
  kept(reference: string | null): "sealed" | "plain" | null;
  /** Why it could not be opened when that was tried last; null: it could, or nothing was tried. */
  problem(reference: string | null): string | null;
  /** The settings, with no reference in them that leads nowhere. */
  known(settings: Settings): Settings;
  /** Gives the settings their new secret. It is safe once the folder has settled. */
  put(settings: Settings, change: SecretsChange | undefined): Promise<Settings>;
  /** Opens a sealed one, if that has not been done. Takes as long as the sealer does. */
  open(reference: string | null): Promise<void>;
  /** Seals those that lie in clear, if the machine can by now. */
  seal(): Promise<void>;
  /** Removes all secrets that none of these settings names. What the disk does not let go of goes another time. */
  keep(naming: readonly Settings[]): Promise<void>;
}

export interface SecretsParts {
  readonly folder: DurableFolder;
  readonly log: Log;
  /** null: nothing here seals. */
  readonly sealer: Sealer | null;
  /** Is told each secret that comes to be known in clear. */
  readonly hide: (secret: string) => void;
}

type Held =
  | { readonly stored: "plain"; readonly secret: string; readonly problem: null }
  /** `secret`: null where it was not opened. */
  | {
      readonly stored: "sealed";
      readonly secret: string | null;
      readonly sealed: string;
      readonly problem: string | null;
    };

const noSealer = "nothing here seals or opens secrets";

/**
 * Reads what a folder holds. A secret that cannot be read counts as none, and stays where it is while it is named; each is
 * read and removed on its own, so that one that the disk does not give costs no other. Nothing is opened yet.
 */
export async function readSecrets({ folder, log, sealer, hide }: SecretsParts): Promise<Secrets> {
  const decode = createSecretDecoder();
  const secrets = new Map<string, Held>();
  const hold = (reference: string, held: Held) => {
    if (held.secret !== null) hide(held.secret);
    secrets.set(reference, held);
  };
  const plain = (secret: string): Held => ({ stored: "plain", secret, problem: null });

  const load = async (name: string, reference: string) => {
    const decoded = decode(reference, await folder.read(name, maxDocumentBytes));
    if (!decoded.ok) log.error({ reference, detail: decoded.error }, "settings: a secret cannot be read");
    else if ("secret" in decoded.value) hold(reference, plain(decoded.value.secret));
    else hold(reference, { stored: "sealed", secret: null, sealed: decoded.value.sealed, problem: null });
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
      const file = readSecretName(name);
      if (file === null || file.unfinished) continue;
      await unlessRefused(`reading ${name}`, () => load(name, file.reference));
    }
  });

  /** Sealed, or as it is, with the reason in the log. */
  const sealed = async (reference: string, secret: string): Promise<Held> => {
    // What seals it may complain, and must not say it either.
    hide(secret);
    const answer = await sealer?.seal(reference, secret);
    if (answer?.ok) {
      log.info({ reference }, "settings: a secret is sealed");
      return { stored: "sealed", secret, sealed: answer.value, problem: null };
    }
    const detail = answer?.error.detail ?? noSealer;
    log.warn({ reference, detail }, "settings: a secret is not sealed; it lies in a file of mode 0600");
    return plain(secret);
  };
  const write = (reference: string, held: Held) => {
    const stored = held.stored === "sealed" ? { sealed: held.sealed } : { secret: held.secret };
    return folder.replace(secretFile(reference), encodeSecret(reference, stored));
  };

  /** What is removed must not be written again, nor what is being written be taken for left behind. */
  let last: Promise<void> = Promise.resolve();
  const alone = (step: () => Promise<void>) => {
    const done = last.then(step);
    last = done.catch(() => {});
    return done;
  };

  const find = (reference: string | null) => (reference === null ? undefined : secrets.get(reference));

  const known = (settings: Settings): Settings => {
    const { proxy } = settings;
    if (proxy === null || proxy.passwordRef === null || secrets.has(proxy.passwordRef)) return settings;
    return { ...settings, proxy: { ...proxy, passwordRef: null } };
  };

  return {
    get: (reference) => find(reference)?.secret ?? null,
    kept: (reference) => find(reference)?.stored ?? null,
    problem: (reference) => find(reference)?.problem ?? null,
    known,
    put: async (settings, change) => {
      const { proxy } = settings;
      if (proxy === null || change === undefined || change === "forget") return known(settings);
      const passwordRef = randomBytes(16).toString("hex");
      const held = await sealed(passwordRef, change.proxyPassword);
      await write(passwordRef, held);
      hold(passwordRef, held);
      return { ...settings, proxy: { ...proxy, passwordRef } };
    },
    open: async (reference) => {
      const held = find(reference);
      if (reference === null || held?.stored !== "sealed" || held.secret !== null) return;
      const answer = await sealer?.open(reference, held.sealed);
      // It may have been forgotten, or opened by another, meanwhile.
      if (secrets.get(reference) !== held) return;
      if (answer?.ok) return hold(reference, { ...held, secret: answer.value, problem: null });
      const problem = answer?.error.detail ?? noSealer;
      if (problem !== held.problem) log.error({ reference, detail: problem }, "settings: a secret cannot be opened");
      hold(reference, { ...held, problem });
    },
    seal: async () => {
      for (const [reference, held] of [...secrets]) {
        if (held.stored === "sealed") continue;
        const better = await sealed(reference, held.secret);
        if (better.stored === "plain") return;
        await unlessRefused("sealing a secret", () =>
          alone(async () => {
            if (secrets.get(reference) !== held) return;
            await write(reference, better);
            hold(reference, better);
            await folder.settle();
          }),
        );
      }
    },
    keep: async (naming) => {
      const named = new Set(naming.map(({ proxy }) => proxy?.passwordRef ?? null));
      for (const reference of secrets.keys()) if (!named.has(reference)) secrets.delete(reference);
      const removeOthers = async () => {
        for (const name of await folder.list()) {
          const file = readSecretName(name);
          if (file === null || (!file.unfinished && named.has(file.reference))) continue;
          await unlessRefused(`removing ${name}`, () => folder.remove(name));
        }
      };
      await unlessRefused("removing secrets", () => alone(removeOthers));
    },
  };
}
