import type { Facts, StorageFacts } from "../model/facts.ts";

/** A longer text to be read page by page. */
export interface Reading {
  /** Its parts, each beginning a page; null when there is nothing to read, and the reader is sent back. */
  readonly texts: (facts: Facts) => readonly string[] | null;
}

export type ReadingName = "network-error/detail" | "storage-notice";

/** By screen identifier. */
export const readings: Readonly<Record<ReadingName, Reading>> = {
  "network-error/detail": { texts: faultTexts },
  "storage-notice": { texts: ({ storage }) => storageTexts(storage) },
};

function faultTexts({ phase, fault }: Facts): readonly string[] | null {
  if (fault === null || (phase !== "communication-failure" && phase !== "network-error")) return null;
  // A communication failure has not said on the glass yet what was found.
  const found = phase === "communication-failure" ? [fault.message] : [];
  const detail = fault.legacyCode === null ? fault.detail : `${fault.legacyCode} ${fault.detail}`;
  return [...found, detail, fault.next].filter((text) => text !== "");
}

/** Each fits one page of the smallest glass. */
const loadedTexts: Readonly<Record<StorageFacts["loaded"], string | null>> = {
  current: null,
  new: null,
  previous: "OLD SETTINGS IN USE, NEW LOST",
  factory: "NOW ON DHCP, SETTINGS LOST",
  reverted: "CHANGE WAS UNDONE AT START",
};

function storageTexts({ loaded, problem }: StorageFacts): readonly string[] | null {
  const loss = loadedTexts[loaded];
  const texts = [...(loss === null ? [] : [loss]), ...(problem === null ? [] : ["CANNOT STORE SETTINGS", problem])];
  return texts.length === 0 ? null : texts;
}

/** What a person must read once before the status screen, as one text that tells one notice from another; null is nothing. */
export function noticeOf({ storage }: Facts): string | null {
  return storageTexts(storage)?.join("\n") ?? null;
}
