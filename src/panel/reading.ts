import type { KeyName } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { fillBeside, type Glass, onPanel, paginateBeside, paginateUnder } from "./layout.ts";
import { type Place, type PlaceType, type ReadingPlace, statusPlace, type Transition } from "./place.ts";
import { type ReadingName, readings } from "./readings.ts";

const everyKey: readonly KeyName[] = ["LEFT", "UP", "DOWN", "ENTER"];

export const readingPlace: PlaceType<ReadingPlace> = {
  step: (place, input, context) => {
    if (input.type !== "key") return { place };
    const { page } = place;
    const pages = pagesOf(place, context);
    switch (input.key) {
      case "UP":
        return page === 0 ? leave(place) : { place: { ...place, page: page - 1 } };
      case "DOWN":
        return { place: page < pages.length - 1 ? { ...place, page: page + 1 } : place };
      case "LEFT":
        return leave(place);
      case "ENTER":
        return open(place, pages[page]) ?? leave(place);
      case "RIGHT":
        return open(place, pages[page]) ?? { place };
      default:
        return { place };
    }
  },

  refresh: (place, context) => {
    const count = pagesOf(place, context).length;
    if (count === 0) return behind(place);
    return place.page < count ? place : { ...place, page: count - 1 };
  },

  view: (place, context) => {
    const pages = pagesOf(place, context);
    const page = pages[place.page];
    const keys = keysOf(page?.more ?? null, context.geometry);
    const shown = place.page < pages.length - 1 ? keys : keys.filter((key) => key !== "DOWN");
    return {
      screen: readings[place.reading].numbered ? `${place.reading}/${place.page + 1}` : place.reading,
      lines: fillBeside(page?.lines ?? [], onPanel(shown, context.geometry), context.geometry),
      cursor: null,
      turns: false,
    };
  },
};

/** Without a RIGHT it is ENTER alone that opens. */
function keysOf(more: Page["more"], { keys }: Glass): readonly KeyName[] {
  return more !== null && keys !== 4 ? [...everyKey, "RIGHT"] : everyKey;
}

interface Page {
  readonly lines: readonly string[];
  /** What is opened from here; null: nothing. */
  readonly more: readonly string[] | null;
}

/** Every page keeps room for all indicators, so that the text does not move with them. */
function pagesOf({ reading, opened }: ReadingPlace, { facts, geometry }: PanelContext): readonly Page[] {
  const texts = opened ?? readings[reading].texts(facts) ?? [];
  return texts.flatMap((text) => {
    const more = typeof text === "object" && "more" in text ? text.more : null;
    const pages =
      typeof text === "object" && "heading" in text
        ? paginateUnder(text.heading, text.value, geometry)
        : paginateBeside(typeof text === "string" ? text : text.text, geometry, keysOf(more, geometry));
    return pages.map((lines) => ({ lines, more }));
  });
}

function open(from: ReadingPlace, page: Page | undefined): Transition | null {
  const opened = page?.more ?? null;
  return opened === null ? null : { place: openDetail("last-errors/detail", opened, from) };
}

/** More of what stands on a page, which goes back there. */
export function openDetail(
  reading: ReadingName,
  opened: readonly string[],
  from: NonNullable<ReadingPlace["from"]>,
): ReadingPlace {
  return { at: "reading", reading, page: 0, from, opened };
}

function behind({ from }: ReadingPlace): Place {
  return from ?? statusPlace;
}

function leave(place: ReadingPlace): Transition {
  return { place: behind(place), read: place.reading };
}
