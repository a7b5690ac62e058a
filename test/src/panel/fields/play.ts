import type { Key, PanelInput } from "../../../../src/model/key.ts";
import { type Field, stepField } from "../../../../src/panel/fields/field.ts";
import type { FieldStep } from "../../../../src/panel/fields/field-type.ts";

const names: Readonly<Record<string, Key>> = { U: "UP", D: "DOWN", L: "LEFT", R: "RIGHT", E: "ENTER", C: "LEFT+RIGHT" };

/**
 * Plays a script on a field: `U D L R E C` are keys (C the chord), `U*3` three presses, `X` erases, `H` and `J` are a held UP
 * and DOWN, `'abc` is typed, `_` in it is a space.
 */
export function play(field: Field, script: string): { field: Field; outcome: FieldStep<Field>["outcome"] } {
  let now = field;
  let outcome: FieldStep<Field>["outcome"] = null;
  for (const input of script.split(" ").flatMap(inputsOf)) {
    const step = stepField(now, input);
    now = step.state;
    outcome = step.outcome;
  }
  return { field: now, outcome };
}

/** Types a text as it stands. */
export function typeText(field: Field, text: string): { field: Field; outcome: FieldStep<Field>["outcome"] } {
  let now: ReturnType<typeof typeText> = { field, outcome: null };
  for (const character of text) {
    const { state, outcome } = stepField(now.field, { type: "character", character });
    now = { field: state, outcome };
  }
  return now;
}

function inputsOf(word: string): readonly PanelInput[] {
  if (word === "") return [];
  if (word.startsWith("'")) {
    return [...word.slice(1)].map((character) => ({
      type: "character",
      character: character === "_" ? " " : character,
    }));
  }
  if (word === "X") return [{ type: "erase" }];
  if (word === "H" || word === "J") return [{ type: "key", key: word === "H" ? "UP" : "DOWN", repeat: 1 }];
  const [name = "", count = "1"] = word.split("*");
  const key = names[name];
  if (key === undefined) throw new Error(`no key ${word}`);
  return Array.from({ length: Number(count) }, () => ({ type: "key", key, repeat: 0 }));
}
