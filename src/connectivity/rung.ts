import { isIP } from "node:net";
import type { Fault } from "../model/fault.ts";
import type { RungName } from "../model/network-test.ts";
import { managementPort, type PortName, type Settings } from "../model/settings.ts";
import type { Evidence } from "./evidence.ts";
import type { FaultCode } from "./fault-code.ts";
import { type Circumstance, wordFault } from "./messages.ts";

export type { RungName } from "../model/network-test.ts";

/** What the evidence says of one rung. `needs` names the evidence that is missing: to say anything, or to say more. */
export type Verdict =
  | { readonly state: "sound"; readonly detail: string }
  | { readonly state: "broken"; readonly fault: Fault; readonly needs?: "look" }
  | { readonly state: "unknown"; readonly needs: "dns" | "contact" };

/** One step between this box and the platform. Pure. */
export interface Rung {
  readonly name: RungName;
  /** The port that is looked at; null for what belongs to none. */
  readonly port: PortName | null;
  check(evidence: Evidence): Verdict;
}

export function sound(detail: string): Verdict {
  return { state: "sound", detail };
}

export function broken(
  evidence: Evidence,
  code: FaultCode,
  detail: string,
  more: { readonly status?: number; readonly when?: Circumstance } = {},
): Extract<Verdict, { state: "broken" }> {
  const holding: Circumstance[] = more.when === undefined ? [] : [more.when];
  if (!evidence.activated) holding.push("unactivated");
  if (evidence.settings.proxy !== null) holding.push("via-proxy");
  if (evidence.settings.proxy === null && evidence.proxyJustDisabled) holding.push("proxy-disabled");
  return { state: "broken", fault: wordFault(code, detail, new Set(holding), more.status) };
}

/** The family that a port is managed by. WAN has IPv4 only. */
export function familyOf(settings: Settings, port: PortName): 4 | 6 {
  return port === "lan" && settings.mode === "ipv6-only" ? 6 : 4;
}

/** The one name that has to be resolved here: the proxy's, else the platform's; null when that is an address already. */
export function nameToResolve({ settings, platformHost }: Pick<Evidence, "settings" | "platformHost">): string | null {
  const host = settings.proxy?.host ?? platformHost.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? host : null;
}

/** The family that the platform or its proxy is asked for and reached by. */
export function managementFamily(settings: Settings): 4 | 6 {
  return familyOf(settings, managementPort(settings));
}
