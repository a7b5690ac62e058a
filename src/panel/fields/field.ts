import type { PanelInput } from "../../model/key.ts";
import type { FieldStep, FieldType, FieldView } from "./field-type.ts";
import { type Ipv4State, ipv4 } from "./ipv4.ts";
import { type NetmaskState, netmaskRing } from "./netmask.ts";
import { type TextState, text } from "./text.ts";

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
