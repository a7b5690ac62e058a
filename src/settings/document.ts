import { createHash } from "node:crypto";
import * as z from "zod";
import { failed, ok, type Result } from "../model/result.ts";
import { schemaVersion } from "./schema.ts";

/** A stored file holds at most this; a longer one is damaged. 4094 VLANs with long names take 0.9 MB. */
export const maxDocumentBytes = 2 * 1024 * 1024;

/** Why a file was not understood. `newer`: written by a later version of this program, and undamaged. */
export type Unreadable = { readonly kind: "damaged" | "newer"; readonly detail: string };

function checksum(body: string): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

/** One line of JSON and one line with its checksum: flash memory returns wrong bits without an error. */
export function encodeDocument(document: object): Uint8Array {
  const body = JSON.stringify(document);
  return new TextEncoder().encode(`${body}\n${checksum(body)}\n`);
}

/** Reverses {@link encodeDocument}. Never throws, whatever the bytes. */
export function decodeDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array): Result<T, Unreadable> {
  const damaged = (detail: string) => failed<Unreadable>({ kind: "damaged", detail });
  const text = decodeUtf8(bytes);
  const [body, sum, end, ...rest] = text?.split("\n") ?? [];
  if (body === undefined || sum === undefined || end !== "" || rest.length > 0) return damaged("cut off or not ours");
  if (sum !== checksum(body)) return damaged("the checksum does not match");
  const value = parseJson(body);
  const version = versionOf(value);
  if (version === null) return damaged("no version number");
  if (version > schemaVersion) return failed({ kind: "newer", detail: `from a newer version (schema ${version})` });
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : damaged(z.prettifyError(parsed.error).split("\n", 1).join(""));
}

function versionOf(value: unknown): number | null {
  const version = typeof value === "object" && value !== null && "schema" in value ? value.schema : null;
  return typeof version === "number" && Number.isInteger(version) && version >= 1 ? version : null;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    // A byte order mark is kept: what we wrote has none, so its presence is damage.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
