import type { Effect } from "../model/effect.ts";
import { type Facts, runsScan } from "../model/facts.ts";
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
import type { Entered, FieldRow, Procedure, ProcedureName, Prompt } from "./procedure-parts.ts";
import { procedures } from "./procedures.ts";

/** Asked before a change that would cancel a scan. */
export const cancelScan: Prompt = { id: "confirm/cancel-scan", text: "SCAN RUNNING: CANCEL IT?" };

/** Starts a procedure from a menu item. One without questions and fields ends at once. */
export function startProcedure(procedure: ProcedureName, from: MenuPlace, context: PanelContext): Transition {
  const place: ProcedurePlace = { at: "procedure", procedure, from, entered: {}, stage: { on: "begin" } };
  return procedures[procedure].begin === null ? proceed(place, 0, {}, context) : { place };
}

/**
 * To the first field from this index on that is asked, behind the last field to the last question, behind that to the
 * effect. A field opens with what was entered in it before, else with the value in force.
 */
function proceed(place: ProcedurePlace, from: number, entered: Entered, context: PanelContext): Transition {
  const procedure = procedures[place.procedure];
  const { fields, confirm } = procedure;
  const { facts } = context;
  const index = fields.findIndex((row, at) => at >= from && isAsked(row, facts, entered));
  const row = fields[index];
  if (row !== undefined) {
    const field = row.open(entered[row.name] ?? row.initial(facts), facts);
    return { place: { ...place, entered, stage: { on: "field", index, field, refused: null } } };
  }
  if (confirm !== null && (place.stage.on === "begin" || place.stage.on === "field")) {
    return { place: { ...place, entered, stage: { on: "confirm" } } };
  }
  const effect = procedure.effect(entered, facts);
  if (place.stage.on !== "cancel-scan" && changesNetwork(effect) && runsScan(facts)) {
    return { place: { ...place, entered, stage: { on: "cancel-scan" } } };
  }
  return { place: procedure.stays ? again(place, context) : statusPlace, effects: [effect] };
}

function isAsked(row: FieldRow, facts: Facts, entered: Entered): boolean {
  return row.when?.(facts, entered) ?? true;
}

function changesNetwork({ type }: Effect): boolean {
  return type === "change-settings" || type === "renew-lease";
}

/** The procedure from its first field on, which opens with the value in force. */
function again(place: ProcedurePlace, context: PanelContext): ProcedurePlace | MenuPlace {
  const fresh = startProcedure(place.procedure, place.from, context).place;
  return fresh.at === "procedure" ? fresh : place.from;
}

/** From the question about the scan to the one before it, with all that was entered. */
function beforeScan(place: ProcedurePlace, context: PanelContext): ProcedurePlace | MenuPlace {
  const { fields, confirm } = procedures[place.procedure];
  if (confirm !== null) return { ...place, stage: { on: "confirm" } };
  const last = fields.findLastIndex((row) => isAsked(row, context.facts, place.entered));
  if (last < 0) return place.from;
  const back = proceed({ ...place, stage: { on: "begin" } }, last, place.entered, context).place;
  return back.at === "procedure" ? back : place.from;
}

export const procedurePlace: PlaceType<ProcedurePlace> = {
  step: (place, input, context) => {
    const { stage } = place;
    if (stage.on === "field") return stepStage(place, stage, input, context);
    if (input.type !== "key") return { place };
    if (input.key === "UP") {
      // Without a last question ENTER in the field would only lead back here: there would be no way out by UP and ENTER.
      const asksTwice = stage.on === "cancel-scan" && procedures[place.procedure].confirm !== null;
      return { place: asksTwice ? beforeScan(place, context) : place.from };
    }
    if (input.key !== "ENTER") return { place };
    return proceed(place, stage.on === "begin" ? 0 : procedures[place.procedure].fields.length, place.entered, context);
  },

  /** The field decides; a question never takes them, or a held ENTER would answer it. */
  takesRepeats: ({ stage }) => stage.on === "field" && stage.refused === null,

  /** A procedure that is no longer offered is left: the settings have changed under it. */
  refresh: (place, context) => {
    if (!isOffered(place, context.facts)) return place.from;
    return place.stage.on === "cancel-scan" && !runsScan(context.facts) ? beforeScan(place, context) : place;
  },

  interrupted: (place, working, context) => {
    const isOurs = working.what === "change" || working.what === "canceling-scan";
    return isOurs && procedures[place.procedure].stays ? again(place, context) : statusPlace;
  },

  view: (place, context) => layOut(screenOf(place, context.facts), context.geometry, context.nowMs),
};

