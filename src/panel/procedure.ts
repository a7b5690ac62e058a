import type { PanelInput } from "../model/key.ts";
import { required } from "../model/validate.ts";
import type { PanelContext } from "./context.ts";
import { fieldValue, stepField, viewField } from "./fields/field.ts";
import { layOut, type Screen } from "./layout.ts";
import { offeredItems } from "./menus.ts";
import {
  type MenuPlace,
  type PlaceType,
  type ProcedurePlace,
  type Stage,
  statusPlace,
  type Transition,
} from "./place.ts";
import type { Entered, FieldRow } from "./procedure-parts.ts";
import { type ProcedureName, procedures } from "./procedures.ts";

/** Starts a procedure from a menu item. One without questions and fields ends at once. */
export function startProcedure(procedure: ProcedureName, from: MenuPlace, context: PanelContext): Transition {
  const place: ProcedurePlace = { at: "procedure", procedure, from, entered: {}, stage: { on: "begin" } };
  return procedures[procedure].begin === null ? proceed(place, 0, {}, context) : { place };
}

/**
 * To the field of this index, behind the last field to the last question, behind that to the effect. A field opens with what
 * was entered in it before, else with the value in force.
 */
function proceed(place: ProcedurePlace, index: number, entered: Entered, context: PanelContext): Transition {
  const { fields, confirm, effect } = procedures[place.procedure];
  const row = fields[index];
  if (row !== undefined) {
    const field = row.open(entered[row.name] ?? row.initial(context.facts));
    return { place: { ...place, entered, stage: { on: "field", index, field, refused: null } } };
  }
  if (confirm !== null && place.stage.on !== "confirm")
    return { place: { ...place, entered, stage: { on: "confirm" } } };
  return { place: statusPlace, effects: [effect(entered, context.facts)] };
}

export const procedurePlace: PlaceType<ProcedurePlace> = {
  step: (place, input, context) => {
    const { stage } = place;
    if (stage.on === "field") return stepStage(place, stage, input, context);
    if (input.type !== "key") return { place };
    if (input.key === "UP") return { place: place.from };
    if (input.key !== "ENTER") return { place };
    return proceed(place, stage.on === "begin" ? 0 : procedures[place.procedure].fields.length, place.entered, context);
  },

  /** The field decides; a question never takes them, or a held ENTER would answer it. */
  takesRepeats: ({ stage }) => stage.on === "field" && stage.refused === null,

  /** A procedure that the menu no longer offers is left: the settings have changed under it. */
  refresh: (place, { facts }) => {
    const offered = offeredItems(place.from.menu, facts).some(
      ({ target }) => target.to === "procedure" && target.procedure === place.procedure,
    );
    return offered ? place : place.from;
  },

  view: (place, context) => layOut(screenOf(place), context.geometry, context.nowMs),
};

type FieldStage = Extract<Stage, { on: "field" }>;

/**
 * An input to a field, or a key at what was wrong with the last one: UP cancels the procedure; LEFT goes back to its first
 * field, because what was refused may be right and an earlier field wrong, and ENTER then walks forward over what was
 * entered, each value checked again; any other key returns to the field as it was. So does LEFT in the first field.
 */
function stepStage(place: ProcedurePlace, stage: FieldStage, input: PanelInput, context: PanelContext): Transition {
  const row = rowOf(place, stage);
  const at = (change: Partial<FieldStage>): Transition => ({
    place: { ...place, stage: { ...stage, refused: null, ...change } },
  });
  if (stage.refused !== null && input.type === "key") {
    if (input.key === "UP") return { place: place.from };
    if (input.key !== "LEFT" || stage.index === 0) return at({});
    return proceed(place, 0, { ...place.entered, [row.name]: fieldValue(stage.field) }, context);
  }
  const { state: field, outcome } = stepField(stage.field, input);
  if (outcome === "up") return { place: place.from };
  if (outcome === null || outcome === "down") return at({ field });
  if (outcome !== "accept") return at({ refused: outcome });
  const value = fieldValue(field);
  const wrong = value === "" ? (row.optional ? null : required(row.prompt)) : row.check(value, place.entered);
  if (wrong !== null) return at({ field, refused: wrong });
  return proceed(place, stage.index + 1, { ...place.entered, [row.name]: value }, context);
}

function rowOf(place: ProcedurePlace, stage: FieldStage): FieldRow {
  const row = procedures[place.procedure].fields[stage.index];
  if (row === undefined) throw new Error(`procedure ${place.procedure} has no field ${stage.index}`);
  return row;
}

function screenOf(place: ProcedurePlace): Screen {
  const { stage } = place;
  if (stage.on !== "field") {
    const prompt = procedures[place.procedure][stage.on];
    return { screen: prompt?.id ?? "", text: prompt?.text ?? "", keys: ["UP", "ENTER"] };
  }
  const row = rowOf(place, stage);
  if (stage.refused !== null) {
    const keys = ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"] as const;
    return { screen: `${row.id}/refused`, text: stage.refused.message, keys };
  }
  const { suffix, prompt, entry, keys } = viewField(stage.field);
  return { screen: row.id + suffix, text: prompt ?? row.prompt, entry, keys };
}
