import { type Key, keys, type PanelInput, press } from "../model/key.ts";
import { failed, ok, type Result } from "../model/result.ts";

/** The most that one request may do at the panel, repeats counted. */
export const maxInputs = 10_000;

/** Ctrl-U. */
export const clearCharacter = "\u0015";

/** What typing these does, as on the serial console. */
const controls: Readonly<Record<string, PanelInput>> = {
  "\n": press("ENTER"),
  "\r": press("ENTER"),
  "\t": press("RIGHT"),
  "\b": { type: "erase" },
  "\u007f": { type: "erase" },
  [clearCharacter]: press("LEFT+RIGHT"),
};

/**
 * Keys as people write them: `UP`, `LEFT+RIGHT` for both together, `UP*12` held until it has repeated 12 times. The error
 * says which entry is wrong.
 */
export function parseKeys(entries: readonly string[]): Result<readonly PanelInput[], string> {
  const inputs: PanelInput[] = [];
  for (const entry of entries) {
    const [, name = "", repeats = "0"] = /^([A-Z+]+)(?:\*(\d{1,5}))?$/.exec(entry) ?? [];
    const key = keyOf(name);
    if (key === undefined) {
      return failed(`no key ${JSON.stringify(entry)}; keys are ${keys.join(", ")}, held with *N`);
    }
    const count = 1 + Number(repeats);
    if (inputs.length + count > maxInputs) return failed(`more than ${maxInputs} key presses and repeats`);
    for (let repeat = 0; repeat < count; repeat++) inputs.push({ type: "key", key, repeat });
  }
  return ok(inputs);
}

/** The order of a chord's keys does not matter. */
function keyOf(name: string): Key | undefined {
  const sorted = name.split("+").sort().join("+");
  return keys.find((key) => key === sorted);
}

/** Text as it would come from the console in one run: printable ASCII and the control characters above. */
export function parseText(text: string): Result<readonly PanelInput[], string> {
  if (text.length > maxInputs) return failed(`more than ${maxInputs} characters`);
  const inputs: PanelInput[] = [];
  for (const character of text) {
    const pasted = inputs.length > 0;
    const input = controls[character] ?? (/^[ -~]$/.test(character) ? typed(character, pasted) : null);
    if (input === null) return failed(`the panel has no character ${JSON.stringify(character)}`);
    inputs.push(input);
  }
  return ok(inputs);
}

function typed(character: string, pasted: boolean): PanelInput {
  return pasted ? { type: "character", character, pasted } : { type: "character", character };
}
