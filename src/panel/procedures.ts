import type { Procedure } from "./procedure-parts.ts";
import { staticLan } from "./static-lan.ts";

export type ProcedureName = "reboot" | "shutdown" | "enable-dhcp-lan" | "renew-dhcp-lan" | "static-lan";

const question = (id: string, text: string, effect: Procedure["effect"]): Procedure => ({
  begin: null,
  fields: [],
  confirm: { id, text },
  effect,
});

export const procedures: Readonly<Record<ProcedureName, Procedure>> = {
  reboot: question("confirm/reboot", "REALLY REBOOT SYSTEM?", () => ({ type: "reboot" })),
  shutdown: question("confirm/shutdown", "REALLY SHUTDOWN SYSTEM?", () => ({ type: "shutdown" })),
  "enable-dhcp-lan": question("confirm/dhcp-lan", "REALLY ENABLE DHCP ON LAN?", (_, { settings }) => ({
    type: "change-settings",
    settings: { ...settings, lan: { ...settings.lan, ipv4: { method: "dhcp" } } },
    progress: { what: "change", id: "dhcp-lan", text: "ENABLING DHCP ON LAN" },
  })),
  "renew-dhcp-lan": {
    begin: null,
    fields: [],
    confirm: null,
    effect: () => ({
      type: "renew-lease",
      port: "lan",
      progress: { what: "change", id: "renew-dhcp-lan", text: "RENEWING DHCP ON LAN" },
    }),
  },
  "static-lan": staticLan,
};
