import { describe, expect, it } from "vitest";
import { createGpioLeds } from "../../../hal/chips/gpio-leds.ts";
import { HalError } from "../../../hal/errors.ts";
import { createMockOutput } from "../../../hal/mock/gpio.ts";

describe("LEDs on GPIO lines", () => {
  it("opens the lines at the first set, and again after an error", async () => {
    const output = createMockOutput({ name: "s1" });
    let opened = 0;
    const leds = createGpioLeds({
      open: async () => {
        opened++;
        return new Map([["s1", output.open()]]);
      },
    });
    expect(opened).toBe(0);
    await leds.set({ s1: true, s2: false, s3: false });
    output.fail(new HalError("io", "s1", "gone"));
    await expect(leds.set({ s1: false, s2: false, s3: false })).rejects.toMatchObject({ kind: "io" });
    output.fail(null);
    await leds.set({ s1: true, s2: true, s3: false });
    expect([opened, output.isLit()]).toEqual([2, true]);
  });

  it("touches nothing at halt when nothing was set", async () => {
    const leds = createGpioLeds({
      open: async () => {
        throw new HalError("absent", "gpio", "no such chip");
      },
    });
    await leds.halt();
    await expect(leds.set({ s1: true, s2: false, s3: false })).rejects.toMatchObject({ kind: "absent" });
  });
});