function isOffered({ procedure, from }: ProcedurePlace, facts: Facts): boolean {
  const { when } = procedures[procedure];
  if (when !== undefined) return when.holds(facts);
  return offeredItems(from.menu, facts).some(
    ({ target }) => target.to === "procedure" && target.procedure === procedure,
  );
}

/** LEFT would go back from a refused value to another field. */
export function goesBackByLeft({ stage }: ProcedurePlace): boolean {
  return stage.on === "field" && stage.refused !== null && stage.index > 0;
}

type FieldStage = Extract<Stage, { on: "field" }>;

/**
 * An input to a field, or a key at what was wrong with the last one: UP cancels the procedure; LEFT goes back to its first
 * field, because what was refused may be right and an earlier field wrong, and ENTER then walks forward over what was
 * entered, each value checked again; the chord clears the field; any other key returns to it as it was. So does LEFT in the
 * first field.
 */
function stepStage(place: ProcedurePlace, stage: FieldStage, input: PanelInput, context: PanelContext): Transition {
  const row = rowOf(place, stage);
  const at = (change: Partial<FieldStage>): Transition => ({
    place: { ...place, stage: { ...stage, refused: null, ...change } },
  });
  if (stage.refused !== null && input.type === "key" && input.key !== "LEFT+RIGHT") {
    if (input.key === "UP") return { place: place.from };
    if (input.key !== "LEFT" || stage.index === 0) return at({});
    return proceed(place, 0, { ...place.entered, [row.name]: fieldValue(stage.field) }, context);
  }
  const { state: field, outcome } = stepField(stage.field, input);
  // What fits of a paste goes in, and what was refused of it first stays on the glass.
  const told = input.type === "character" && input.pasted === true ? stage.refused : null;
  if (outcome === null) return at({ field, refused: told });
  if (outcome === "up" || outcome === "down") return beside(place, outcome, context) ?? at({ field });
  if (outcome !== "accept") return at({ refused: told ?? outcome });
  const value = fieldValue(field);
  const wrong =
    value === ""
      ? row.optional
        ? null
        : required(row.prompt)
      : (row.check?.(value, place.entered, context.facts) ?? null);
  if (wrong !== null) return at({ field, refused: wrong });
  // Nothing to set: on to the next of the column, which four keys do not reach by DOWN.
  const below = context.geometry.keys === 4 ? neighbour(procedures[place.procedure], "down", context.facts) : null;
  if (below !== null && value === row.initial(context.facts)) return startProcedure(below, place.from, context);
  return proceed(place, stage.index + 1, { ...place.entered, [row.name]: value }, context);
}

/** To the procedure that stands above or below; null where there is none. */
function beside(place: ProcedurePlace, way: "up" | "down", context: PanelContext): Transition | null {
  const name = neighbour(procedures[place.procedure], way, context.facts);
  if (name !== null) return startProcedure(name, place.from, context);
  return way === "up" ? { place: place.from } : null;
}

function neighbour({ above, below }: Procedure, way: "up" | "down", facts: Facts): ProcedureName | null {
  const name = way === "up" ? above : below;
  return name !== undefined && (procedures[name].when?.holds(facts) ?? true) ? name : null;
}

function rowOf(place: ProcedurePlace, stage: FieldStage): FieldRow {
  const row = procedures[place.procedure].fields[stage.index];
  if (row === undefined) throw new Error(`procedure ${place.procedure} has no field ${stage.index}`);
  return row;
}

function screenOf(place: ProcedurePlace, facts: Facts): Screen {
  const { stage, entered } = place;
  const procedure = procedures[place.procedure];
  if (stage.on !== "field") {
    const prompt = stage.on === "cancel-scan" ? cancelScan : procedure[stage.on];
    const chosen = prompt?.chosen?.(entered);
    const text = chosen === undefined ? prompt?.text : `${prompt?.text} ${chosen}`;
    return { screen: prompt?.id ?? "", text: text ?? "", keys: ["UP", "ENTER"] };
  }
  const row = rowOf(place, stage);
  if (stage.refused !== null) {
    const keys = ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"] as const;
    return { screen: `${row.id}/refused`, text: stage.refused.message, keys };
  }
  const { suffix, prompt, entry, keys } = viewField(stage.field);
  const downwards = neighbour(procedure, "down", facts) === null ? [] : (["DOWN"] as const);
  return { screen: row.id + suffix, text: prompt ?? row.prompt, entry, keys: [...keys, ...downwards] };
}
