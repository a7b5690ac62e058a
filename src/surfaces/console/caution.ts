import type { Key, PanelInput } from "../../model/key.ts";
import type { ConsoleInput } from "./key-parser.ts";

/**
 * Which inputs of a console reach the panel. Whole files of keystrokes do, at full line speed; noise on the line never
 * answers a last question by itself:
 *
 * - What no key sends, and text or Backspaces that nothing takes, make the line doubtful. ENTER on a doubtful line does
 *   what it always does, but it starts nothing beyond the panel. Two of UP, DOWN and LEFT, each pressed by hand, clear the
 *   doubt: four bytes or more that noise would have to hit on, with silence before each key. RIGHT does not count, being TAB
 *   too. One stray character, as a `y` typed at a question, only spoils an ENTER that comes in one run with it.
 * - When a value is refused in the middle of what arrives in one run, what fits of the line still goes into the field, the
 *   refusal stays on the glass, and all that follows is dropped until the line has been silent: it was meant for other
 *   fields.
 * - What comes in one run while a working message is on the glass is dropped with all that follows, for the same reason.
 * - The first ENTER opens the console; a second one that comes before the picture starts nothing.
 *
 * A device that sends nothing but line ends is not told from a person who presses ENTER.
 */
export interface Caution {
  readonly doubtful: boolean;
  /** A character or a Backspace that nothing takes came in this run. */
  readonly stray: boolean;
  /** Arrow keys pressed by hand since the last doubt. */
  readonly arrows: number;
  /** What becomes of the rest of a run in which a value was refused, or into which a working message came. */
  readonly run: "whole" | "refused" | "dropped";
  /** Something was passed on since the console was opened. */
  readonly begun: boolean;
  /** When the last input came, monotonic. */
  readonly lastMs: number;
  /** When the last input came that no hand made. */
  readonly runEndMs: number;
  /** What a person at this console should know; null is nothing. */
  readonly advice: string | null;
}

/** What comes sooner after the input before is no hand's. */
export const runMs = 80;
/** Terminal servers cut a run into pieces; what was dropped of it ends with a longer silence. */
export const silenceMs = 500;

const dropped = "Part of what was sent was not taken, and what came after it was dropped.";
const notStarted = "Unexpected characters came in: press DOWN twice, then ENTER.";

/** What the panel says before an input is passed on. */
export interface Standing {
  readonly takesText: boolean;
  readonly commits: () => boolean;
  /** A working message is on the glass: no input does anything. */
  readonly busy: boolean;
  /** The picture has been drawn on this console. */
  readonly seen: boolean;
}

export interface CautionStep {
  readonly caution: Caution;
  /** What the panel gets; null: nothing. */
  readonly pass: PanelInput | null;
  /** It came in one run with what came before. */
  readonly inRun: boolean;
}

const arrowKeys: readonly Key[] = ["UP", "DOWN", "LEFT"];

export const initialCaution: Caution = {
  doubtful: false,
  stray: false,
  arrows: 0,
  run: "whole",
  begun: false,
  lastMs: Number.NEGATIVE_INFINITY,
  runEndMs: Number.NEGATIVE_INFINITY,
  advice: null,
};

/** Looks at one input, before the panel gets it. */
export function consider(
  before: Caution,
  input: Extract<ConsoleInput, { type: "panel" | "noise" }>,
  atMs: number,
  { takesText, commits, busy, seen }: Standing,
): CautionStep {
  const inRun = atMs - before.lastMs < runMs;
  const caution: Caution = {
    ...before,
    lastMs: atMs,
    runEndMs: inRun ? atMs : before.runEndMs,
    stray: inRun && before.stray,
    run: atMs - before.runEndMs < silenceMs ? before.run : "whole",
  };
  if (input.type === "noise") return { caution: doubted(caution), pass: null, inRun };
  const key = input.input;
  const isOut = (busy && inRun) || (caution.run === "refused" && key.type !== "character");
  if (isOut || caution.run === "dropped") {
    return { caution: { ...caution, run: "dropped", advice: dropped }, pass: null, inRun };
  }
  if (key.type !== "key") {
    if (!takesText) return { caution: inRun ? doubted(caution) : { ...caution, stray: true }, pass: null, inRun };
    return {
      caution: passed(caution),
      pass: key.type === "character" && inRun ? { ...key, pasted: true } : key,
      inRun,
    };
  }
  if (key.key === "ENTER") {
    const unseen = !seen && !caution.begun;
    if ((caution.doubtful || caution.stray || unseen) && commits()) {
      return { caution: caution.doubtful ? { ...caution, advice: notStarted } : caution, pass: null, inRun };
    }
    return { caution: passed(caution), pass: key, inRun };
  }
  const arrows = !inRun && arrowKeys.includes(key.key) ? caution.arrows + 1 : 0;
  const isClear = arrows >= 2;
  return {
    caution: passed({ ...caution, arrows, doubtful: caution.doubtful && !isClear }),
    pass: key,
    inRun,
  };
}

/** The panel got something that came in one run with what came before, and refuses it, or refused something before it. */
export function refused(caution: Caution): Caution {
  return caution.run === "whole" ? { ...caution, run: "refused" } : caution;
}

function passed(caution: Caution): Caution {
  const isOver = !caution.doubtful && caution.run === "whole";
  return { ...caution, begun: true, advice: isOver ? null : caution.advice };
}

function doubted(caution: Caution): Caution {
  return { ...caution, doubtful: true, arrows: 0 };
}
