import type { Facts } from "../model/facts.ts";
import type { Fault, FaultRecord } from "../model/fault.ts";
import type { ReadingText } from "./reading-text.ts";
import { calendarTime } from "./time.ts";

/** The standing fault in full; null while none is on the status screen. */
export function faultTexts({ phase, fault }: Facts): readonly string[] | null {
  if (fault === null || (phase !== "communication-failure" && phase !== "network-error")) return null;
  // A communication failure has not said on the glass yet what was found.
  return phase === "communication-failure" ? [fault.message, ...detailTexts(fault)] : detailTexts(fault);
}

/** What a message leaves open: the code of the older models, the detail, what to do next. */
export function detailTexts({ legacyCode, detail, next }: Fault): readonly string[] {
  return [legacyCode === null ? detail : `${legacyCode} ${detail}`, next].filter((text) => text !== "");
}

/** Every fault that is remembered, newest first: what it was and since when; more is one key away. */
export function errorTexts({ faults }: Facts): readonly ReadingText[] {
  if (faults.length === 0) return ["NO ERRORS"];
  return faults.flatMap((fault) => {
    const more = [...detailTexts(fault), endOf(fault)];
    return [
      { text: fault.message, more },
      { text: `${calendarTime(fault.since)} ${fault.legacyCode ?? ""}`, more },
    ];
  });
}

function endOf({ until }: FaultRecord): string {
  return until === null ? "NOT OVER YET" : `UNTIL ${calendarTime(until)}`;
}
