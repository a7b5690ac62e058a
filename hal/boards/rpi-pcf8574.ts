import type { BoardFile } from "./board.ts";

/** The header's GPIO chip of a Raspberry Pi 5, of a 4, and of the ones before. */
const labels = ["pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835"];

/**
 * A Raspberry Pi with a 16x2 display on a common LCM1602 backpack, five buttons to ground and three LEDs. The buttons need
 * the pull-ups of the chip, which sysfs cannot set: `gpio=5,6,13,19,26=ip,pu` in config.txt.
 */
export const rpiPcf8574: BoardFile = {
  name: "rpi-pcf8574",
  description: "Raspberry Pi, 16x2 LCD on an LCM1602 I2C backpack at 0x27, five buttons and three LEDs on the header",
  display: {
    chip: "hd44780",
    expander: "pcf8574",
    bus: 1,
    address: 0x27,
    hertz: 100_000,
    wiring: "lcm1602",
    rom: "A00",
    cols: 16,
    rows: 2,
  },
  keys: { labels, active: "low", lines: { UP: 5, DOWN: 6, LEFT: 13, RIGHT: 19, ENTER: 26 } },
  leds: { labels, active: "high", lines: { s1: 17, s2: 27, s3: 22 } },
};
