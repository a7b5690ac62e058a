import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Display, Picture } from "../../hal/display.ts";

/** A display and a way to see what a person would see on it. */
export interface DisplayUnderTest {
  readonly display: Display;
  /** `lines` and `cursor` as on the glass; `on` is false when it is dark. */
  see(): Pick<Picture, "lines" | "cursor" | "on">;
  /** Lets time pass until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>;
}

/** What every Display has to do, whatever its chip. */
export function describeDisplay(name: string, make: () => Promise<DisplayUnderTest>): void {
  describe(`${name} is a Display`, () => {
    let unit: DisplayUnderTest;
    beforeEach(async () => {
      unit = await make();
    });
    afterEach(async () => {
      await unit.settled(unit.display.halt()).catch(() => {});
    });

    const text = (line: string, row: number) => `${line} ${row}`.padEnd(unit.display.cols).slice(0, unit.display.cols);
    const picture = (line: string, more: Partial<Picture> = {}): Picture => ({
      lines: Array.from({ length: unit.display.rows }, (_, row) => text(line, row)),
      cursor: null,
      on: true,
      ...more,
    });

    it("shows a picture after reset", async () => {
      await unit.settled(unit.display.reset());
      await unit.settled(unit.display.show(picture("FIRST")));
      expect(unit.see()).toMatchObject(picture("FIRST"));
    });

    it("shows one picture after another", async () => {
      await unit.settled(unit.display.reset());
      const cursor = { row: 1, col: 3 };
      for (const next of [picture("ONE"), picture("TWO", { cursor }), picture("TWO"), picture("THREE", { cursor })]) {
        await unit.settled(unit.display.show(next));
        expect(unit.see()).toMatchObject(next);
      }
    });

    it("draws the navigation glyphs", async () => {
      const glyphs = picture("←→↑↓↵↔↕");
      await unit.settled(unit.display.reset());
      await unit.settled(unit.display.show(glyphs));
      expect(unit.see().lines).toEqual(glyphs.lines);
    });

    it("goes dark and keeps the lines", async () => {
      await unit.settled(unit.display.reset());
      await unit.settled(unit.display.show(picture("HELLO")));
      await unit.settled(unit.display.show(picture("HELLO", { on: false })));
      expect(unit.see().on).toBe(false);
      await unit.settled(unit.display.show(picture("HELLO")));
      expect(unit.see()).toMatchObject(picture("HELLO"));
    });

    it("clears the glass at reset", async () => {
      await unit.settled(unit.display.reset());
      await unit.settled(unit.display.show(picture("HELLO")));
      await unit.settled(unit.display.reset());
      expect(unit.see().lines).toEqual(unit.see().lines.map((line) => " ".repeat(line.length)));
    });

    it("refuses a second operation before the first has settled", async () => {
      await unit.settled(unit.display.reset());
      const first = unit.display.show(picture("FIRST"));
      await expect(unit.display.show(picture("SECOND"))).rejects.toMatchObject({ kind: "busy" });
      await expect(unit.display.reset()).rejects.toMatchObject({ kind: "busy" });
      await unit.settled(first);
      expect(unit.see()).toMatchObject(picture("FIRST"));
    });

    it("is dark after halt, which may be called twice and while a picture is on its way", async () => {
      await unit.settled(unit.display.reset());
      const last = unit.display.show(picture("LAST"));
      const halts = [unit.display.halt(), unit.display.halt()];
      await unit.settled(Promise.all([last, ...halts]));
      expect(unit.see().on).toBe(false);
      await expect(unit.display.show(picture("AFTER"))).rejects.toMatchObject({ kind: "closed" });
    });
  });
}
