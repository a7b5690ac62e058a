import { describe, expect, it } from "vitest";
import { characterRoms, romNames } from "../../../hal/chips/character-roms.ts";
import { panelGlyphs } from "../../../hal/chips/glyphs.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createHd44780Model } from "../../../hal/mock/hd44780-model.ts";
import { romCharacter } from "../../../hal/mock/rom-font.ts";

/** The model and hands that set its pins one after another, 90 us apart unless told. */
function createBench(oscillatorHertz = 270_000) {
  const model = createHd44780Model({ clock: createFakeClock(), rom: "A00", cols: 16, rows: 2, oscillatorHertz });
  let us = 20_000;
  const strobe = (rs: boolean, data: number, wait = 90) => {
    us += wait;
    for (const e of [false, true, false]) {
      model.pins({ rs, rw: false, e, data }, us);
      if (e) us += 1;
    }
  };
  const byte = (rs: boolean, value: number, wait = 90) => {
    strobe(rs, value >> 4, wait);
    strobe(rs, value & 0xf, 2);
  };
  const initialise = () => {
    for (const [nibble, wait] of [
      [3, 100],
      [3, 4200],
      [3, 110],
      [2, 90],
    ] as const) {
      strobe(false, nibble, wait);
    }
    for (const value of [0x28, 0x08, 0x01]) byte(false, value);
    byte(false, 0x06, 1600 * (270_000 / oscillatorHertz));
    byte(false, 0x0c);
  };
  const write = (text: string) => {
    for (const character of text) byte(true, character.charCodeAt(0));
  };
  return { model, strobe, byte, initialise, write, firstLine: () => model.glass().lines[0]?.trimEnd() };
}

