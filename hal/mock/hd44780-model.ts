import type { RomName } from "../chips/character-roms.ts";
import { type Bitmap, type Glyphs, panelGlyphs } from "../chips/glyphs.ts";
import type { Clock } from "../clock.ts";
import type { Position } from "../display.ts";
import { romCharacter } from "./rom-font.ts";

/** Levels at the chip's pins; `data` is D4 to D7. */
export interface Hd44780Pins {
  readonly rs: boolean;
  readonly rw: boolean;
  readonly e: boolean;
  readonly data: number;
}

/** What a person in front of the glass sees. */
export interface LcdGlass {
  /** As the chip would show it when on; glyphs as the character that is drawn like them, `?` for unknown dots. */
  readonly lines: readonly string[];
  readonly cursor: Position | null;
  /** The display control's D bit; off, the glass is empty whatever `lines` says. */
  readonly on: boolean;
  /** The dots that are dark, the cursor's line included: `dots[row][col]` is eight rows of five bits, bit 4 left. */
  readonly dots: readonly (readonly Bitmap[])[];
}

export interface Hd44780Model {
  /** New levels at the pins from `atUs` on (microseconds of the monotonic clock). */
  pins(levels: Hd44780Pins, atUs: number): void;
  glass(): LcdGlass;
  /** What the driver did that the data sheet forbids, oldest first; the last 100. */
  readonly violations: string[];
  powerOff(): void;
  powerOn(): void;
}

export interface Hd44780ModelOptions {
  readonly clock: Clock;
  readonly rom: RomName;
  readonly cols: number;
  readonly rows: number;
  /** 190 000 to 350 000; the data sheet's times are for 270 000. */
  readonly oscillatorHertz?: number;
  /** Dots that are read as a character. */
  readonly glyphs?: Glyphs;
}

const lowNibbleOfOpenPins = 0xf; // pull-ups inside the chip
const maxViolations = 100;

/**
 * An HD44780 that is wired with four data lines, as its data sheet describes it: latches at the falling edge of E, starts
 * with eight data lines after power-on, is deaf while it executes. What a driver does wrong is recorded and has the
 * effect that it would have: a nibble that comes too early is lost and all after it are out of step.
 * Reading is not modelled (RW high does nothing).
 */
