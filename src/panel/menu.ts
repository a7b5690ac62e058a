import type { Facts } from "../model/facts.ts";
import type { PanelContext } from "./context.ts";
import { layOut } from "./layout.ts";
import { entranceOf, type MenuItem, type MenuName, menus, offeredItems } from "./menus.ts";
import { startTest } from "./network-test.ts";
import { type MenuPlace, type Place, type PlaceType, statusPlace, type Transition } from "./place.ts";
import { startProcedure } from "./procedure.ts";

/** A menu with its first item showing. Menus do not wrap. */
export function openMenu(menu: MenuName, facts: Facts): MenuPlace {
  return { at: "menu", menu, item: offeredItems(menu, facts)[0]?.id ?? "" };
}

export const menuPlace: PlaceType<MenuPlace> = {
  step: (place, input, context) => {
    if (input.type !== "key") return { place };
    const { items, index, item } = locate(place, context.facts);
    if (item === undefined) return { place: statusPlace };
    switch (input.key) {
      case "UP":
        return { place: index === 0 ? leave(place.menu) : show(place, items[index - 1]) };
      case "DOWN":
        return { place: show(place, items[index + 1]) };
      case "ENTER":
        return choose(place, item, context);
      default:
        return { place };
    }
  },

  refresh: (place, { facts }) => show(place, locate(place, facts).item),

  view: (place, context) => {
    const { items, index, item } = locate(place, context.facts);
    const keys = index === items.length - 1 ? (["UP", "ENTER"] as const) : (["UP", "DOWN", "ENTER"] as const);
    return layOut({ screen: item?.id ?? "", text: item?.label ?? "", keys }, context.geometry, context.nowMs);
  },
};

/** The item that is showing; where it is no longer offered, the next one that is. */
function locate({ menu, item }: MenuPlace, facts: Facts) {
  const items = offeredItems(menu, facts);
  const ids = menus[menu].map(({ id }) => id);
  const place = ids.indexOf(item);
  const found = items.findIndex(({ id }) => ids.indexOf(id) >= place);
  const index = found < 0 ? items.length - 1 : found;
  return { items, index, item: items[index] };
}

function show(place: MenuPlace, item: MenuItem | undefined): MenuPlace {
  return item === undefined ? place : { ...place, item: item.id };
}

function leave(menu: MenuName): Place {
  const entrance = entranceOf(menu);
  return entrance === null ? statusPlace : { at: "menu", ...entrance };
}

function choose(place: MenuPlace, { target }: MenuItem, context: PanelContext): Transition {
  switch (target.to) {
    case "menu":
      return { place: openMenu(target.menu, context.facts) };
    case "procedure":
      return startProcedure(target.procedure, place, context);
    case "reading":
      return { place: { at: "reading", reading: target.reading, page: 0, from: place } };
    case "test":
      return startTest(place);
    case "exit":
      return { place: leave(place.menu) };
  }
}
