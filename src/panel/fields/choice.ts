import type { PanelInput } from "../../model/key.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

export interface ChoiceOption {
  readonly value: string;
  /** At most 16 characters. */
  readonly label: string;
}

/** One of a few values, in a ring: RIGHT is the next one, LEFT the one before. */
export interface ChoiceState {
  /** At least one. */
  readonly options: readonly ChoiceOption[];
  readonly index: number;
  /** What the field opened with; the chord goes back to it. */
  readonly opened: number;
}

/** Opens at a value; at the first option when it is none of them. */
export function choiceField(
  options: readonly ChoiceOption[],
): (value: string) => { readonly kind: "choice"; readonly state: ChoiceState } {
  return (value) => {
    const opened = Math.max(
      0,
      options.findIndex((option) => option.value === value),
    );
    return { kind: "choice", state: { options, index: opened, opened } };
  };
}

export const choice: FieldType<ChoiceState> = {
  step: stepChoice,
  view: ({ options, index }) => ({
    suffix: "",
    prompt: null,
    entry: { text: options[index]?.label ?? "", cursor: null },
    keys: ["LEFT", "RIGHT", "UP", "ENTER"],
  }),
  value: ({ options, index }) => options[index]?.value ?? "",
  onFourKeys: (_, key) => (key === "DOWN" ? "RIGHT" : key),
};

function stepChoice(state: ChoiceState, input: PanelInput): FieldStep<ChoiceState> {
  if (input.type === "character") {
    return { state, outcome: { code: "character", message: "Use LEFT and RIGHT to choose" } };
  }
  if (input.type === "erase" || input.repeat > 0) return { state, outcome: null };
  const { options, index, opened } = state;
  const at = (place: number) => ({
    state: { ...state, index: (place + options.length) % options.length },
    outcome: null,
  });
  switch (input.key) {
    case "LEFT":
      return at(index - 1);
    case "RIGHT":
      return at(index + 1);
    case "LEFT+RIGHT":
      return at(opened);
    case "UP":
      return { state, outcome: "up" };
    case "DOWN":
      return { state, outcome: "down" };
    case "ENTER":
      return { state, outcome: "accept" };
  }
}
