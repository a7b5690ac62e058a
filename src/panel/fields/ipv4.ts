import { padIpv4 } from "../../model/address.ts";
import type { Key, PanelInput } from "../../model/key.ts";
import type { Flaw } from "../../model/validate.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

/**
 * Twelve digits in four groups. The arrows change one digit at a time. A console may type all twelve (`010077000020`), or
 * the address as people write it (`10.77.0.20`): then a dot, or ENTER after one, moves what was typed of a group to its right.
 */
export interface Ipv4State {
  readonly digits: string;
  /** 0 to 11. */
  readonly cursor: number;
  /** Digits typed in a row since the start of a group, 0 to 3; 3: the group before the cursor was just filled. */
  readonly typed: number;
  /** A dot was typed and no arrow pressed since. */
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
  value: ({ digits }) => (digits === nothing ? "" : groups(digits).map(Number).join(".")),
};

function groups(digits: string): readonly string[] {
  return [0, 3, 6, 9].map((start) => digits.slice(start, start + 3));
}

function refusal(state: Ipv4State, input: PanelInput): Flaw | null {
  if (input.type !== "character" || input.character === ".") return null;
  if (!/^\d$/.test(input.character)) return { code: "character", message: "Only digits and dots here" };
  return state.cursor === last && state.typed === 3 ? { code: "length", message: "No room for more digits" } : null;
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
  const { digits, cursor } = state;
  const still = { ...state, typed: 0, dotted: false };
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
      return state.dotted ? aligned(state) : state;
    case "LEFT+RIGHT":
      return state;
  }
}

function replaced(digits: string, at: number, digit: string): string {
  return digits.slice(0, at) + digit + digits.slice(at + 1);
}

function digit(state: Ipv4State, character: string): Ipv4State {
  const { digits, cursor, typed } = state;
  const startsGroup = cursor % 3 === 0;
  const inRow = startsGroup ? 1 : typed > 0 ? typed + 1 : 0;
  return { ...state, digits: replaced(digits, cursor, character), cursor: Math.min(last, cursor + 1), typed: inRow };
}

/** `10.` is 010: what was typed of the group goes to its right, zeros before it. */
function aligned(state: Ipv4State): Ipv4State {
  const { digits, cursor, typed } = state;
  if (typed === 0 || typed === 3) return { ...state, typed: 0 };
  const start = cursor - typed;
  const group = digits.slice(start, cursor).padStart(3, "0");
  return { ...state, digits: digits.slice(0, start) + group + digits.slice(start + 3), typed: 0 };
}

function dot(state: Ipv4State): Ipv4State {
  const done = { ...aligned(state), dotted: true };
  if (state.typed === 3) return done;
  const group = Math.floor(state.cursor / 3);
  return { ...done, cursor: group === 3 ? last : (group + 1) * 3 };
}

/** Takes back the digit before the cursor. A group filled to the field's end has the cursor on its last digit. */
function erased(state: Ipv4State): Ipv4State {
  const { digits, cursor, typed } = state;
  const at = cursor === last && typed === 3 ? cursor : cursor - 1;
  if (at < 0) return state;
  return { ...state, digits: replaced(digits, at, "0"), cursor: at, typed: Math.max(0, typed - 1) };
}
