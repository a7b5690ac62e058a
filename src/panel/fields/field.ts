import type { KeyName, PanelInput } from "../../model/key.ts";
import type { Flaw } from "../../model/validate.ts";
import type { Entry } from "../layout.ts";
import { type Ipv4State, ipv4 } from "./ipv4.ts";
import { type NetmaskState, netmaskRing } from "./netmask.ts";
import { type TextState, text } from "./text.ts";

/** What an input did to a field: nothing more, ENTER on the value, or a refusal that leaves the field as it was. */
export interface FieldStep<S> {
  readonly state: S;
  readonly outcome: null | "accept" | Flaw;
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
}

interface States {
  readonly ipv4: Ipv4State;
  readonly netmask: NetmaskState;
  readonly text: TextState;
}

type Kind = keyof States;
type FieldOf<K extends Kind> = { readonly [P in K]: { readonly kind: P; readonly state: States[P] } }[K];

/** An open entry field of any kind. Each kind's module has a function that opens one. */
export type Field = FieldOf<Kind>;

const types: { readonly [K in Kind]: FieldType<States[K]> } = { ipv4, netmask: netmaskRing, text };

export function stepField<K extends Kind>(field: FieldOf<K>, input: PanelInput): FieldStep<FieldOf<K>> {
  const { state, outcome } = types[field.kind].step(field.state, input);
  return { state: { ...field, state }, outcome };
}

export function viewField<K extends Kind>(field: FieldOf<K>): FieldView {
  return types[field.kind].view(field.state);
}

export function fieldValue<K extends Kind>(field: FieldOf<K>): string {
  return types[field.kind].value(field.state);
}
