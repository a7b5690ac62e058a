import { padIpv4 } from "../../model/address.ts";
import type { Key, PanelInput } from "../../model/key.ts";
import type { Flaw } from "../../model/validate.ts";
import type { FieldType } from "./field-type.ts";

/**
 * A fixed number of digits, in one group or in several with dots between them. The arrows change one digit at a time. A
 * console may type all of them (`010077000020`, `00443`), or the number as people write it (`10.77.0.20`, `443`): once a dot
 * was typed, or where there is only one group, the first digit of a group blanks the rest of it, so that nothing stands on
 * the glass that was not typed. What was typed goes to the group's right when the group is left.
 */
export interface DigitsState {
  /** Digits, or spaces behind what was typed of the group that is being typed. */
  readonly digits: string;
  /** From 0 to the last digit. */
  readonly cursor: number;
  /** Digits typed in a row since the start of a group; all of them: the group before the cursor was just filled. */
  readonly typed: number;
  /** A dot was typed, and since then neither an arrow nor ENTER was pressed. */
  readonly dotted: boolean;
  /** UP or DOWN changed a digit, and nothing was typed since. */
  readonly turned: boolean;
}

interface Format {
  readonly groups: number;
  /** Digits of a group. */
  readonly width: number;
  readonly value: (groups: readonly string[]) => string;
}

const number = ([digits = ""]: readonly string[]) => String(Number(digits));
const address = (octets: readonly string[]) =>
  octets.every((octet) => octet === "000") ? "" : octets.map(Number).join(".");

/** An IPv4 address; all zeros are none. */
export const ipv4 = digitsType({ groups: 4, width: 3, value: address });
/** A VLAN's id, without leading zeros. */
export const vlan = digitsType({ groups: 1, width: 4, value: number });
/** A TCP port, without leading zeros. */
export const port = digitsType({ groups: 1, width: 5, value: number });

/** Opens with an address, or with zeros when it is empty. */
export function ipv4Field(address: string): { readonly kind: "ipv4"; readonly state: DigitsState } {
  return { kind: "ipv4", state: opened(address === "" ? "0".repeat(12) : padIpv4(address).replaceAll(".", "")) };
}

/** Opens with a VLAN's id, or with 0000 when it is empty. */
export function vlanField(id: string): { readonly kind: "vlan"; readonly state: DigitsState } {
  return { kind: "vlan", state: opened(id.padStart(4, "0")) };
}

/** Opens with a port, or with 443 when it is empty. */
export function portField(port: string): { readonly kind: "port"; readonly state: DigitsState } {
  return { kind: "port", state: opened((port === "" ? "443" : port).padStart(5, "0")) };
}

function opened(digits: string): DigitsState {
  return { digits, cursor: 0, typed: 0, dotted: false, turned: false };
}