export function createHd44780Model(options: Hd44780ModelOptions): Hd44780Model {
  const { clock, rom, cols, rows, oscillatorHertz = 270_000, glyphs = panelGlyphs } = options;
  const violations: string[] = [];
  const slowness = 270_000 / oscillatorHertz;
  const floating: Hd44780Pins = { rs: true, rw: true, e: true, data: 0xf }; // as a PCF8574 has them at power-on
  let powered = true;
  let pins = floating;
  let busyUntilUs = 0;
  let ddram = new Uint8Array(0x80);
  let cgram = new Uint8Array(64);
  let state = afterPowerOn();

  function afterPowerOn() {
    return {
      fourBits: false,
      pendingNibble: null as number | null,
      functionSets: 0,
      twoLines: false,
      on: false,
      cursor: false,
      blink: false,
      step: 1 as 1 | -1,
      shiftsOnWrite: false,
      shift: 0,
      inCgram: false,
      address: 0,
    };
  }

  const violate = (atUs: number, what: string) => {
    violations.push(`${(atUs / 1000).toFixed(3)} ms: ${what}`);
    if (violations.length > maxViolations) violations.shift();
  };
  const lineLength = () => (state.twoLines ? 0x28 : 0x50);
  /** Two lines are 0x00-0x27 and 0x40-0x67, one line is 0x00-0x4F; the counter goes round. */
  const wrapped = (address: number, step: number) => {
    if (!state.twoLines) return (address + step + 0x50) % 0x50;
    const cell = (address < 0x40 ? address : address - 0x40 + 0x28) + step;
    const around = (cell + 0x50) % 0x50;
    return around < 0x28 ? around : around - 0x28 + 0x40;
  };
  const moveAddress = (step: number) => {
    state.address = state.inCgram ? (state.address + step) & 0x3f : wrapped(state.address, step);
  };
  const clear = () => {
    ddram.fill(0x20);
    Object.assign(state, { step: 1, shift: 0, inCgram: false, address: 0 });
  };

  /** Returns the execution time in microseconds at 270 kHz. */
  const execute = (rs: boolean, value: number): number => {
    if (rs) {
      if (state.inCgram) cgram[state.address] = value & 0x1f;
      else ddram[state.address] = value;
      moveAddress(state.step);
      if (state.shiftsOnWrite && !state.inCgram) state.shift += state.step;
      return 41; // 37 and tADD 4
    }
    if (value & 0x80) {
      state.inCgram = false;
      state.address = wrapped(value & 0x7f, 0);
    } else if (value & 0x40) {
      state.inCgram = true;
      state.address = value & 0x3f;
    } else if (value & 0x20) {
      state.fourBits = (value & 0x10) === 0;
      if (state.fourBits) state.twoLines = (value & 0x08) !== 0;
      state.functionSets++;
      // "Initializing by Instruction": the first two after power-on need 4.1 ms and 100 us.
      if (!state.fourBits && state.functionSets <= 2) return (state.functionSets === 1 ? 4100 : 100) / slowness;
    } else if (value & 0x10) {
      const step = value & 0x04 ? 1 : -1;
      if (value & 0x08) state.shift -= step;
      else moveAddress(step);
    } else if (value & 0x08) {
      state.on = (value & 0x04) !== 0;
      state.cursor = (value & 0x02) !== 0;
      state.blink = (value & 0x01) !== 0;
    } else if (value & 0x04) {
      state.step = value & 0x02 ? 1 : -1;
      state.shiftsOnWrite = (value & 0x01) !== 0;
    } else if (value & 0x02) {
      Object.assign(state, { shift: 0, inCgram: false, address: 0 });
      return 1520;
    } else if (value & 0x01) {
      clear();
      return 1520;
    }
    return 37;
  };

  const latch = (rs: boolean, nibble: number, atUs: number) => {
    if (atUs < busyUntilUs) {
      violate(
        atUs,
        `${rs ? "data" : "instruction"} 0x${nibble.toString(16)}: ${(busyUntilUs - atUs).toFixed(1)} us too early`,
      );
      return;
    }
    if (state.fourBits && state.pendingNibble === null) {
      state.pendingNibble = nibble;
      return;
    }
    const value = state.fourBits ? ((state.pendingNibble ?? 0) << 4) | nibble : (nibble << 4) | lowNibbleOfOpenPins;
    state.pendingNibble = null;
    busyUntilUs = atUs + execute(rs, value) * slowness;
  };

  const powerOn = () => {
    powered = true;
    pins = floating;
    state = afterPowerOn();
    ddram = new Uint8Array(0x80).fill(0x20);
    cgram = new Uint8Array(64).map((_, index) => (index % 2 === 0 ? 0x15 : 0x0a));
    busyUntilUs = (clock.monotonic() + 15) * 1000;
  };
  powerOn();

  const cellAddress = (row: number, col: number) => {
    const start = row >= 2 ? cols : 0;
    const inLine = (((start + col + state.shift) % lineLength()) + lineLength()) % lineLength();
    return (row % 2) * 0x40 + inLine;
  };
  const isShown = (row: number) => row % 2 === 0 || state.twoLines;
  const cellContent = (row: number, col: number) => {
    if (!isShown(row)) return { character: " ", bitmap: new Array<number>(8).fill(0) };
    const code = ddram[cellAddress(row, col)] ?? 0x20;
    if (code >= 0x10) return romCharacter(rom, code);
    const bitmap = [...cgram.subarray((code & 7) * 8, (code & 7) * 8 + 8)];
    for (const [character, known] of glyphs)
      if (known.every((bits, index) => bits === bitmap[index])) return { character, bitmap };
    return { character: "?", bitmap };
  };

  return {
    violations,
    pins: (levels, atUs) => {
      const before = pins;
      pins = levels;
      if (!powered) return;
      const changed = before.rs !== levels.rs || before.rw !== levels.rw;
      if (!before.e && levels.e && changed) violate(atUs, "RS or RW changed less than 40 ns before E rose");
      if (!before.e || levels.e || before.rw) return;
      if (changed) violate(atUs, "RS or RW changed less than 10 ns after E fell");
      if (before.data !== levels.data) violate(atUs, "data changed less than 80 ns before E fell");
      latch(before.rs, before.data, atUs);
    },
    glass: () => {
      const grid = Array.from({ length: rows }, (_, row) => Array.from({ length: cols }, (_, col) => ({ row, col })));
      const isLit = powered && state.on;
      const underCursor = ({ row, col }: Position) =>
        isLit &&
        (state.cursor || state.blink) &&
        !state.inCgram &&
        isShown(row) &&
        cellAddress(row, col) === state.address;
      return {
        lines: grid.map((line) =>
          line.map(({ row, col }) => (powered ? cellContent(row, col).character : " ")).join(""),
        ),
        cursor: grid.flat().find(underCursor) ?? null,
        on: isLit,
        dots: grid.map((line) =>
          line.map((place) => {
            if (!isLit) return new Array<number>(8).fill(0);
            const { bitmap } = cellContent(place.row, place.col);
            return underCursor(place) ? bitmap.with(7, 0x1f) : bitmap;
          }),
        ),
      };
    },
    powerOff: () => {
      powered = false;
    },
    powerOn,
  };
}
