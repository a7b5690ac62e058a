import { isDeepStrictEqual } from "node:util";
import type { Facts } from "../model/facts.ts";
import { checkSettings } from "../model/validate.ts";

/** When an option of a menu is offered, and which name it has. */

export type Condition = (facts: Facts) => boolean;

export const all =
  (...conditions: readonly Condition[]): Condition =>
  (facts) =>
    conditions.every((condition) => condition(facts));

export const not =
  (condition: Condition): Condition =>
  (facts) =>
    !condition(facts);

export const managesIpv4: Condition = ({ settings }) => settings.mode === "ipv4+v6";
export const managesIpv6 = not(managesIpv4);

const ipv4Method = ({ settings }: Facts) => settings.lan.ipv4.method;
const ipv6Method = ({ settings }: Facts) => settings.lan.ipv6.method;
export const lanIsDhcp: Condition = (facts) => managesIpv4(facts) && ipv4Method(facts) === "dhcp";
export const lanIsStatic: Condition = (facts) => managesIpv4(facts) && ipv4Method(facts) === "static";
export const lanIsAuto6: Condition = (facts) => managesIpv6(facts) && ipv6Method(facts) === "auto";
export const lanIsStatic6: Condition = (facts) => managesIpv6(facts) && ipv6Method(facts) === "static";

export const hasVlan: Condition = ({ settings }) => settings.lan.vlan !== 0;
export const hasProxy: Condition = ({ settings }) => settings.proxy !== null;

/** Management goes by WAN. */
export const isSplit: Condition = (facts) => managesIpv4(facts) && facts.settings.wan !== null;
export const wanIsDhcp: Condition = (facts) => isSplit(facts) && facts.settings.wan?.ipv4.method === "dhcp";
export const wanIsStatic: Condition = (facts) => isSplit(facts) && facts.settings.wan?.ipv4.method === "static";

/** The guide has LAN configured before WAN: by hand, or by a DHCP server that has answered. */
export const lanIsConfigured: Condition = (facts) => lanIsStatic(facts) || facts.network.lan.ipv4.length > 0;

/** There are other settings that have reached the platform, and by today's rules they may be applied. */
export const canRestore: Condition = ({ lastGood, settings }) =>
  lastGood !== null && !isDeepStrictEqual(lastGood, settings) && checkSettings(lastGood).length === 0;
