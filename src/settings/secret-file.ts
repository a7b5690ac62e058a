import * as z from "zod";
import { failed, ok, type Result } from "../model/result.ts";
import { maxSealedLength, maxSecretLength } from "../model/sealer.ts";
import { decodeDocument, encodeDocument } from "./document.ts";
import { schemaVersion } from "./schema.ts";

/** A secret as its file holds it: for everybody who reads the file, or for this machine alone. */
export type StoredSecret = { readonly secret: string } | { readonly sealed: string };

export const secretFile = (reference: string) => `secret-${reference}.json`;
const fileName = /^secret-([0-9a-f]{32})\.json(\.tmp)?$/;

/** Whose file it is, and whether it was never finished; null: no secret's. */
export function readSecretName(name: string): { readonly reference: string; readonly unfinished: boolean } | null {
  const [, reference, unfinished] = fileName.exec(name) ?? [];
  return reference === undefined ? null : { reference, unfinished: unfinished !== undefined };
}

/** The references that the files of a folder are named after. */
export function secretReferences(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const file = readSecretName(name);
    return file === null || file.unfinished ? [] : [file.reference];
  });
}

export function encodeSecret(reference: string, stored: StoredSecret): Uint8Array {
  return encodeDocument({ schema: schemaVersion, reference, ...stored });
}

/** Reads the file of this reference; the error is for people. Made once a store: see `createStoreSchemas`. */
export function createSecretDecoder(): (reference: string, bytes: Uint8Array) => Result<StoredSecret, string> {
  // Which one it is: a password must not go to a proxy that it is not for. The first files had none.
  const common = { schema: z.int(), reference: z.string().optional() };
  const schema = z.union([
    z.strictObject({ ...common, secret: z.string().min(1).max(maxSecretLength) }),
    z.strictObject({ ...common, sealed: z.base64().min(1).max(maxSealedLength) }),
  ]);
  return (reference, bytes) => {
    const decoded = decodeDocument(schema, bytes);
    if (!decoded.ok) return failed(decoded.error.detail);
    if ((decoded.value.reference ?? reference) !== reference) return failed("it is another one");
    return ok("sealed" in decoded.value ? { sealed: decoded.value.sealed } : { secret: decoded.value.secret });
  };
}