function digitsType({ groups: count, width, value }: Format): FieldType<DigitsState> {
  const last = count * width - 1;
  const groupOf = (cursor: number) => Math.floor(cursor / width);
  const groups = (digits: string) =>
    Array.from({ length: count }, (_, group) => digits.slice(group * width, (group + 1) * width));

  /** `20 ` is 020: a group that was not typed to its end goes to the right, zeros before it. */
  const aligned = (digits: string) =>
    groups(digits)
      .map((group) => group.trim().padStart(width, "0"))
      .join("");

  /** The cells from here to the end of the group hold nothing that was typed. */
  const blanked = (digits: string, from: number) => {
    const end = (groupOf(from) + 1) * width;
    return digits.slice(0, from) + " ".repeat(end - from) + digits.slice(end);
  };

  const refusal = ({ cursor, typed }: DigitsState, input: PanelInput): Flaw | null => {
    if (input.type !== "character") return null;
    if (input.character === "." && count > 1) {
      const inLastGroup = cursor > last - width + 1 || (cursor === last - width + 1 && typed !== width);
      return inLastGroup && typed > 0 ? { code: "length", message: "No room for a fifth number" } : null;
    }
    if (!/^\d$/.test(input.character)) {
      return { code: "character", message: count > 1 ? "Only digits and dots here" : "Only digits here" };
    }
    return cursor === last && typed === width ? { code: "length", message: "No room for more digits" } : null;
  };

  const byKey = (state: DigitsState, key: Key): DigitsState => {
    const { cursor } = state;
    const digits = aligned(state.digits);
    const still = { ...state, digits, typed: 0, dotted: false };
    const turn = (by: number) => ({
      ...still,
      digits: replaced(digits, cursor, String((Number(digits[cursor]) + by) % 10)),
      turned: true,
    });
    switch (key) {
      case "UP":
        return turn(1);
      case "DOWN":
        return turn(9);
      case "LEFT":
        return { ...still, cursor: Math.max(0, cursor - 1) };
      case "RIGHT":
        return { ...still, cursor: Math.min(last, cursor + 1) };
      case "ENTER":
        return still;
      case "LEFT+RIGHT":
        return opened("0".repeat(last + 1));
    }
  };

  const digit = (state: DigitsState, character: string): DigitsState => {
    const { cursor, typed, dotted } = state;
    const startsGroup = cursor % width === 0;
    const inRow = startsGroup ? 1 : typed > 0 ? typed + 1 : 0;
    const digits = startsGroup && (dotted || count === 1) ? blanked(state.digits, cursor) : state.digits;
    return {
      ...state,
      digits: replaced(digits, cursor, character),
      cursor: Math.min(last, cursor + 1),
      typed: inRow,
      turned: false,
    };
  };

  /** Ends the group. One that was filled has been left already. */
  const dot = ({ digits, cursor, typed }: DigitsState): DigitsState => {
    const done = { typed: 0, dotted: true, turned: false };
    if (typed === width) return { ...done, digits, cursor };
    const group = groupOf(cursor);
    return {
      ...done,
      digits: aligned(typed === 0 ? digits : blanked(digits, cursor)),
      cursor: group === count - 1 ? cursor : (group + 1) * width,
    };
  };

  /** Takes back the digit before the cursor. A group filled to the field's end has the cursor on its last digit. */
  const erased = (state: DigitsState): DigitsState => {
    const { cursor, typed, dotted } = state;
    const at = cursor === last && typed === width ? cursor : cursor - 1;
    if (at < 0) return state;
    const digits = groupOf(at) === groupOf(cursor) ? state.digits : aligned(state.digits);
    const empty = (dotted || count === 1) && typed > 0 ? " " : "0";
    return { ...state, digits: replaced(digits, at, empty), cursor: at, typed: Math.max(0, typed - 1) };
  };

  const next = (state: DigitsState, input: PanelInput): DigitsState => {
    switch (input.type) {
      case "key":
        return input.repeat > 0 ? state : byKey(state, input.key);
      case "character":
        return input.character === "." ? dot(state) : digit(state, input.character);
      case "erase":
        return erased(state);
    }
  };

  return {
    step: (state, input) => {
      const refused = refusal(state, input);
      if (refused !== null) return { state, outcome: refused };
      const accepts = input.type === "key" && input.key === "ENTER" && input.repeat === 0;
      return { state: next(state, input), outcome: accepts ? "accept" : null };
    },
    view: ({ digits, cursor }) => ({
      suffix: "",
      prompt: null,
      entry: { text: groups(digits).join("."), cursor: cursor + groupOf(cursor) },
      keys: ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"],
    }),
    value: ({ digits }) => value(groups(aligned(digits))),
    onFourKeys: ({ cursor, turned }, key) => (key === "ENTER" && turned && cursor < last ? "RIGHT" : key),
  };
}

function replaced(digits: string, at: number, digit: string): string {
  return digits.slice(0, at) + digit + digits.slice(at + 1);
}
