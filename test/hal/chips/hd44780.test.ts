import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { panelGlyphs } from "../../../hal/chips/glyphs.ts";
import { pcf8574Wirings } from "../../../hal/chips/pcf8574.ts";
import type { Picture } from "../../../hal/display.ts";
import { createLcdBench, type LcdBenchOptions } from "../../support/lcd-bench.ts";
import { pictureSequences, sizes } from "../../support/pictures.ts";

const picture = (first: string, second = "", more: Partial<Picture> = {}): Picture => ({
  lines: [first.padEnd(16), second.padEnd(16)],
  cursor: null,
  on: true,
  ...more,
});

describe("the bytes on the bus, LCM1602 wiring (RS 01, RW 02, E 04, backlight 08, data F0)", () => {
  it("initialises by instruction", async () => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    expect(bench.takeTransactions()).toEqual([
      [0x38, 0x3c, 0x38], // RS settles; function set, eight lines
      [0x3c, 0x38], // again
      [
        ...[0x3c, 0x38, 0x38], // again, and 100 us
        ...[0x3c, 0x38, 0x28], // again, and 100 us
        ...[0x2c, 0x28], // function set, four lines
        ...[0x2c, 0x28, 0x8c, 0x88], // four lines, two rows
        ...[0x0c, 0x08, 0x8c, 0x88], // display off
        ...[0x0c, 0x08, 0x1c, 0x18], // clear
      ],
      [
        ...[0x0c, 0x08, 0x6c, 0x68], // entry mode: to the right
        ...[0x8c, 0x88, 0x0c, 0x08], // address 0
        ...[0x0c, 0x08, 0xcc, 0xc8], // display on
      ],
    ]);
    expect(bench.clock.monotonic()).toBeGreaterThan(15 + 4.1 + 4.1 + 1.52);
  });

  it("updates a cell, a glyph and the cursor in one transaction", async () => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture("Hi")));
    bench.takeTransactions();
    await bench.settled(bench.display.show(picture("Ha↵", "", { cursor: { row: 1, col: 4 } })));
    expect(bench.takeTransactions()).toEqual([
      [
        ...[0x48, 0x4c, 0x48, 0x0c, 0x08], // RS 0; CGRAM address 0
        ...[0x09, 0x0d, 0x09, 0x1d, 0x19], // RS 1; 00001
        ...[0x0d, 0x09, 0x1d, 0x19], // 00001
        ...[0x0d, 0x09, 0x5d, 0x59], // 00101
        ...[0x0d, 0x09, 0x9d, 0x99], // 01001
        ...[0x1d, 0x19, 0xfd, 0xf9], // 11111
        ...[0x0d, 0x09, 0x8d, 0x89], // 01000
        ...[0x0d, 0x09, 0x4d, 0x49], // 00100
        ...[0x0d, 0x09, 0x0d, 0x09], // 00000
        ...[0x88, 0x8c, 0x88, 0x1c, 0x18], // RS 0; DDRAM address 01
        ...[0x69, 0x6d, 0x69, 0x1d, 0x19], // RS 1; "a"
        ...[0x0d, 0x09, 0x0d, 0x09], // glyph 0
        ...[0xc8, 0xcc, 0xc8, 0x4c, 0x48], // RS 0; DDRAM address 44
        ...[0x0c, 0x08, 0xec, 0xe8], // display on, cursor on
      ],
    ]);
    expect(bench.see()).toMatchObject(picture("Ha↵", "", { cursor: { row: 1, col: 4 } }));
  });

  it("sends nothing for the same picture, and goes dark with one instruction", async () => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture("Hi")));
    bench.takeTransactions();
    await bench.settled(bench.display.show(picture("Hi")));
    expect(bench.takeTransactions()).toEqual([]);
    await bench.settled(bench.display.show(picture("Hi", "", { on: false })));
    expect(bench.takeTransactions()).toEqual([[0x00, 0x04, 0x00, 0x84, 0x80]]); // RS 0; display off
    expect(bench.see()).toMatchObject({ on: false, backlight: false });
  });

  it("writes a counter's next digit under the cursor in 10 bytes and moves no address it does not have to", async () => {
    const bench = createLcdBench();
    const cursor = { row: 1, col: 2 };
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture("LAN IP ADDR", "010.077.000.020", { cursor })));
    bench.takeTransactions();
    await bench.settled(bench.display.show(picture("LAN IP ADDR", "011.077.000.020", { cursor })));
    expect(bench.takeTransactions().flat()).toHaveLength(1 + 4 + 1 + 4);
  });
});

