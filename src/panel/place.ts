import type { Effect } from "../model/effect.ts";
import type { Progress } from "../model/facts.ts";
import type { PanelInput } from "../model/key.ts";
import type { NetworkTest } from "../model/network-test.ts";
import type { Flaw } from "../model/validate.ts";
import type { PanelContext } from "./context.ts";
import type { Field } from "./fields/field.ts";
import type { Shown } from "./layout.ts";
import type { MenuName } from "./menus.ts";
import type { Entered, ProcedureName } from "./procedure-parts.ts";
import type { ReadingName } from "./readings.ts";

/** What the facts say: boot, home, failure ... `pan` is how many cells a long row has been moved to the left. */
export interface StatusPlace {
  readonly at: "status";
  readonly pan: number;
}

/** A longer text, page by page. */
export interface ReadingPlace {
  readonly at: "reading";
  readonly reading: ReadingName;
  readonly page: number;
  /** Where leaving leads; null is the status screen. */
  readonly from: MenuPlace | ReadingPlace | TestPlace | null;
  /** What was opened, as it read then; absent: what the reading says now. */
  readonly opened?: readonly string[];
}

/** A test of the network, looked at while it goes on and when it has ended. */
export interface TestPlace {
  readonly at: "test";
  /** The page that a person has turned to, and in which state of the test; null: the rung that is climbed, then the verdict. */
  readonly turned: { readonly page: number; readonly state: NetworkTest["state"] } | null;
  readonly from: MenuPlace;
}

export interface MenuPlace {
  readonly at: "menu";
  readonly menu: MenuName;
  /** The identifier of the item that is showing. */
  readonly item: string;
}

export type Stage =
  | { readonly on: "begin" }
  | {
      readonly on: "field";
      readonly index: number;
      readonly field: Field;
      /** What was wrong with the last input, until a key is pressed. */
      readonly refused: Flaw | null;
    }
  | { readonly on: "confirm" }
  /** A scan runs that the change would cancel. */
  | { readonly on: "cancel-scan" };

/** A sequence of fields and prompts that ends in one effect. */
export interface ProcedurePlace {
  readonly at: "procedure";
  readonly procedure: ProcedureName;
  /** Where cancelling leads. */
  readonly from: MenuPlace;
  readonly entered: Entered;
  readonly stage: Stage;
}

/** The PIN is asked for. */
export interface LockedPlace {
  readonly at: "locked";
  readonly field: Field;
  /** A PIN is being looked at: how many had been looked at before. */
  readonly asked: number | null;
  /** The last one was wrong, until something is entered. */
  readonly wrong: boolean;
}

/** Where a person is. Plain data. */
export type Place = StatusPlace | LockedPlace | ReadingPlace | TestPlace | MenuPlace | ProcedurePlace;

/** What an input led to. */
export interface Transition {
  readonly place: Place;
  readonly effects?: readonly Effect[];
  /** What was read to the end, or put away. */
  readonly read?: ReadingName;
}

/** How one kind of place behaves. All functions are pure. */
export interface PlaceType<P extends Place> {
  step(place: P, input: PanelInput, context: PanelContext): Transition;
  /** Repeats of a held key reach `step`. Absent: never, a held key acts once. */
  takesRepeats?(place: P): boolean;
  /** The place after facts have changed: items and texts may have gone. */
  refresh(place: P, context: PanelContext): Place;
  /** The place after a working message that ends whatever a person was doing. Absent: the status screen. */
  interrupted?(place: P, working: Progress, context: PanelContext): Place;
  view(place: P, context: PanelContext): Shown;
  /** The monotonic time at which time alone changes the view. Absent or null: never. */
  changesAt?(place: P, context: PanelContext): number | null;
}

export const statusPlace: StatusPlace = { at: "status", pan: 0 };
