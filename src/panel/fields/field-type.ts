import type { Key, KeyName, PanelInput } from "../../model/key.ts";
import type { Flaw } from "../../model/validate.ts";
import type { Entry } from "../layout.ts";

/**
 * What an input did to a field: nothing more, ENTER on the value, a key that the field has no use for, or a refusal that
 * leaves the field as it was.
 */
export interface FieldStep<S> {
  readonly state: S;
  readonly outcome: null | "accept" | "up" | "down" | Flaw;
}

export interface FieldView {
  /** Added to the screen's identifier, such as `/insert`; empty in the field itself. */
  readonly suffix: string;
  /** Shown in place of the field's prompt; null in the field itself. */
  readonly prompt: string | null;
  readonly entry: Entry;
  /** Keys that do something now. LEFT and RIGHT stand together while the cursor can move at all. */
  readonly keys: readonly KeyName[];
}

/** A kind of entry field. All functions are pure; `S` is plain data. */
export interface FieldType<S> {
  step(state: S, input: PanelInput): FieldStep<S>;
  view(state: S): FieldView;
  /** What would be accepted now, in the form of the settings; empty is none. Not yet validated. */
  value(state: S): string;
  /** What a key means on a panel without LEFT and RIGHT. Absent: what it always means. */
  onFourKeys?(state: S, key: Key): Key;
}
