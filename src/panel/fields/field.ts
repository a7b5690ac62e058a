import type { Key, PanelInput } from "../../model/key.ts";
import { type ChoiceState, choice } from "./choice.ts";
import { type DigitsState, ipv4, port, vlan } from "./digits.ts";
import type { FieldStep, FieldType, FieldView } from "./field-type.ts";
import { type NetmaskState, netmaskRing } from "./netmask.ts";
import { type PasswordState, password } from "./password.ts";
import { type PrefixLengthState, prefixLength } from "./prefix-length.ts";
import { type ReadOnlyState, readOnly } from "./read-only.ts";
import { type TextState, text } from "./text.ts";

interface States {
  readonly ipv4: DigitsState;
  readonly vlan: DigitsState;
  readonly port: DigitsState;
  readonly netmask: NetmaskState;
  readonly prefixLength: PrefixLengthState;
  readonly choice: ChoiceState;
  readonly text: TextState;
  readonly password: PasswordState;
  readonly readOnly: ReadOnlyState;
}

type Kind = keyof States;
type FieldOf<K extends Kind> = { readonly [P in K]: { readonly kind: P; readonly state: States[P] } }[K];

/** An open entry field of any kind. Each kind's module has a function that opens one. */
export type Field = FieldOf<Kind>;

const types: { readonly [K in Kind]: FieldType<States[K]> } = {
  ipv4,
  vlan,
  port,
  netmask: netmaskRing,
  prefixLength,
  choice,
  text,
  password,
  readOnly,
};

export function stepField<K extends Kind>(field: FieldOf<K>, input: PanelInput): FieldStep<FieldOf<K>> {
  const { state, outcome } = types[field.kind].step(field.state, input);
  return { state: { ...field, state }, outcome };
}

export function viewField<K extends Kind>(field: FieldOf<K>): FieldView {
  return types[field.kind].view(field.state);
}

/** What a key means in this field on a panel without LEFT and RIGHT. */
export function onFourKeys<K extends Kind>(field: FieldOf<K>, key: Key): Key {
  return types[field.kind].onFourKeys?.(field.state, key) ?? key;
}

export function fieldValue<K extends Kind>(field: FieldOf<K>): string {
  return types[field.kind].value(field.state);
}
