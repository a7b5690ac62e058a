import type { Facts, StorageFacts } from "../model/facts.ts";
import { informationTexts } from "./information.ts";
import { plain, type ReadingText } from "./reading-text.ts";
import { errorTexts, faultTexts } from "./troubles.ts";

/** A longer text to be read page by page. */
export interface Reading {
  /** Its parts, each beginning a page; null when there is nothing to read, and the reader is sent back. */
  readonly texts: (facts: Facts) => readonly ReadingText[] | null;
  /** It comes by itself, over the status screen, and stays for a while or until a person puts it away. */
  readonly notice: boolean;
  /** The identifier of its screen tells the page, from 1. */
  readonly numbered: boolean;
}

export type ReadingName =
  | "network-error/detail"
  | "information"
  | "last-errors"
  | "last-errors/detail"
  | "test-network/detail"
  | "setup/wan/refused"
  | "change-notice"
  | "storage-notice";

const page = (texts: Reading["texts"]): Reading => ({ texts, notice: false, numbered: false });
const pages = (texts: Reading["texts"]): Reading => ({ texts, notice: false, numbered: true });
const notice = (texts: Reading["texts"]): Reading => ({ texts, notice: true, numbered: false });

/** By screen identifier; notices in the order in which they are shown. */
export const readings: Readonly<Record<ReadingName, Reading>> = {
  "network-error/detail": page(faultTexts),
  information: pages(informationTexts),
  "last-errors": pages(errorTexts),
  "last-errors/detail": page(() => null),
  "test-network/detail": page(() => null),
  "setup/wan/refused": page(() => ["CONFIGURE LAN FIRST"]),
  "change-notice": notice(({ notice }) => (notice === null ? null : [notice])),
  "storage-notice": notice(({ storage }) => storageTexts(storage)),
};

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

/** Notices that were read or have stood their time, by the text that stood there: another text is another notice. */
export type Acknowledged = Readonly<Partial<Record<ReadingName, string>>>;

/** All that a notice says now; null when it does not stand. */
export function noticeText(facts: Facts, name: ReadingName): string | null {
  const { texts, notice } = readings[name];
  return notice ? (texts(facts)?.map(plain).join("\n") ?? null) : null;
}

/** The notice that a person has not read yet; null is none. */
export function unreadNotice(facts: Facts, acknowledged: Acknowledged): ReadingName | null {
  return standing(facts).find(([name, text]) => acknowledged[name] !== text)?.[0] ?? null;
}

/** Adds a notice that was just read, and forgets those that no longer stand: when they come again they are new. */
export function acknowledge(facts: Facts, acknowledged: Acknowledged, read: ReadingName | null): Acknowledged {
  return Object.fromEntries(standing(facts).filter(([name, text]) => name === read || acknowledged[name] === text));
}

function standing(facts: Facts): readonly (readonly [ReadingName, string])[] {
  return (Object.keys(readings) as ReadingName[]).flatMap((name) => {
    const text = noticeText(facts, name);
    return text === null ? [] : [[name, text] as const];
  });
}
