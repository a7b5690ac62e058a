import type { Effect } from "../model/effect.ts";
import type { Facts } from "../model/facts.ts";
import type { Flaw } from "../model/validate.ts";
import type { Field } from "./fields/field.ts";

/** Values entered so far, by the field's name; empty is none. */
export type Entered = Readonly<Record<string, string>>;

export interface Prompt {
  readonly id: string;
  readonly text: string;
}

/** One field of a procedure. */
export interface FieldRow {
  readonly id: string;
  /** Key of its value in {@link Entered}. */
  readonly name: string;
  /** At most 11 characters, so that all five indicators stand beside it on 16 columns. */
  readonly prompt: string;
  readonly optional: boolean;
  /** The value that the field opens with; empty is none. */
  readonly initial: (facts: Facts) => string;
  /** Opens the field with a value. */
  readonly open: (initial: string) => Field;
  /** What is wrong with a value that is not empty, given those entered before. */
  readonly check: (value: string, entered: Entered) => Flaw | null;
}

/** A procedure: an opening question, fields, a last question, and the effect. Each part may be missing. */
export interface Procedure {
  readonly begin: Prompt | null;
  readonly fields: readonly FieldRow[];
  readonly confirm: Prompt | null;
  readonly effect: (entered: Entered, facts: Facts) => Effect;
}
