import { canonicalIpv4, canonicalIpv6 } from "../../model/address.ts";
import type { Key, KeyName, PanelInput } from "../../model/key.ts";
import { type Flaw, notAllowed } from "../../model/validate.ts";
import type { FieldStep, FieldType, FieldView } from "./field-type.ts";

/** What a text field takes. */
export interface TextRules {
  readonly maxLength: number;
  /** The characters in the order of UP; the space is the first. */
  readonly ring: string;
  /** Characters that only a console can enter. */
  readonly alsoTyped?: string;
  /** DOWN on a cell that was not changed opens insert/delete mode instead of turning the ring back. */
  readonly editing: boolean;
  /** UP and DOWN repeat while they are held. */
  readonly repeats: boolean;
  /** UP leaves a field to which nothing was done yet. */
  readonly upLeaves?: boolean;
  /** Which notations of addresses become their canonical form; absent: the text is taken as it stands. */
  readonly form?: "host" | "ipv6";
}

type Editing = "delete" | "insert" | "done";

export interface TextState {
  readonly rules: TextRules;
  /** What was entered, spaces included. */
  readonly text: string;
  /** 0 to the text's length. */
  readonly cursor: number;
  /** Where in the ring the cell under the cursor stands since an arrow changed it; null: no arrow did. */
  readonly turned: number | null;
  readonly editing: Editing | null;
  /** The text was changed or the cursor moved. */
  readonly touched: boolean;
  /** UP or DOWN changed a character, and nothing was typed since. */
  readonly steered: boolean;
}

/** Opens with a stored text, or blank. */
export function textField(rules: TextRules): (initial: string) => { readonly kind: "text"; readonly state: TextState } {
  return (initial) => ({ kind: "text", state: openText(rules, initial) });
}

/** A text field as it opens. */
export function openText(rules: TextRules, text: string): TextState {
  return { rules, text, cursor: 0, turned: null, editing: null, touched: false, steered: false };
}

export const text: FieldType<TextState> = {
  step: (state, input) => {
    if (input.type === "key" && input.repeat > 0 && !repeats(state, input.key)) return stay(state);
    if (state.editing !== null && input.type === "key") return stepEditing(state, state.editing, input.key);
    return stepEntry(state, input);
  },
  view: (state) => {
    const { text, cursor, rules } = state;
    // Behind the last cell there is none for the cursor: all that was entered is seen.
    const entry = cursor === rules.maxLength ? { text, cursor: null, pan: cursor } : { text, cursor };
    return state.editing === null
      ? { suffix: "", prompt: null, entry, keys: entryKeys(state) }
      : { ...editingView(state, state.editing), entry };
  },
  /** Spaces before and after the text only fill the field. */
  value: ({ rules, text }) => canonical(text.trim(), rules.form),
  onFourKeys: ({ rules, text, cursor, editing, steered }, key) => {
    if (editing !== null) return key;
    if (key === "ENTER" && steered && cursor < text.length) return "RIGHT";
    // Behind the last cell of a full field DOWN has no meaning of its own.
    return key === "DOWN" && !rules.editing && cursor === rules.maxLength ? "LEFT" : key;
  },
};

function canonical(text: string, form: TextRules["form"]): string {
  if (form === undefined) return text;
  const ipv6 = canonicalIpv6(text);
  // All zeros are none, as in an IPv4 field.
  if (form === "ipv6") return ipv6 === "::" ? "" : (ipv6 ?? text);
  return canonicalIpv4(text) ?? ipv6 ?? text;
}

function stay(state: TextState): FieldStep<TextState> {
  return { state, outcome: null };
}

function to(state: TextState, change: Partial<TextState>): FieldStep<TextState> {
  const touched = state.touched || change.text !== undefined || change.cursor !== undefined;
  return { state: { ...state, turned: null, editing: null, ...change, touched }, outcome: null };
}

function refuse(state: TextState, outcome: Flaw): FieldStep<TextState> {
  return { state, outcome };
}

function repeats(state: TextState, key: Key): boolean {
  return state.rules.repeats && state.editing === null && (key === "UP" || key === "DOWN");
}

function stepEntry(state: TextState, input: PanelInput): FieldStep<TextState> {
  switch (input.type) {
    case "character":
      return typed(state, input.character);
    case "erase":
      return erasePrevious(state);
    case "key":
      return byKey(state, input.key);
  }
}

