import type { Facts } from "../model/facts.ts";
import {
  all,
  type Condition,
  canRestore,
  hasProxy,
  hasVlan,
  isSplit,
  lanIsAuto6,
  lanIsConfigured,
  lanIsDhcp,
  lanIsStatic,
  lanIsStatic6,
  managesIpv4,
  managesIpv6,
  not,
  wanIsDhcp,
  wanIsStatic,
} from "./conditions.ts";
import type { ProcedureName } from "./procedure-parts.ts";
import type { ReadingName } from "./readings.ts";

export type MenuName = "main" | "setup" | "wan" | "reset";

export type Target =
  | { readonly to: "menu"; readonly menu: MenuName }
  | { readonly to: "procedure"; readonly procedure: ProcedureName }
  | { readonly to: "reading"; readonly reading: ReadingName }
  /** The network is tested. */
  | { readonly to: "test" }
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
  readonly when?: Condition;
  readonly target: Target;
}

const menu = (name: MenuName): Target => ({ to: "menu", menu: name });
const procedure = (name: ProcedureName): Target => ({ to: "procedure", procedure: name });
const reading = (name: ReadingName): Target => ({ to: "reading", reading: name });
const exit: Target = { to: "exit" };

/** The guide's items in its order, ours behind them; VLAN is reached by one DOWN. UP leaves a menu from its first item. */
export const menus: Readonly<Record<MenuName, readonly MenuItem[]>> = {
  main: [
    { id: "main/setup-network", label: "SETUP NETWORK", target: menu("setup") },
    { id: "main/system-reboot", label: "SYSTEM REBOOT", target: procedure("reboot") },
    { id: "main/system-shutdown", label: "SYSTEM SHUTDOWN", target: procedure("shutdown") },
    { id: "main/information", label: "INFORMATION", target: reading("information") },
    { id: "main/test-network", label: "TEST NETWORK", target: { to: "test" } },
    { id: "main/last-errors", label: "LAST ERRORS", target: reading("last-errors") },
    { id: "main/exit", label: "EXIT THIS MENU", target: exit },
  ],
  setup: [
    {
      id: "setup/dhcp-lan",
      label: "ENABLE DHCP ON LAN",
      // The guide: one of VLAN and DHCP may be enabled from here, and the other disappears.
      when: all(lanIsStatic, not(hasVlan)),
      target: procedure("enable-dhcp-lan"),
    },
    { id: "setup/dhcp-lan", label: "RENEW DHCP ON LAN", when: lanIsDhcp, target: procedure("renew-dhcp-lan") },
    { id: "setup/auto6-lan", label: "RENEW AUTO IPv6 ON LAN?", when: lanIsAuto6, target: procedure("auto6-lan") },
    { id: "setup/auto6-lan", label: "ENABLE AUTO IPv6 ON LAN?", when: lanIsStatic6, target: procedure("auto6-lan") },
    { id: "setup/vlan", label: "ENABLE VLAN ON LAN", when: not(hasVlan), target: procedure("vlan") },
    { id: "setup/vlan", label: "CHANGE VLAN ON LAN", when: hasVlan, target: procedure("vlan") },
    { id: "setup/static-lan", label: "ENABLE STATIC IP ON LAN", when: lanIsDhcp, target: procedure("static-lan") },
    { id: "setup/static-lan", label: "CHANGE STATIC IP ON LAN", when: lanIsStatic, target: procedure("static-lan") },
    {
      id: "setup/static6-lan",
      label: "ENABLE STATIC IPv6 ON LAN?",
      when: lanIsAuto6,
      target: procedure("static6-lan"),
    },
    {
      id: "setup/static6-lan",
      label: "CHANGE STATIC IPv6 ON LAN?",
      when: lanIsStatic6,
      target: procedure("static6-lan"),
    },
    {
      id: "setup/wan",
      label: "ENABLE WAN INTERFACE",
      when: all(managesIpv4, not(isSplit), lanIsConfigured),
      target: menu("wan"),
    },
    {
      id: "setup/wan",
      label: "ENABLE WAN INTERFACE",
      when: all(managesIpv4, not(isSplit), not(lanIsConfigured)),
      target: reading("setup/wan/refused"),
    },
    { id: "setup/wan", label: "CHANGE WAN INTERFACE", when: isSplit, target: menu("wan") },
    { id: "setup/proxy", label: "ENABLE PROXY", when: not(hasProxy), target: procedure("proxy") },
    { id: "setup/proxy", label: "CHANGE PROXY PARAMS", when: hasProxy, target: procedure("proxy") },
    { id: "setup/disable-proxy", label: "DISABLE PROXY", when: hasProxy, target: procedure("disable-proxy") },
    { id: "setup/ports", label: "ETHERNET PORT SETTINGS", target: procedure("lan-link") },
    { id: "setup/reset", label: "RESET NETWORK SETTINGS", target: menu("reset") },
    { id: "setup/restore", label: "RESTORE LAST GOOD", when: canRestore, target: procedure("restore") },
    { id: "setup/exit", label: "EXIT THIS MENU", target: exit },
  ],
  wan: [
    { id: "wan/dhcp", label: "ENABLE DHCP ON WAN", when: not(wanIsDhcp), target: procedure("enable-dhcp-wan") },
    { id: "wan/dhcp", label: "RENEW DHCP ON WAN", when: wanIsDhcp, target: procedure("renew-dhcp-wan") },
    { id: "wan/static", label: "ENABLE STATIC IP ON WAN", when: not(wanIsStatic), target: procedure("static-wan") },
    { id: "wan/static", label: "CHANGE STATIC IP ON WAN", when: wanIsStatic, target: procedure("static-wan") },
    { id: "wan/disable", label: "DISABLE WAN INTERFACE", when: isSplit, target: procedure("disable-wan") },
    { id: "wan/exit", label: "EXIT THIS MENU", target: exit },
  ],
  reset: [
    { id: "reset/all", label: "RESET ALL SETTINGS", target: procedure("reset-all") },
    { id: "reset/mode", label: "RESET TO IPv6 ONLY MODE?", when: managesIpv4, target: procedure("reset-to-ipv6") },
    { id: "reset/mode", label: "RESET TO IPv4+v6 MODE?", when: managesIpv6, target: procedure("reset-to-ipv4") },
  ],
};

/** The items that are offered now, in order. */
export function offeredItems(name: MenuName, facts: Facts): readonly MenuItem[] {
  return menus[name].filter((item) => item.when?.holds(facts) ?? true);
}

/** The item through which a menu is entered; null for the main menu. */
export function entranceOf(name: MenuName): { readonly menu: MenuName; readonly item: string } | null {
  for (const [menu, items] of Object.entries(menus) as [MenuName, readonly MenuItem[]][]) {
    const item = items.find(({ target }) => target.to === "menu" && target.menu === name);
    if (item !== undefined) return { menu, item: item.id };
  }
  return null;
}
