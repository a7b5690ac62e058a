import type { KeyName } from "../model/key.ts";
import type { PanelContext } from "./context.ts";
import { fill, indicators, onPanel, paginate, paginateUnder } from "./layout.ts";
import { type Place, type PlaceType, type ReadingPlace, statusPlace, type Transition } from "./place.ts";
import { readings } from "./readings.ts";

const everyKey: readonly KeyName[] = ["LEFT", "UP", "DOWN", "ENTER"];

export const readingPlace: PlaceType<ReadingPlace> = {
  step: (place, input, context) => {
    if (input.type !== "key") return { place };
    const { page } = place;
    switch (input.key) {
      case "UP":
        return page === 0 ? leave(place) : { place: { ...place, page: page - 1 } };
      case "DOWN":
        return { place: page < pagesOf(place, context).length - 1 ? { ...place, page: page + 1 } : place };
      case "LEFT":
      case "ENTER":
        return leave(place);
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
    const keys = place.page < pages.length - 1 ? everyKey : everyKey.filter((key) => key !== "DOWN");
    return {
      screen: readings[place.reading].numbered ? `${place.reading}/${place.page + 1}` : place.reading,
      lines: fill(pages[place.page] ?? [], indicators(onPanel(keys, context.geometry)), context.geometry),
      cursor: null,
      turns: false,
    };
  },
};

/** Every page keeps room for all indicators, so that the text does not move with them. */
function pagesOf({ reading }: ReadingPlace, { facts, geometry }: PanelContext): readonly (readonly string[])[] {
  const texts = readings[reading].texts(facts) ?? [];
  return texts.flatMap((text) =>
    typeof text === "string"
      ? paginate(text, geometry, everyKey.length)
      : paginateUnder(text.heading, text.value, geometry),
  );
}

function behind({ from }: ReadingPlace): Place {
  return from ?? statusPlace;
}

function leave(place: ReadingPlace): Transition {
  return { place: behind(place), read: place.reading };
}
