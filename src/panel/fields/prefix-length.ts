import type { PanelInput } from "../../model/key.ts";
import { checkPrefixLength6 } from "../../model/validate.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

/** An IPv6 prefix length, 1 to 128 in a ring: UP is one more, DOWN one less. A console may type it. */
export interface PrefixLengthState {
  readonly prefixLength: number;
  /** What the field opened with; the chord goes back to it. */
  readonly opened: number;
  /** The last input was a digit, to which another may be added. */
  readonly typing: boolean;
}

const longest = 128;

/** Opens at a prefix length; at /64 when it is empty or none. */
export function prefixLengthField(prefixLength: string): {
  readonly kind: "prefixLength";
  readonly state: PrefixLengthState;
} {
  const opened = checkPrefixLength6(Number(prefixLength)) === null ? Number(prefixLength) : 64;
  return { kind: "prefixLength", state: { prefixLength: opened, opened, typing: false } };
}

export const prefixLength: FieldType<PrefixLengthState> = {
  step: stepPrefixLength,
  view: ({ prefixLength }) => ({
    suffix: "",
    prompt: null,
    entry: { text: String(prefixLength), cursor: null },
    keys: ["UP", "DOWN", "ENTER"],
  }),
  value: ({ prefixLength }) => String(prefixLength),
};

function stepPrefixLength(state: PrefixLengthState, input: PanelInput): FieldStep<PrefixLengthState> {
  if (input.type === "character") return typed(state, input.character);
  const { prefixLength, opened } = state;
  const at = (length: number, typing = false) => ({ state: { ...state, prefixLength: length, typing }, outcome: null });
  if (input.type === "erase") {
    if (!state.typing) return { state, outcome: null };
    const shorter = Math.floor(prefixLength / 10);
    return shorter === 0 ? at(opened) : at(shorter, true);
  }
  if (input.repeat > 0) return { state, outcome: null };
  switch (input.key) {
    case "UP":
      return at(prefixLength === longest ? 1 : prefixLength + 1);
    case "DOWN":
      return at(prefixLength === 1 ? longest : prefixLength - 1);
    case "LEFT+RIGHT":
      return at(opened);
    case "ENTER":
      return { state: { ...state, typing: false }, outcome: "accept" };
    default:
      return { state, outcome: null };
  }
}

/** The first digit begins a new number, those after it are added to it. */
function typed(state: PrefixLengthState, character: string): FieldStep<PrefixLengthState> {
  if (!/^\d$/.test(character)) return { state, outcome: { code: "character", message: "Only digits here" } };
  const next = (state.typing ? state.prefixLength * 10 : 0) + Number(character);
  const outcome = checkPrefixLength6(next);
  return outcome === null ? { state: { ...state, prefixLength: next, typing: true }, outcome } : { state, outcome };
}
