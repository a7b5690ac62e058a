import { fieldValue, stepField, viewField } from "./fields/field.ts";
import { pinField } from "./fields/password.ts";
import { layOut } from "./layout.ts";
import { openMenu } from "./menu.ts";
import { type LockedPlace, type PlaceType, statusPlace } from "./place.ts";

/** Before the menus of a panel with a PIN. */
export function askForPin(): LockedPlace {
  return { at: "locked", field: pinField(), asked: null, wrong: false };
}

/**
 * The PIN is looked at outside, where wrong ones are counted before the answer is known. ENTER on a blank field goes back to
 * the status screen.
 */
export const lockedPlace: PlaceType<LockedPlace> = {
  step: (place, input, { facts, nowMs }) => {
    const isKey = input.type === "key" && input.repeat === 0;
    if (facts.lock === null || facts.lock.waitUntilMs > nowMs) {
      return { place: isKey && (input.key === "UP" || input.key === "ENTER") ? statusPlace : place };
    }
    if (place.asked !== null) return { place: isKey && input.key === "UP" ? statusPlace : place };
    const { state: field, outcome } = stepField(place.field, input);
    if (outcome !== "accept") return { place: { ...place, field, wrong: false } };
    const pin = fieldValue(field);
    if (pin === "") return { place: statusPlace };
    return { place: { ...place, field: pinField(), asked: facts.lock.checked }, effects: [{ type: "check-pin", pin }] };
  },

  /** The right PIN opens the main menu. */
  refresh: (place, { facts }) => {
    const { lock } = facts;
    if (lock === null) return statusPlace;
    if (place.asked === null || lock.checked === place.asked) return place;
    return lock.right ? openMenu("main", facts) : { ...askForPin(), wrong: true };
  },

  view: (place, { facts, geometry, nowMs }) => {
    const leftMs = (facts.lock?.waitUntilMs ?? 0) - nowMs;
    if (leftMs > 0) {
      const text = `TOO MANY PINS, WAIT ${inMinutes(Math.ceil(leftMs / 1000))}`;
      return layOut({ screen: "locked", text, keys: ["UP", "ENTER"] }, geometry, nowMs);
    }
    if (place.asked !== null) return layOut({ screen: "locked", text: "CHECKING PIN", keys: ["UP"] }, geometry, nowMs);
    const { entry, keys } = viewField(place.field);
    const text = place.wrong ? "WRONG PIN" : "ENTER PIN";
    return layOut({ screen: "locked", text, entry, keys }, geometry, nowMs);
  },

  changesAt: (_, { facts, nowMs }) => {
    const waitUntilMs = facts.lock?.waitUntilMs ?? 0;
    return waitUntilMs > nowMs ? waitUntilMs - (Math.ceil((waitUntilMs - nowMs) / 1000) - 1) * 1000 : null;
  },
};

function inMinutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
