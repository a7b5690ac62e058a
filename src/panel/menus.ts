import type { Facts } from "../model/facts.ts";
import type { ProcedureName } from "./procedures.ts";

export type MenuName = "main" | "setup";

export type Target =
  | { readonly to: "menu"; readonly menu: MenuName }
  | { readonly to: "procedure"; readonly procedure: ProcedureName }
  /** One level up. */
  | { readonly to: "exit" };

/**
 * One line of a menu. Two items may share an identifier when their conditions exclude each other: the option then changes
 * its name and what it does, not its place.
 */
export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** Absent: always offered. */
  readonly when?: (facts: Facts) => boolean;
  readonly target: Target;
}

const hasIpv4 = ({ settings }: Facts) => settings.mode === "ipv4+v6";
const isDhcp = (facts: Facts) => hasIpv4(facts) && facts.settings.lan.ipv4.method === "dhcp";
const isStatic = (facts: Facts) => hasIpv4(facts) && facts.settings.lan.ipv4.method === "static";

const menu = (name: MenuName): Target => ({ to: "menu", menu: name });
const procedure = (name: ProcedureName): Target => ({ to: "procedure", procedure: name });

export const menus: Readonly<Record<MenuName, readonly MenuItem[]>> = {
  main: [
    { id: "main/setup-network", label: "SETUP NETWORK", target: menu("setup") },
    { id: "main/system-reboot", label: "SYSTEM REBOOT", target: procedure("reboot") },
    { id: "main/system-shutdown", label: "SYSTEM SHUTDOWN", target: procedure("shutdown") },
    { id: "main/exit", label: "EXIT THIS MENU", target: { to: "exit" } },
  ],
  setup: [
    { id: "setup/dhcp-lan", label: "ENABLE DHCP ON LAN", when: isStatic, target: procedure("enable-dhcp-lan") },
    { id: "setup/dhcp-lan", label: "RENEW DHCP ON LAN", when: isDhcp, target: procedure("renew-dhcp-lan") },
    { id: "setup/static-lan", label: "ENABLE STATIC IP ON LAN", when: isDhcp, target: procedure("static-lan") },
    { id: "setup/static-lan", label: "CHANGE STATIC IP ON LAN", when: isStatic, target: procedure("static-lan") },
    { id: "setup/exit", label: "EXIT THIS MENU", target: { to: "exit" } },
  ],
};

/** The items that are offered now, in order. Never empty: EXIT has no condition. */
export function offeredItems(name: MenuName, facts: Facts): readonly MenuItem[] {
  return menus[name].filter((item) => item.when?.(facts) ?? true);
}

/** The item through which a menu is entered; null for the main menu. */
export function entranceOf(name: MenuName): { readonly menu: MenuName; readonly item: string } | null {
  for (const [menu, items] of Object.entries(menus) as [MenuName, readonly MenuItem[]][]) {
    const item = items.find(({ target }) => target.to === "menu" && target.menu === name);
    if (item !== undefined) return { menu, item: item.id };
  }
  return null;
}
