import type { Fault } from "../model/fault.ts";
import { contactRungs, dnsRung } from "./contact-rungs.ts";
import type { Evidence } from "./evidence.ts";
import { dnsServersRung, networkRung, portRungs, separationRung } from "./port-rungs.ts";
import type { Rung } from "./rung.ts";
import { settingsRung } from "./settings-rung.ts";

/** All rungs for these settings, lowest first. In a split network LAN's come before WAN's. */
export function rungsOf({ settings }: Pick<Evidence, "settings">): readonly Rung[] {
  return [
    settingsRung,
    networkRung,
    ...portRungs("lan"),
    ...(settings.wan === null ? [] : portRungs("wan")),
    separationRung,
    dnsServersRung,
    dnsRung,
    ...contactRungs(settings.proxy !== null),
  ];
}

/**
 * The one thing to say of this evidence: the lowest rung that is known to be broken, or null when none is. What was not
 * looked at counts as neither.
 */
export function diagnose(evidence: Evidence): Fault | null {
  for (const rung of rungsOf(evidence)) {
    const verdict = rung.check(evidence);
    if (verdict.state === "broken") return verdict.fault;
  }
  return null;
}
