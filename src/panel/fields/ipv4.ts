import { padIpv4 } from "../../model/address.ts";
import type { Key, PanelInput } from "../../model/key.ts";
import type { Flaw } from "../../model/validate.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

/**
 * Twelve digits in four groups. The arrows change one digit at a time. A console may type all twelve (`010077000020`), or
 * the address as people write it (`10.77.0.20`). Once a dot was typed, the first digit of a group blanks the rest of it, so
 * that nothing stands on the glass that was not typed; what was typed goes to the group's right when the group is left.
 */
export interface Ipv4State {
  /** Twelve digits, or spaces behind what was typed of the group that is being typed. */
  readonly digits: string;
  /** 0 to 11. */
  readonly cursor: number;
  /** Digits typed in a row since the start of a group, 0 to 3; 3: the group before the cursor was just filled. */
  readonly typed: number;
  /** A dot was typed, and since then neither an arrow nor ENTER was pressed. */
  readonly dotted: boolean;
}

const last = 11;
const nothing = "0".repeat(12);

/** Opens with an address, or with zeros when it is empty. */
export function ipv4Field(address: string): { readonly kind: "ipv4"; readonly state: Ipv4State } {
  const digits = address === "" ? nothing : padIpv4(address).replaceAll(".", "");
  return { kind: "ipv4", state: { digits, cursor: 0, typed: 0, dotted: false } };
}

export const ipv4: FieldType<Ipv4State> = {
  step: (state, input) => {
    const outcome =
      input.type === "key" && input.key === "ENTER" && input.repeat === 0 ? "accept" : refusal(state, input);
    return {
      state: outcome === null || outcome === "accept" ? next(state, input) : state,
      outcome,
    } satisfies FieldStep<Ipv4State>;
  },
  view: ({ digits, cursor }) => ({
    suffix: "",
    prompt: null,
    entry: { text: groups(digits).join("."), cursor: cursor + Math.floor(cursor / 3) },
    keys: ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"],
  }),
  /** All zeros are none. */
  value: ({ digits }) => (aligned(digits) === nothing ? "" : groups(aligned(digits)).map(Number).join(".")),
};

function groups(digits: string): readonly string[] {
  return [0, 3, 6, 9].map((start) => digits.slice(start, start + 3));
}

/** `20 ` is 020: a group that was not typed to its end goes to the right, zeros before it. */
function aligned(digits: string): string {
  return groups(digits)
    .map((group) => group.trim().padStart(3, "0"))
    .join("");
}

function refusal({ cursor, typed }: Ipv4State, input: PanelInput): Flaw | null {
  if (input.type !== "character") return null;
  if (input.character === ".") {
    const inLastGroup = cursor > 9 || (cursor === 9 && typed !== 3);
    return inLastGroup && typed > 0 ? { code: "length", message: "No room for a fifth number" } : null;
  }
  if (!/^\d$/.test(input.character)) return { code: "character", message: "Only digits and dots here" };
  return cursor === last && typed === 3 ? { code: "length", message: "No room for more digits" } : null;
}

function next(state: Ipv4State, input: PanelInput): Ipv4State {
  switch (input.type) {
    case "key":
      return input.repeat > 0 ? state : byKey(state, input.key);
    case "character":
      return input.character === "." ? dot(state) : digit(state, input.character);
    case "erase":
      return erased(state);
  }
}

function byKey(state: Ipv4State, key: Key): Ipv4State {
  const { cursor } = state;
  const digits = aligned(state.digits);
  const still = { digits, cursor, typed: 0, dotted: false };
  const turn = (by: number) => replaced(digits, cursor, String((Number(digits[cursor]) + by) % 10));
  switch (key) {
    case "UP":
      return { ...still, digits: turn(1) };
    case "DOWN":
      return { ...still, digits: turn(9) };
    case "LEFT":
      return { ...still, cursor: Math.max(0, cursor - 1) };
    case "RIGHT":
      return { ...still, cursor: Math.min(last, cursor + 1) };
    case "ENTER":
      return still;
    case "LEFT+RIGHT":
      return { ...still, digits: nothing, cursor: 0 };
  }
}

function replaced(digits: string, at: number, digit: string): string {
  return digits.slice(0, at) + digit + digits.slice(at + 1);
}

/** The cells from here to the end of the group hold nothing that was typed. */
function blanked(digits: string, from: number): string {
  const end = groupOf(from) * 3 + 3;
  return digits.slice(0, from) + " ".repeat(end - from) + digits.slice(end);
}

function groupOf(cursor: number): number {
  return Math.floor(cursor / 3);
}

function digit(state: Ipv4State, character: string): Ipv4State {
  const { cursor, typed, dotted } = state;
  const startsGroup = cursor % 3 === 0;
  const inRow = startsGroup ? 1 : typed > 0 ? typed + 1 : 0;
  const digits = startsGroup && dotted ? blanked(state.digits, cursor) : state.digits;
  return { ...state, digits: replaced(digits, cursor, character), cursor: Math.min(last, cursor + 1), typed: inRow };
}

/** Ends the group. One that was filled has been left already. */
function dot({ digits, cursor, typed }: Ipv4State): Ipv4State {
  const done = { typed: 0, dotted: true };
  if (typed === 3) return { ...done, digits, cursor };
  const group = groupOf(cursor);
  return {
    ...done,
    digits: aligned(typed === 0 ? digits : blanked(digits, cursor)),
    cursor: group === 3 ? cursor : (group + 1) * 3,
  };
}

/** Takes back the digit before the cursor. A group filled to the field's end has the cursor on its last digit. */
function erased(state: Ipv4State): Ipv4State {
  const { cursor, typed, dotted } = state;
  const at = cursor === last && typed === 3 ? cursor : cursor - 1;
  if (at < 0) return state;
  const digits = groupOf(at) === groupOf(cursor) ? state.digits : aligned(state.digits);
  const empty = dotted && typed > 0 ? " " : "0";
  return { ...state, digits: replaced(digits, at, empty), cursor: at, typed: Math.max(0, typed - 1) };
}
