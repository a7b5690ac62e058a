import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Indicators, Leds } from "../../hal/indicators.ts";

export interface IndicatorsUnderTest {
  readonly indicators: Indicators;
  see(): Leds;
}

/** What every Indicators has to do. */
export function describeIndicators(name: string, make: () => IndicatorsUnderTest): void {
  describe(`${name} are Indicators`, () => {
    let unit: IndicatorsUnderTest;
    beforeEach(() => {
      unit = make();
    });
    afterEach(() => unit.indicators.halt());

    it.each<Leds>([
      { s1: true, s2: false, s3: false },
      { s1: false, s2: true, s3: false },
      { s1: false, s2: false, s3: true },
      { s1: true, s2: true, s3: true },
      { s1: false, s2: false, s3: false },
    ])("shows %o", async (leds) => {
      await unit.indicators.set({ s1: !leds.s1, s2: !leds.s2, s3: !leds.s3 });
      await unit.indicators.set(leds);
      expect(unit.see()).toEqual(leds);
    });

    it("is dark after halt, which may be called twice", async () => {
      await unit.indicators.set({ s1: true, s2: true, s3: true });
      await unit.indicators.halt();
      await unit.indicators.halt();
      expect(unit.see()).toEqual({ s1: false, s2: false, s3: false });
    });
  });
}
