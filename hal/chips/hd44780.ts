import { type Clock, sleep } from "../clock.ts";
import type { Display, Picture } from "../display.ts";
import { HalError } from "../errors.ts";
import { characterRoms, type RomName } from "./character-roms.ts";
import { type FourBitBus, type Step, slowestOscillator } from "./four-bit-bus.ts";
import { type Glyphs, panelGlyphs } from "./glyphs.ts";
import { type ChipState, clearedChip, instruction, type PlanContext, planUpdate } from "./hd44780-plan.ts";

export interface Hd44780Options {
  /** Owned by the driver: `halt` closes it. */
  readonly bus: FourBitBus;
  readonly clock: Clock;
  /** 8 to 20. */
  readonly cols: number;
  readonly rows: 2 | 4;
  readonly rom: RomName;
  /** What it can be taught, at most eight at a time; by default the glyphs of the front panel. */
  readonly glyphs?: Glyphs;
}

/** HD44780U data sheet, "Initializing by Instruction": from 4.5 V on the supply to the first instruction. */
const powerOnMs = 15;
/** The same figure: after the first function set. Also covers a home instruction that a stray nibble may have made. */
const firstFunctionSetMs = 4.1;
const secondFunctionSetUs = 100;
/** Clear: 1.52 ms at 270 kHz. */
const clearMs = 1.52 * slowestOscillator;

const instructionStep = (value: number): Step => ({ type: "byte", rs: false, value });
const eightBits: Step = { type: "nibble", value: 0x3 };
const fourBits: Step = { type: "nibble", value: 0x2 };
const settle: Step = { type: "pause", us: secondFunctionSetUs };

/** Brings the chip to four data lines and clears it, hidden meanwhile; the first two steps and clear are waited for outside. */
const initialisation = [
  eightBits,
  settle,
  eightBits,
  settle,
  fourBits,
  instructionStep(instruction.fourBitTwoLines),
  instructionStep(instruction.control),
  instructionStep(instruction.clear),
];

/** Some clones leave the address where it was when they clear, so it is set once more. */
const finish = [
  instructionStep(instruction.entryMode),
  instructionStep(instruction.ddramAddress),
  instructionStep(clearedChip.control),
];

/** A character display with an HD44780 or a compatible controller, in two-line mode. Never reads from the chip. */
export function createHd44780({ bus, clock, cols, rows, rom, glyphs = panelGlyphs }: Hd44780Options): Display {
  const context: PlanContext = {
    cols,
    rows,
    rom: characterRoms[rom],
    glyphs,
    cost: bus.cost,
  };
  /** null: unknown, because it was never reset or the last transfer failed. */
  let chip: ChipState | null = null;
  let working: Promise<void> | null = null;
  let halted: Promise<void> | null = null;

  const alone = async (work: () => Promise<void>) => {
    if (halted !== null) throw new HalError("closed", bus.device, "the display has been halted");
    if (working !== null) throw new HalError("busy", bus.device, "the display is still busy with the operation before");
    working = work();
    try {
      await working;
    } finally {
      working = null;
    }
  };

  /** A timer may fire early by part of a millisecond; the chip may not be spoken to early. */
  const pause = async (ms: number) => {
    const until = clock.monotonic() + ms;
    for (let left = ms; left > 1e-6; left = until - clock.monotonic()) await sleep(clock, "hd44780 wait", left);
  };

  const reset = async () => {
    chip = null;
    await pause(powerOnMs);
    // Four function sets, not three: a chip that was left between two nibbles takes the first one as the second half of
    // some instruction. The wait after the first then has to follow the second.
    await bus.send([eightBits], true);
    await pause(firstFunctionSetMs);
    await bus.send([eightBits], true);
    await pause(firstFunctionSetMs);
    await bus.send(initialisation, true);
    await pause(clearMs);
    await bus.send(finish, true);
    chip = clearedChip;
  };

  const show = async (picture: Picture) => {
    if (picture.lines.length !== rows || picture.lines.some((line) => line.length !== cols)) {
      throw new RangeError(`a picture for ${cols}x${rows} was expected, not ${JSON.stringify(picture.lines)}`);
    }
    if (chip === null) throw new HalError("io", bus.device, "the state of the display is unknown; reset it first");
    const plan = planUpdate(chip, picture, context);
    if (plan.steps.length > 0) {
      chip = null;
      // The backlight goes with the display's own on and off, so it never changes without a step.
      await bus.send(plan.steps, picture.on);
    }
    chip = plan.chip;
  };

  const halt = async (before: Promise<void> | null) => {
    await before?.catch(() => {}); // its caller has been told
    try {
      if (chip !== null) await bus.send([instructionStep(instruction.control)], false);
    } finally {
      await bus.close();
    }
  };

  return {
    cols,
    rows,
    reset: () => alone(reset),
    show: (picture) => alone(() => show(picture)),
    halt: () => {
      halted ??= halt(working);
      return halted;
    },
  };
}