describe("the modelled HD44780", () => {
  it("shows what is written after the data sheet's initialisation", () => {
    const bench = createBench();
    bench.initialise();
    bench.write("Hello");
    expect(bench.firstLine()).toBe("Hello");
    expect(bench.model.violations).toEqual([]);
    expect(bench.model.glass()).toMatchObject({ on: true, cursor: null });
  });

  it("is dark, in 8-bit mode and with one line after power-on", () => {
    const bench = createBench();
    expect(bench.model.glass()).toMatchObject({ on: false, cursor: null });
    bench.strobe(false, 0x0, 100); // with the open pins high: 0x0F, everything on
    expect(bench.model.glass().on).toBe(true);
    bench.strobe(true, 0x4, 90); // 0x4F
    expect(bench.firstLine()).toBe("O");
  });

  it.each<[string, (bench: ReturnType<typeof createBench>) => void, RegExp]>([
    ["an instruction within 37 us", (it) => it.byte(false, 0x80, 30), /instruction 0x8: [\d.]+ us too early/],
    ["a data byte within 37 + 4 us", (it) => it.byte(true, 0x41, 36), /data 0x4: [\d.]+ us too early/],
    ["anything within 1.52 ms of clear", (it) => [it.byte(false, 0x01), it.byte(true, 0x41, 1400)], /too early/],
    ["anything within 1.52 ms of home", (it) => [it.byte(false, 0x02), it.byte(true, 0x41, 1400)], /too early/],
  ])("is deaf and says so: %s", (_, act, message) => {
    const bench = createBench();
    bench.initialise();
    bench.write("Hi");
    act(bench);
    expect(bench.model.violations[0]).toMatch(message);
  });

  it("is out of step after a nibble that came too early, so that garbage shows", () => {
    const bench = createBench();
    bench.initialise();
    bench.byte(true, 0x41);
    bench.strobe(true, 0x4, 10);
    bench.strobe(true, 0x2, 90);
    bench.write("CDE");
    expect(bench.firstLine()).not.toBe("ABCDE");
    expect(bench.firstLine()?.[0]).toBe("A");
  });

  it("is slower with a slower oscillator", () => {
    const bench = createBench(190_000);
    bench.initialise();
    bench.write("AB");
    expect(bench.model.violations).toEqual([]);
    bench.strobe(true, 0x4, 50);
    expect(bench.model.violations).toHaveLength(1);
  });

  it.each<[string, { rs: boolean; data: number }, { rs: boolean; data: number }, RegExp]>([
    ["RS with the rise of E", { rs: false, data: 4 }, { rs: true, data: 4 }, /40 ns before E rose/],
    ["RS with the fall of E", { rs: true, data: 4 }, { rs: true, data: 4 }, /10 ns after E fell/],
    ["data with the fall of E", { rs: true, data: 4 }, { rs: true, data: 4 }, /80 ns before E fell/],
  ])("says that the set-up time was not kept: %s", (what, before, high, message) => {
    const bench = createBench();
    bench.initialise();
    const after = what.startsWith("RS with the fall") ? { ...high, rs: false } : { ...high, data: 9 };
    bench.model.pins({ ...before, rw: false, e: false }, 100_000);
    bench.model.pins({ ...high, rw: false, e: true }, 100_090);
    bench.model.pins({ ...after, rw: false, e: false }, 100_180);
    expect(bench.model.violations.some((violation) => message.test(violation))).toBe(true);
  });

  it("asks for the waits of the initialisation: power-on 15 ms, first function set 4.1 ms, second 100 us", () => {
    const early = createHd44780Model({ clock: createFakeClock(), rom: "A00", cols: 16, rows: 2 });
    const nibble3 = (model: typeof early, us: number) => {
      for (const e of [false, true, false]) model.pins({ rs: false, rw: false, e, data: 3 }, us);
    };
    nibble3(early, 14_000);
    expect(early.violations).toHaveLength(1);
    nibble3(early, 15_100);
    nibble3(early, 15_100 + 4000);
    expect(early.violations).toHaveLength(2);
    nibble3(early, 15_100 + 4150);
    nibble3(early, 15_100 + 4150 + 90);
    expect(early.violations).toHaveLength(3);
  });

  it("moves the address right or left, round the end of a line, and shifts the glass", () => {
    const bench = createBench();
    bench.initialise();
    bench.byte(false, 0x80 | 0x27);
    bench.write("xy");
    bench.byte(false, 0x80 | 0x41);
    bench.byte(false, 0x04); // to the left
    bench.write("ba");
    expect(bench.model.glass().lines).toEqual([" ".repeat(16), "ab".padEnd(16)]);
    bench.byte(false, 0x1c); // the glass shifts to the right: x, at 0x27, comes into view
    expect(bench.model.glass().lines).toEqual(["x".padEnd(16), " ab".padEnd(16)]);
    bench.byte(false, 0x02, 100); // home
    expect(bench.model.glass().lines[1]).toBe("ab".padEnd(16));
  });

  it("draws the cursor only where it is on the glass", () => {
    const bench = createBench();
    bench.initialise();
    bench.byte(false, 0x0e);
    expect(bench.model.glass().cursor).toEqual({ row: 0, col: 0 });
    bench.byte(false, 0xc0 | 0x05);
    expect(bench.model.glass().cursor).toEqual({ row: 1, col: 5 });
    bench.byte(false, 0x80 | 0x20);
    expect(bench.model.glass().cursor).toBeNull();
  });

  it("reads unknown CGRAM dots as a question mark and known ones as their character", () => {
    const bench = createBench();
    bench.initialise();
    bench.write("\u0000\u0001");
    bench.byte(false, 0x40 | 8);
    for (const row of panelGlyphs.get("↑") ?? []) bench.byte(true, row);
    expect(bench.firstLine()).toBe("?↑");
  });

  it("forgets everything without power", () => {
    const bench = createBench();
    bench.initialise();
    bench.write("Hello");
    bench.model.powerOff();
    expect(bench.model.glass()).toMatchObject({ on: false, lines: [" ".repeat(16), " ".repeat(16)] });
    bench.model.powerOn();
    expect(bench.firstLine()).toBe("");
  });
});

describe("the ROM tables", () => {
  it.each(romNames)("of driver and model agree: %s", (rom) => {
    for (const [character, code] of characterRoms[rom]) expect(romCharacter(rom, code).character).toBe(character);
  });

  it.each(romNames)("have dots for all that the driver uses: %s", (rom) => {
    const bitmaps = [...characterRoms[rom].values()].map((code) => romCharacter(rom, code).bitmap);
    for (const bitmap of bitmaps) {
      expect(bitmap).toHaveLength(8);
      expect(bitmap.every((row) => row >= 0 && row <= 0x1f)).toBe(true);
      expect(bitmap).not.toEqual([0x15, 0x0a, 0x15, 0x0a, 0x15, 0x0a, 0x15, 0x0a]);
    }
    expect(new Set(bitmaps.map(String)).size).toBe(bitmaps.length);
  });

  it("know what A00 lacks: backslash reads as Yen, tilde as an arrow", () => {
    expect(romCharacter("A00", 0x5c).character).toBe("¥");
    expect(romCharacter("A00", 0x7e).character).toBe("→");
    expect(romCharacter("A00", 0xb1).character).toBe("ｱ");
    expect(romCharacter("A02", 0x5c).character).toBe("\\");
  });

  it("draw no two glyphs alike, in eight rows of five dots", () => {
    const bitmaps = [...panelGlyphs.values()];
    expect(new Set(bitmaps.map(String)).size).toBe(bitmaps.length);
    for (const bitmap of bitmaps) expect(bitmap.filter((row) => row >= 0 && row <= 0x1f)).toHaveLength(8);
  });
});
