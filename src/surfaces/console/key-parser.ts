import { type PanelInput, press } from "../../model/key.ts";

/** What the bytes of a terminal mean. */
export type ConsoleInput =
  | { readonly type: "panel"; readonly input: PanelInput }
  /** Ctrl-L. */
  | { readonly type: "repaint" }
  /** What no terminal sends for a key: breaks, bytes with the eighth bit set, stray control characters, broken sequences. */
  | { readonly type: "noise" }
  /** Answer to ESC [ 6 n; row and column from 1. */
  | { readonly type: "cursor-report"; readonly row: number; readonly col: number };

/** How long a started sequence may wait for its next byte. Terminal servers tear sequences apart; ESC alone has no meaning here. */
export const sequenceTimeoutMs = 500;

/**
 * Reads the bytes of a terminal, however they are cut into pieces. Known are arrows in the VT52 (ESC A), VT100 (ESC [ A),
 * application (ESC O A) and xterm forms (ESC [ 1 ; 2 A); ENTER as CR, LF, CR LF or CR NUL; TAB, BACKSPACE, Ctrl-U, Ctrl-L,
 * cursor reports and printable ASCII. Other whole sequences (function keys) are ignored, as are XON and XOFF; all else is noise.
 *
 * Noise is kept from confirming anything: NUL and bytes with the eighth bit set mean nothing, and a line break does not
 * count as ENTER while a sequence is unfinished, nor after a byte with the eighth bit set until a printable character or
 * {@link sequenceTimeoutMs} has passed. Noise of seven-bit characters with a line break among them (a wrong baud rate may
 * give it) looks like typing and is taken for it.
 */
export interface KeyParser {
  push(bytes: Uint8Array): readonly ConsoleInput[];
  /** What came last is not understood to its end: call `giveUp` when {@link sequenceTimeoutMs} pass without a byte. */
  waiting(): boolean;
  giveUp(): void;
}

type State =
  | { readonly in: "text" }
  /** After ESC. */
  | { readonly in: "escape" }
  /** After ESC and intermediate bytes, as in ESC ( B. */
  | { readonly in: "intermediate" }
  /** After ESC [ or ESC O, with the parameters so far. */
  | { readonly in: "control"; readonly parameters: string }
  /** After ESC [ [, the Linux console's function keys: one byte follows. */
  | { readonly in: "function-key" };

const text: State = { in: "text" };
const arrows = { A: "UP", B: "DOWN", C: "RIGHT", D: "LEFT" } as const;
/** Longer ones are noise; the sequence is still read to its end. */
const maxParameters = 16;

const noise: ConsoleInput = { type: "noise" };
const nul = 0x00;
const xon = 0x11;
const xoff = 0x13;
const lf = 0x0a;
const cr = 0x0d;
const esc = 0x1b;

export function createKeyParser(): KeyParser {
  let state = text;
  /** The last byte was a CR: a LF belongs to it. */
  let afterCr = false;
  /** So does one NUL. */
  let nulOfCr = false;
  let noisy = false;

  const inText = (byte: number): ConsoleInput | null => {
    switch (byte) {
      case cr:
      case lf:
        return noisy ? null : panel(press("ENTER"));
      case esc:
        state = { in: "escape" };
        return null;
      case 0x08:
      case 0x7f:
        return panel({ type: "erase" });
      case 0x09:
        return panel(press("RIGHT"));
      case 0x0c:
        return { type: "repaint" };
      case 0x15:
        return panel(press("LEFT+RIGHT"));
      case xon:
      case xoff:
        return null;
    }
    if (byte < 0x20) return noise;
    noisy = false;
    return panel({ type: "character", character: String.fromCharCode(byte) });
  };

  const inSequence = (byte: number): ConsoleInput | null => {
    if (byte === esc) {
      // ESC ESC begins what some terminals send for Alt and an arrow.
      const isBroken = state.in !== "escape";
      state = { in: "escape" };
      return isBroken ? noise : null;
    }
    // Control characters end a sequence, unfinished: CAN and SUB by the standard, the others because they are noise.
    if (byte < 0x20 || byte === 0x7f) {
      state = text;
      return noise;
    }
    const character = String.fromCharCode(byte);
    switch (state.in) {
      case "escape":
        if (character === "[" || character === "O") state = { in: "control", parameters: "" };
        else if (byte < 0x30) state = { in: "intermediate" };
        else {
          state = text;
          return arrow(character);
        }
        return null;
      case "intermediate":
        if (byte >= 0x30) state = text;
        return null;
      case "control": {
        const { parameters } = state;
        if (byte < 0x40) {
          if (parameters.length <= maxParameters) state = { in: "control", parameters: parameters + character };
          return null;
        }
        if (character === "[" && parameters === "") {
          state = { in: "function-key" };
          return null;
        }
        state = text;
        if (parameters.length > maxParameters) return noise;
        return controlSequence(parameters, character);
      }
      default:
        state = text;
        return null;
    }
  };

  const take = (byte: number): ConsoleInput | null => {
    if (byte === nul) {
      const belongsToCr = nulOfCr;
      nulOfCr = false;
      return belongsToCr ? null : noise;
    }
    nulOfCr = byte === cr;
    if (byte >= 0x80) {
      noisy = true;
      return noise;
    }
    const belongsToCr = afterCr && byte === lf;
    afterCr = byte === cr;
    if (belongsToCr) return null;
    return state.in === "text" ? inText(byte) : inSequence(byte);
  };

  return {
    push: (bytes) => {
      const inputs: ConsoleInput[] = [];
      for (const byte of bytes) {
        const input = take(byte);
        if (input !== null) inputs.push(input);
      }
      return inputs;
    },
    waiting: () => noisy || state.in !== "text",
    giveUp: () => {
      state = text;
      noisy = false;
    },
  };
}

function panel(input: PanelInput): ConsoleInput {
  return { type: "panel", input };
}

function arrow(final: string): ConsoleInput | null {
  return final in arrows ? panel(press(arrows[final as keyof typeof arrows])) : null;
}

function controlSequence(parameters: string, final: string): ConsoleInput | null {
  if (!/^[\d;]*$/.test(parameters)) return null;
  if (final !== "R") return arrow(final);
  const [row, col, ...more] = parameters.split(";").map(Number);
  if (!row || !col || more.length > 0) return null;
  return { type: "cursor-report", row, col };
}
