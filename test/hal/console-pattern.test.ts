import { expect, it } from "vitest";
import { matchesPattern } from "../../hal/console-pattern.ts";

it.each([
  ["/dev/ttyUSB*", "/dev/ttyUSB0", true],
  ["/dev/ttyUSB*", "/dev/ttyUSB", true],
  ["/dev/ttyUSB*", "/dev/ttyACM0", false],
  ["/dev/ttyUSB?", "/dev/ttyUSB0", true],
  ["/dev/ttyUSB?", "/dev/ttyUSB10", false],
  ["/dev/ttyS0", "/dev/ttyS0", true],
  ["/dev/ttyS0", "/dev/ttyS01", false],
  ["/dev/tty.S0", "/dev/ttyXS0", false],
  ["/dev/[a]+(b)", "/dev/[a]+(b)", true],
  ["/dev/*", "/dev/pts/0", false],
  ["/dev/serial/by-id/*-if00", "/dev/serial/by-id/usb-FTDI-if00", true],
  ["/*/ttyS0", "/dev/ttyS0", false],
])("%s and %s: %s", (pattern, device, expected) => {
  expect(matchesPattern(pattern, device)).toBe(expected);
});
