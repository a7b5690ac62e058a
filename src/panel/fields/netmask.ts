import { netmask, padIpv4 } from "../../model/address.ts";
import type { PanelInput } from "../../model/key.ts";
import type { FieldStep, FieldType } from "./field-type.ts";

/** The netmask is chosen, not typed: 30 values in a ring, `/24 /23 ... /1 /30 ... /25` by DOWN. */
export interface NetmaskState {
  readonly prefixLength: number;
  /** What the field opened with; the chord goes back to it. */
  readonly opened: number;
}

const longest = 30;

/** Opens at a prefix length; at /24 when it is empty or not in the ring. */
export function netmaskField(prefixLength: string): { readonly kind: "netmask"; readonly state: NetmaskState } {
  const number = Number(prefixLength);
  const inRing = Number.isInteger(number) && number >= 1 && number <= longest;
  const opened = inRing ? number : 24;
  return { kind: "netmask", state: { prefixLength: opened, opened } };
}

export const netmaskRing: FieldType<NetmaskState> = {
  step: (state, input) => stepNetmask(state, input),
  view: ({ prefixLength }) => ({
    suffix: "",
    prompt: null,
    entry: { text: padIpv4(netmask(prefixLength)), cursor: null },
    keys: ["UP", "DOWN", "ENTER"],
  }),
  value: ({ prefixLength }) => String(prefixLength),
};

function stepNetmask(state: NetmaskState, input: PanelInput): FieldStep<NetmaskState> {
  if (input.type === "character") {
    return { state, outcome: { code: "character", message: "Use UP and DOWN to choose" } };
  }
  if (input.type === "erase" || input.repeat > 0) return { state, outcome: null };
  const { prefixLength, opened } = state;
  const at = (length: number) => ({ state: { ...state, prefixLength: length }, outcome: null });
  switch (input.key) {
    case "DOWN":
      return at(prefixLength === 1 ? longest : prefixLength - 1);
    case "UP":
      return at(prefixLength === longest ? 1 : prefixLength + 1);
    case "LEFT+RIGHT":
      return at(opened);
    case "ENTER":
      return { state, outcome: "accept" };
    default:
      return { state, outcome: null };
  }
}
