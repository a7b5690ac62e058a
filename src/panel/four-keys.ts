import type { PanelInput } from "../model/key.ts";
import { onFourKeys } from "./fields/field.ts";
import type { Place } from "./place.ts";

/**
 * What an input means on a panel without LEFT and RIGHT. One rule for all entry fields: ENTER goes on with the field as it
 * is until UP or DOWN has changed something in it; from then on ENTER goes to the next cell, and from the last one on with
 * the field. DOWN stands for RIGHT where it has no meaning of its own; at a refused value it goes back to the first field,
 * as LEFT does. The status screens have UP for RIGHT. LEFT and RIGHT of a console mean what they always mean.
 */
export function meantOnFourKeys(place: Place, input: PanelInput): PanelInput {
  if (input.type !== "key") return input;
  if (place.at === "status") return input.key === "UP" ? { ...input, key: "RIGHT" } : input;
  if (place.at === "locked") return { ...input, key: onFourKeys(place.field, input.key) };
  if (place.at !== "procedure" || place.stage.on !== "field") return input;
  if (place.stage.refused !== null) return input.key === "DOWN" ? { ...input, key: "LEFT" } : input;
  return { ...input, key: onFourKeys(place.stage.field, input.key) };
}
