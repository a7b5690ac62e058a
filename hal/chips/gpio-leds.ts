import type { DigitalOut } from "../bus.ts";
import type { Indicators, Leds } from "../indicators.ts";

export const ledNames = ["s1", "s2", "s3"] as const;
export type LedName = keyof Leds;

export interface GpioLedsOptions {
  /** Opens the lines of the LEDs that the board has; called by the first `set` and by the one after an error. Rejects with a HalError. */
  readonly open: () => Promise<ReadonlyMap<LedName, DigitalOut>>;
}

const dark: Leds = { s1: false, s2: false, s3: false };

/** LEDs on output lines of their own. */
export function createGpioLeds({ open }: GpioLedsOptions): Indicators {
  let lines: ReadonlyMap<LedName, DigitalOut> | null = null;

  const write = async (leds: Leds) => {
    lines ??= await open();
    for (const [name, line] of lines) await line.write(leds[name]);
  };
  const close = async () => {
    const closing = [...(lines?.values() ?? [])];
    lines = null;
    await Promise.all(closing.map((line) => line.close()));
  };

  return {
    set: async (leds) => {
      try {
        await write(leds);
      } catch (error) {
        await close().catch(() => {}); // the first error is the one to tell
        throw error;
      }
    },
    halt: async () => {
      if (lines === null) return;
      try {
        await write(dark);
      } finally {
        await close();
      }
    },
  };
}
