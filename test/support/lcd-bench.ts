import type { RomName } from "../../hal/chips/character-roms.ts";
import type { Glyphs } from "../../hal/chips/glyphs.ts";
import { createHd44780 } from "../../hal/chips/hd44780.ts";
import { createPcf8574, type Pcf8574Wiring, pcf8574Wirings } from "../../hal/chips/pcf8574.ts";
import { createFakeClock } from "../../hal/mock/fake-clock.ts";
import { createHd44780Model } from "../../hal/mock/hd44780-model.ts";
import { createMockI2cBus } from "../../hal/mock/i2c-bus.ts";
import { createPcf8574Model } from "../../hal/mock/pcf8574-model.ts";
import { settled } from "./settled.ts";

export interface LcdBenchOptions {
  readonly cols?: number;
  readonly rows?: 2 | 4;
  readonly rom?: RomName;
  readonly hertz?: number;
  readonly oscillatorHertz?: number;
  readonly wiring?: Pcf8574Wiring;
  readonly glyphs?: Glyphs;
}

/** The real display driver over a modelled bus, expander and display, with every transaction recorded. */
export function createLcdBench(options: LcdBenchOptions = {}) {
  const { cols = 16, rows = 2, rom = "A00", hertz = 100_000, oscillatorHertz = 270_000 } = options;
  const { wiring = pcf8574Wirings.lcm1602, glyphs } = options;
  const address = 0x27;
  const clock = createFakeClock();
  const bus = createMockI2cBus({ clock, hertz });
  const model = createHd44780Model({ clock, rom, cols, rows, oscillatorHertz, ...(glyphs && { glyphs }) });
  const expander = createPcf8574Model(wiring, model);
  bus.attach(address, expander);

  const transactions: number[][] = [];
  const recordingBus: typeof bus = {
    ...bus,
    transfer: (to, write, readLength) => {
      transactions.push([...write]);
      return bus.transfer(to, write, readLength);
    },
  };
  const display = createHd44780({
    bus: createPcf8574({ bus: recordingBus, address, wiring }),
    clock,
    cols,
    rows,
    rom,
    ...(glyphs && { glyphs }),
  });
  return {
    display,
    model,
    bus,
    clock,
    expander,
    address,
    /** What was written since the last call, one array a transaction. */
    takeTransactions: () => transactions.splice(0),
    settled: <T>(promise: Promise<T>) => settled(clock, promise),
    see: () => ({ ...model.glass(), backlight: expander.backlight() }),
  };
}
