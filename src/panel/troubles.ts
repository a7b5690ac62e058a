import type { Facts } from "../model/facts.ts";
import { managementState } from "../model/network-state.ts";
import { managementPort } from "../model/settings.ts";
import { headed, type ReadingText } from "./reading-text.ts";
import { calendarTime } from "./time.ts";

/** The standing fault in full; null while none is on the status screen. */
export function faultTexts({ phase, fault }: Facts): readonly string[] | null {
  if (fault === null || (phase !== "communication-failure" && phase !== "network-error")) return null;
  // A communication failure has not said on the glass yet what was found.
  const found = phase === "communication-failure" ? [fault.message] : [];
  const detail = fault.legacyCode === null ? fault.detail : `${fault.legacyCode} ${fault.detail}`;
  return [...found, detail, fault.next].filter((text) => text !== "");
}

/** Every fault that is remembered, newest first: what it was, then since when and the code of the older models. */
export function errorTexts({ faults }: Facts): readonly string[] {
  if (faults.length === 0) return ["NO ERRORS"];
  return faults.flatMap(({ message, since, legacyCode }) => [message, `${calendarTime(since)} ${legacyCode ?? ""}`]);
}

/** How far the way to the platform is known to be good: the verdict, then step by step. */
export function testTexts({ settings, network, phase, progress, fault }: Facts): readonly ReadingText[] {
  const port = managementPort(settings);
  const { carrier, ipv4, ipv6, gateway, dns } = managementState(network, port);
  const [address] = settings.mode === "ipv6-only" ? ipv6 : ipv4;
  const isTesting = progress?.what === "contacting" || phase === "starting" || phase === "contacting";
  const verdict = isTesting ? "TESTING NETWORK" : (fault?.message ?? "NETWORK IS FINE");
  const platform = isTesting ? "..." : fault === null ? "ok" : "failed";
  const label = port.toUpperCase();
  return [
    verdict,
    headed(`${label} CABLE`, carrier ? "ok" : "none"),
    headed(`${label} ADDRESS`, address?.split("/")[0] ?? "none"),
    headed(`${label} GATEWAY`, gateway ?? "none"),
    headed(`${label} DNS`, dns[0] ?? "none"),
    headed("PLATFORM", platform),
    ...(isTesting || fault === null ? [] : [fault.detail, fault.next].filter((text) => text !== "")),
  ];
}
