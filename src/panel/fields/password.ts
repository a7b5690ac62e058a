import type { PanelInput } from "../../model/key.ts";
import type { FieldStep, FieldType } from "./field-type.ts";
import { passwordRules, pinRules } from "./rules.ts";
import { openText, type TextState, text } from "./text.ts";

/**
 * A password. Only the character under the cursor is seen. A stored one shows as 16 asterisks whatever its length; ENTER
 * keeps it, any change begins with an empty field, and the chord or Backspace clears it.
 */
export interface PasswordState {
  /** The stored password, or what stands for it, until it is changed; null from then on. */
  readonly stored: string | null;
  readonly entry: TextState;
}

const mask = "*";

/** Opens with a stored password, or with what stands for it and becomes the value if it is kept; empty is none. */
export function passwordField(stored: string): { readonly kind: "password"; readonly state: PasswordState } {
  return { kind: "password", state: { stored: stored === "" ? null : stored, entry: openText(passwordRules, "") } };
}

/** Opens blank for the PIN of the panel. */
export function pinField(): { readonly kind: "password"; readonly state: PasswordState } {
  return { kind: "password", state: { stored: null, entry: openText(pinRules, "") } };
}

export const password: FieldType<PasswordState> = {
  step: (state, input) => (state.stored === null ? stepEntry(state, input) : stepStored(state, input)),
  view: ({ stored, entry }) => {
    if (stored !== null) {
      const asterisks = mask.repeat(entry.rules.maxLength);
      return { suffix: "", prompt: null, entry: { text: asterisks, cursor: 0 }, keys: ["UP", "DOWN", "ENTER"] };
    }
    const shown = text.view(entry);
    const masked = [...entry.text].map((character, index) =>
      index === entry.cursor || character === " " ? character : mask,
    );
    return { ...shown, entry: { ...shown.entry, text: masked.join("") } };
  },
  value: ({ stored, entry }) => stored ?? text.value(entry),
  onFourKeys: ({ stored, entry }, key) => (stored === null ? (text.onFourKeys?.(entry, key) ?? key) : key),
};

function stepEntry(state: PasswordState, input: PanelInput): FieldStep<PasswordState> {
  const { state: entry, outcome } = text.step(state.entry, input);
  return { state: { ...state, entry }, outcome };
}

function stepStored(state: PasswordState, input: PanelInput): FieldStep<PasswordState> {
  if (input.type === "key") {
    if (input.key === "ENTER") return { state, outcome: input.repeat === 0 ? "accept" : null };
    if (input.key === "LEFT" || input.key === "RIGHT") return { state, outcome: null };
  }
  const started = stepEntry({ ...state, stored: null }, input);
  return typeof started.outcome === "object" && started.outcome !== null ? { ...started, state } : started;
}