function byKey(state: TextState, key: Key): FieldStep<TextState> {
  const { text, cursor, rules } = state;
  switch (key) {
    case "UP":
      return rules.upLeaves === true && !state.touched ? { state, outcome: "up" } : turn(state, 1);
    case "DOWN":
      return rules.editing && state.turned === null ? to(state, { editing: firstEditing(state) }) : turn(state, -1);
    case "LEFT":
      return cursor === 0 ? stay(state) : to(state, { cursor: cursor - 1 });
    case "RIGHT":
      return cursor === text.length ? stay(state) : to(state, { cursor: cursor + 1 });
    case "LEFT+RIGHT":
      return to(state, { text: "", cursor: 0 });
    case "ENTER":
      return { state, outcome: "accept" };
  }
}

function turn(state: TextState, by: 1 | -1): FieldStep<TextState> {
  const { text, cursor, rules } = state;
  if (cursor === rules.maxLength) return stay(state);
  const { ring } = rules;
  const from = state.turned ?? Math.max(0, ring.indexOf(text[cursor] ?? " "));
  const turned = (from + by + ring.length) % ring.length;
  return to(state, { text: put(text, cursor, ring.charAt(turned)), turned, steered: true });
}

function put(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}

function insert(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at);
}

/** The first character typed into a field to which nothing was done begins a new text, or the old one's tail would stay. */
function typed(state: TextState, character: string): FieldStep<TextState> {
  const { cursor, rules, editing, touched } = state;
  const text = touched || editing !== null ? state.text : "";
  if (!rules.ring.includes(character) && rules.alsoTyped?.includes(character) !== true)
    return refuse(state, notAllowed(character));
  const grows = editing === "insert" || cursor === text.length;
  if (grows && text.length === rules.maxLength) return full(state);
  const place = editing === "insert" ? insert : put;
  return to(state, { text: place(text, cursor, character), cursor: cursor + 1, steered: false });
}

function full(state: TextState): FieldStep<TextState> {
  return refuse(state, { code: "length", message: `At most ${state.rules.maxLength} characters` });
}

function erasePrevious(state: TextState): FieldStep<TextState> {
  const { text, cursor } = state;
  if (cursor === 0) return stay(state);
  return to(state, { text: text.slice(0, cursor - 1) + text.slice(cursor), cursor: cursor - 1 });
}

function entryKeys(state: TextState): readonly KeyName[] {
  const { text, cursor, rules } = state;
  const atEnd = cursor === rules.maxLength;
  return [
    ...(text.length > 0 ? (["LEFT", "RIGHT"] as const) : []),
    ...(atEnd ? [] : (["UP"] as const)),
    ...(atEnd && !rules.editing ? [] : (["DOWN"] as const)),
    "ENTER",
  ];
}

/** There is nothing to delete before the first position. */
function firstEditing({ cursor }: TextState): Editing {
  return cursor > 0 ? "delete" : "insert";
}

function following(state: TextState, editing: Editing): Editing {
  if (editing === "done") return firstEditing(state);
  return editing === "delete" ? "insert" : "done";
}

function stepEditing(state: TextState, editing: Editing, key: Key): FieldStep<TextState> {
  const { text, cursor, rules } = state;
  switch (key) {
    case "UP":
      return to(state, {});
    case "DOWN":
      return to(state, { editing: following(state, editing) });
    case "LEFT":
      return editing === "delete" && cursor > 1 ? to(state, { cursor: cursor - 1, editing }) : stay(state);
    case "RIGHT":
      return editing === "delete" && cursor < text.length ? to(state, { cursor: cursor + 1, editing }) : stay(state);
    case "LEFT+RIGHT":
      return stay(state);
    case "ENTER":
      break;
  }
  switch (editing) {
    case "delete": {
      const erased = erasePrevious(state).state;
      return to(erased, { editing: erased.cursor > 0 ? "delete" : null });
    }
    case "insert":
      if (text.length === rules.maxLength) return full(state);
      // The new cell counts as changed, so that both arrows run through the ring.
      return to(state, { text: insert(text, cursor, " "), turned: 0 });
    case "done":
      return { state: { ...state, editing: null }, outcome: "accept" };
  }
}

function editingView({ text, cursor }: TextState, editing: Editing): Omit<FieldView, "entry"> {
  const prompt = { delete: "Delete Previous?", insert: "Insert Character?", done: "Done editing?" }[editing];
  const moves = editing === "delete" && text.length > 1 && (cursor > 1 || cursor < text.length);
  return {
    suffix: `/${editing}`,
    prompt,
    keys: [...(moves ? (["LEFT", "RIGHT"] as const) : []), "UP", "DOWN", "ENTER"],
  };
}
