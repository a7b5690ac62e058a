import { failed, ok, type Result } from "../model/result.ts";

/** Deeper than any message of the protocol, and far from what a function that calls itself could not walk any more. */
const maxDepth = 32;

/** Reads JSON from outside: UTF-8, and objects and arrays in one another to at most {@link maxDepth}. The error says what it is not. */
export function readJson(bytes: Uint8Array): Result<unknown, string> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return isDeep(text) ? failed(`nested more than ${maxDepth} deep`) : ok(JSON.parse(text));
  } catch {
    return failed("not JSON");
  }
}

/** Looks at text that need not be JSON, each character once. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) at += character === "\\" ? 1 : 0;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}
