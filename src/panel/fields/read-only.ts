import type { PanelInput } from "../../model/key.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

/** A value that can be read and not changed. LEFT and RIGHT pan one that is longer than the glass. */
export interface ReadOnlyState {
  readonly text: string;
  /** Cells that the text has been moved to the left. */
  readonly pan: number;
}

/** The guide's glass; on a wider one the last step is shorter. */
const glassCols = 16;
const panStep = 8;

/** Opens with the value; empty shows nothing. */
export function readOnlyField(text: string): { readonly kind: "readOnly"; readonly state: ReadOnlyState } {
  return { kind: "readOnly", state: { text, pan: 0 } };
}

export const readOnly: FieldType<ReadOnlyState> = {
  step: stepReadOnly,
  view: ({ text, pan }) => ({
    suffix: "",
    prompt: null,
    entry: { text, cursor: null, pan },
    keys: text.length > glassCols ? ["LEFT", "RIGHT", "UP", "ENTER"] : ["UP", "ENTER"],
  }),
  value: ({ text }) => text,
  onFourKeys: ({ text, pan }, key) => {
    if (key !== "DOWN") return key;
    return pan < end(text) ? "RIGHT" : "LEFT+RIGHT";
  },
};

function stepReadOnly(state: ReadOnlyState, input: PanelInput): FieldStep<ReadOnlyState> {
  if (input.type === "character") {
    return { state, outcome: { code: "character", message: "This cannot be changed" } };
  }
  if (input.type === "erase" || input.repeat > 0) return { state, outcome: null };
  const at = (pan: number) => ({
    state: { ...state, pan: Math.max(0, Math.min(end(state.text), pan)) },
    outcome: null,
  });
  switch (input.key) {
    case "LEFT":
      return at(state.pan - panStep);
    case "RIGHT":
      return at(state.pan + panStep);
    case "LEFT+RIGHT":
      return at(0);
    case "UP":
      return { state, outcome: "up" };
    case "DOWN":
      return { state, outcome: "down" };
    case "ENTER":
      return { state, outcome: "accept" };
  }
}

/** How far a text can be panned. */
function end(text: string): number {
  return Math.max(0, text.length - glassCols);
}
