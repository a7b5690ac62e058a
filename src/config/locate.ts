import { parse } from "smol-toml";

/**
 * The lines, from 1, on which these keys (such as `panel.cols`) begin in a valid TOML text; a key that is not there gets the
 * line of its table, or null.
 *
 * The parser keeps no positions, so it is asked itself: a key begins after the last line up to which the text is valid
 * without it. That costs a parse a line, for a text that is refused anyway, and cannot disagree with the parser.
 */
export function locate(text: string, keys: readonly string[]): ReadonlyMap<string, number | null> {
  const wanted = new Set(keys.flatMap((key) => [key, ...tablesOf(key)]));
  const found = new Map<string, number>();
  const lines = text.split(/\r?\n/);
  let validLines = 0;
  for (let count = 1; count <= lines.length && found.size < wanted.size; count++) {
    if (/^\s*(#.*)?$/.test(lines[count - 1] ?? "")) {
      // Adds nothing to a valid text, and ends no value that goes over several lines.
      if (validLines === count - 1) validLines = count;
      continue;
    }
    const document = tryParse(lines.slice(0, count).join("\n"));
    if (document === null) continue;
    for (const key of wanted) {
      if (!found.has(key) && holds(document, key)) found.set(key, validLines + 1);
    }
    validLines = count;
  }
  return new Map(
    keys.map((key) => {
      const nearest = [key, ...tablesOf(key)].find((name) => found.has(name));
      return [key, nearest === undefined ? null : (found.get(nearest) ?? null)];
    }),
  );
}

/** `a.b` and `a` of `a.b.c`. */
function tablesOf(key: string): readonly string[] {
  const parts = key.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join("."));
}

function holds(document: object, key: string): boolean {
  let value: unknown = document;
  for (const part of key.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return true;
}

function tryParse(text: string): object | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}
