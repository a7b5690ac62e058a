import type { Pcf8574Wiring } from "../chips/pcf8574.ts";
import type { Hd44780Model } from "./hd44780-model.ts";
import type { I2cDevice } from "./i2c-bus.ts";

export interface Pcf8574Model extends I2cDevice {
  /** The backlight is lit; a display without a switch for it always is. */
  backlight(): boolean;
  /** The power came on: all ports float high. */
  powerOn(): void;
}

/** A PCF8574 port expander whose ports are wired to a display. */
export function createPcf8574Model(wiring: Pcf8574Wiring, display: Hd44780Model): Pcf8574Model {
  let port = 0xff;
  const isHigh = (bit: number) => ((port >> bit) & 1) === 1;

  return {
    write: (byte, atUs) => {
      port = byte;
      display.pins(
        {
          rs: isHigh(wiring.rs),
          rw: wiring.rw !== null && isHigh(wiring.rw),
          e: isHigh(wiring.en),
          data: wiring.data.reduce((nibble, bit, index) => nibble | (Number(isHigh(bit)) << index), 0),
        },
        atUs,
      );
    },
    read: () => port,
    backlight: () => wiring.backlight === null || isHigh(wiring.backlight.bit) === (wiring.backlight.on === "high"),
    powerOn: () => {
      port = 0xff;
    },
  };
}