describe("on modelled hardware", () => {
  const hardware: readonly [string, LcdBenchOptions][] = [
    ...sizes.map((size): [string, LcdBenchOptions] => [`${size.cols}x${size.rows}`, size]),
    ["ROM A02", { rom: "A02" }],
    ["a slow oscillator", { oscillatorHertz: 190_000 }],
    ["a bus at 400 kHz", { hertz: 400_000 }],
    ["a bus at 400 kHz and a slow oscillator", { hertz: 400_000, oscillatorHertz: 190_000 }],
    ["LCDproc's wiring", { wiring: pcf8574Wirings.lcdproc }],
  ];

  it.each(hardware)("shows every picture of any sequence, without a violation: %s", async (_, options) => {
    const size = { cols: options.cols ?? 16, rows: options.rows ?? 2 };
    await fc.assert(
      fc.asyncProperty(pictureSequences(size, 8), async (pictures) => {
        const bench = createLcdBench(options);
        await bench.settled(bench.display.reset());
        for (const next of pictures) {
          bench.takeTransactions();
          await bench.settled(bench.display.show(next));
          const { lines, cursor, on, backlight } = bench.see();
          expect(lines).toEqual(next.lines);
          expect(cursor).toEqual(next.on ? next.cursor : null);
          expect([on, backlight]).toEqual([next.on, next.on]);
          expect(bench.takeTransactions().length).toBeLessThanOrEqual(1);
        }
        expect(bench.model.violations).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("never flashes another character's dots while it changes glyphs", async () => {
    // More characters than slots, so that slots are taken from one another.
    const glyphs = new Map(
      Array.from("αβγδεζηθικλμ", (character, index): [string, number[]] => [character, [1, 2, 4, 8, 16, index, 31, 0]]),
    );
    const character = fc.constantFrom(..." A", ...glyphs.keys());
    const line = fc.array(character, { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 6 }), async (lines) => {
        const bench = createLcdBench({ glyphs });
        await bench.settled(bench.display.reset());
        let before = " ".repeat(16);
        for (const cells of lines) {
          const distinct = [...new Set(cells)].filter((it) => glyphs.has(it)).slice(0, 8);
          const next = cells.map((it) => (glyphs.has(it) && !distinct.includes(it) ? "A" : it)).join("");
          const stages = new Set<string>();
          const forward = bench.expander.write;
          bench.bus.attach(bench.address, {
            read: bench.expander.read,
            write: (byte, atUs) => {
              forward(byte, atUs);
              stages.add(bench.see().lines[0] ?? "");
            },
          });
          await bench.settled(bench.display.show(picture(next)));
          expect(bench.see().lines[0]).toBe(next);
          for (const stage of stages) {
            for (const [col, shown] of Array.from(stage).entries()) {
              expect([before[col], next[col], " "]).toContain(shown);
            }
          }
          before = next;
        }
        expect(bench.model.violations).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("shows what it cannot draw as the nearest ASCII", async () => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture("Zürich é €")));
    expect(bench.see().lines[0]).toBe("Zurich e ?".padEnd(16));
  });

  it("draws the first eight glyphs in reading order, and the nearest ASCII for the others", async () => {
    const accented = [..."éèêëüöäñçå"];
    const glyphs = new Map(
      accented.map((character, index): [string, number[]] => [character, [index, 1, 2, 3, 4, 5, 6, 0]]),
    );
    const bench = createLcdBench({ glyphs });
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture(accented.join(""))));
    expect(bench.see().lines[0]).toBe("éèêëüöäñca".padEnd(16));
  });

  it("loads a glyph once", async () => {
    const bench = createLcdBench();
    const all = [...panelGlyphs.keys()].join("");
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(picture(all)));
    await bench.settled(bench.display.show(picture("")));
    bench.takeTransactions();
    await bench.settled(bench.display.show(picture(all)));
    expect(bench.takeTransactions().flat().length).toBeLessThanOrEqual(4 * all.length + 4 + 2);
    expect(bench.see().lines[0]).toBe(all.padEnd(16));
  });
});

describe("when something is wrong", () => {
  const target = picture("LAN IP ADDR←→↑↓↵", "010.077.000.020", { cursor: { row: 1, col: 0 } });

  it("initialises from any state, half a byte in 4-bit mode included", async () => {
    // The first so many bytes of each, then nobody.
    const strays = [
      [0x0d, 0x09], // high nibble of a data byte
      [0x0c, 0x08], // high nibble of an instruction: clear, home ... with the 3 that follows
      [0x4d, 0x49, 0x5d], // E left high
      [0x2c, 0x28, 0x0c, 0x08, 0x0c], // one line
      [0x0c, 0x08, 0x5c, 0x58, 0x1c, 0x18], // entry mode with shift, and half an instruction
      [0x1c, 0x18, 0xcc, 0xc8], // glass shifted
    ];
    for (const stray of strays) {
      const bench = createLcdBench();
      await bench.settled(bench.display.reset());
      await bench.settled(bench.bus.transfer(bench.address, Uint8Array.from(stray)));
      bench.model.violations.length = 0;
      await bench.settled(bench.display.reset());
      await bench.settled(bench.display.show(target));
      expect(bench.see()).toMatchObject(target);
    }
  });

  it("recovers by reset from a missing acknowledge at each byte of a session", async () => {
    const session = async (bench: ReturnType<typeof createLcdBench>) => {
      await bench.settled(bench.display.reset());
      await bench.settled(bench.display.show(picture("CONTACTING", "WAN ↑↓")));
      await bench.settled(bench.display.show(target));
    };
    const whole = createLcdBench();
    await session(whole);
    const { transactions, bytes } = whole.bus.counts;

    for (let afterBytes = 0; afterBytes < bytes + transactions; afterBytes++) {
      const bench = createLcdBench();
      bench.bus.fail({ kind: "noAck", afterBytes, times: 1 });
      await expect(session(bench), `byte ${afterBytes}`).rejects.toMatchObject({ kind: "noAck" });
      await bench.settled(bench.display.reset());
      bench.model.violations.length = 0; // the broken transfer may have ended with E high
      await bench.settled(bench.display.show(target));
      expect(bench.see(), `byte ${afterBytes}`).toMatchObject(target);
      expect(bench.model.violations).toEqual([]);
    }
    const healthy = createLcdBench();
    healthy.bus.fail({ kind: "noAck", afterBytes: bytes + transactions, times: 1 });
    await session(healthy);
  });

  it("refuses a picture until it was reset, and again after an error", async () => {
    const bench = createLcdBench();
    await expect(bench.display.show(target)).rejects.toThrow(/reset it first/);
    await bench.settled(bench.display.reset());
    bench.bus.fail({ kind: "timeout", afterBytes: 3, times: Number.POSITIVE_INFINITY });
    await expect(bench.settled(bench.display.show(target))).rejects.toMatchObject({ kind: "timeout" });
    await expect(bench.display.show(target)).rejects.toThrow(/reset it first/);
    await expect(bench.settled(bench.display.reset())).rejects.toMatchObject({ kind: "timeout" });
    bench.bus.fail(null);
    await bench.settled(bench.display.reset());
    await bench.settled(bench.display.show(target));
    expect(bench.see()).toMatchObject(target);
  });

  it.each([
    ["too few lines", ["a".repeat(16)]],
    ["a short line", ["a".repeat(16), "b".repeat(15)]],
  ])("refuses a picture with %s and stays usable", async (_, lines) => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    await expect(bench.display.show({ ...target, lines })).rejects.toThrow(RangeError);
    await bench.settled(bench.display.show(target));
    expect(bench.see()).toMatchObject(target);
  });

  it("releases the bus at halt even if the glass does not answer, and leaves no timer", async () => {
    const bench = createLcdBench();
    await bench.settled(bench.display.reset());
    bench.bus.detach(bench.address);
    await expect(bench.settled(bench.display.halt())).rejects.toMatchObject({ kind: "noAck" });
    await expect(bench.bus.transfer(bench.address, Uint8Array.of(0))).rejects.toMatchObject({ kind: "closed" });
    expect(bench.clock.pending()).toEqual([]);
  });
});
