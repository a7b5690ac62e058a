import type { Effect, SecretsChange } from "../model/effect.ts";
import type { Facts } from "../model/facts.ts";
import type { Settings } from "../model/settings.ts";
import type { Flaw } from "../model/validate.ts";
import type { Condition } from "./conditions.ts";
import type { Field } from "./fields/field.ts";

export type ProcedureName =
  | "reboot"
  | "shutdown"
  | "enable-dhcp-lan"
  | "renew-dhcp-lan"
  | "static-lan"
  | "vlan"
  | "static6-lan"
  | "auto6-lan"
  | "enable-dhcp-wan"
  | "renew-dhcp-wan"
  | "static-wan"
  | "disable-wan"
  | "proxy"
  | "disable-proxy"
  | "lan-link"
  | "wan-link"
  | "restore"
  | "reset-all"
  | "reset-to-ipv6"
  | "reset-to-ipv4";

/** Values entered so far, by the field's name; empty is none. */
export type Entered = Readonly<Record<string, string>>;

export interface Prompt {
  readonly id: string;
  readonly text: string;
  /** Stands behind the text. */
  readonly chosen?: (entered: Entered) => string;
}

/** One field of a procedure. */
export interface FieldRow {
  readonly id: string;
  /** Key of its value in {@link Entered}. */
  readonly name: string;
  /** At most 11 characters where all five keys count, so that their indicators stand beside it on 16 columns. */
  readonly prompt: string;
  readonly optional: boolean;
  /** Passed over when it does not hold; nothing is entered for it then. Absent: always asked. */
  readonly when?: (facts: Facts, entered: Entered) => boolean;
  /** The value that the field opens with; empty is none. */
  readonly initial: (facts: Facts) => string;
  /** Opens the field with a value. */
  readonly open: (initial: string, facts: Facts) => Field;
  /** What is wrong with a value that is not empty, given those entered before. Absent: nothing ever is. */
  readonly check?: (value: string, entered: Entered, facts: Facts) => Flaw | null;
}

/** A procedure: an opening question, fields, a last question, and the effect. Each part may be missing. */
export interface Procedure {
  readonly begin: Prompt | null;
  readonly fields: readonly FieldRow[];
  readonly confirm: Prompt | null;
  readonly effect: (entered: Entered, facts: Facts) => Effect;
  /** Procedures of one field stand in a column: where UP and DOWN lead that the field has no use for. Absent: UP cancels. */
  readonly above?: ProcedureName;
  readonly below?: ProcedureName;
  /** Absent: as long as the menu offers it. */
  readonly when?: Condition;
  /** When the effect has been carried out the field stands again, with the value then in force. */
  readonly stays?: boolean;
}

/** The value of a field that stands before the present one. */
export function of(entered: Entered, name: string): string {
  const value = entered[name];
  if (value === undefined) throw new Error(`field ${name} has not been entered yet`);
  return value;
}

/** The values of these fields that are not empty. */
export function given(entered: Entered, ...names: readonly string[]): readonly string[] {
  return names.map((name) => of(entered, name)).filter((value) => value !== "");
}

/** Asks for other settings, with the working message `progress/<id>`. */
export function change(settings: Settings, id: string, text: string, secrets?: SecretsChange): Effect {
  const effect = { type: "change-settings", settings, progress: { what: "change", id, text } } as const;
  return secrets === undefined ? effect : { ...effect, secrets };
}
