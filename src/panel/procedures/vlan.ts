import { checkVlan } from "../../model/validate.ts";
import { vlanField } from "../fields/digits.ts";
import { change, of, type Procedure } from "../procedure-parts.ts";

/** The tag of LAN's default network. It applies at ENTER, and 0000 takes it away. */
export const vlan: Procedure = {
  begin: null,
  fields: [
    {
      id: "vlan/id",
      name: "id",
      prompt: "VLAN 0-4094",
      optional: true,
      initial: ({ settings }) => String(settings.lan.vlan),
      open: vlanField,
      check: (id) => checkVlan(Number(id)),
    },
  ],
  confirm: null,
  effect: (entered, { settings }) => {
    const id = Number(of(entered, "id"));
    return change({ ...settings, lan: { ...settings.lan, vlan: id } }, "vlan", "SETTING VLAN ON LAN");
  },
};
