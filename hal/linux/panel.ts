import type { Board } from "../boards/board.ts";
import { createGpioKeypad } from "../chips/gpio-keypad.ts";
import { createGpioLeds, ledNames } from "../chips/gpio-leds.ts";
import { createHd44780 } from "../chips/hd44780.ts";
import { createPcf8574 } from "../chips/pcf8574.ts";
import type { Clock } from "../clock.ts";
import type { Display } from "../display.ts";
import type { Indicators } from "../indicators.ts";
import { type Keypad, keyNames } from "../keypad.ts";
import type { FrontPanel } from "../machine.ts";
import { createLinuxGpio, type LinuxGpio } from "./gpio.ts";
import { createLinuxI2cBus } from "./i2c-bus.ts";

/**
 * The front panel that a board describes. Does no I/O: a panel that is missing shows in the parts' own operations, which
 * reject with a HalError until it is there.
 */
export function openLinuxPanel(board: Board, clock: Clock): FrontPanel {
  const gpio = createLinuxGpio({ clock });
  return {
    board: board.name,
    display: board.display && openDisplay(board.display, clock),
    keypad: board.keys && openKeypad(board.keys, gpio, clock),
    indicators: board.leds && openIndicators(board.leds, gpio),
  };
}

function openDisplay(display: NonNullable<Board["display"]>, clock: Clock): Display {
  const { bus: number, hertz, address, wiring, cols, rows, rom } = display;
  const bus = createPcf8574({ bus: createLinuxI2cBus({ number, hertz }), address, wiring });
  return createHd44780({ bus, clock, cols, rows, rom });
}

function openKeypad(keys: NonNullable<Board["keys"]>, gpio: LinuxGpio, clock: Clock): Keypad {
  return createGpioKeypad({
    device: "front panel keys",
    clock,
    debounceMs: keys.debounceMs,
    open: () => openLines(keyNames, keys, (line) => gpio.input(line)),
  });
}

function openIndicators(leds: NonNullable<Board["leds"]>, gpio: LinuxGpio): Indicators {
  return createGpioLeds({ open: () => openLines(ledNames, leds, (line) => gpio.output(line)) });
}

interface Lines<Name extends string> {
  readonly labels: readonly string[];
  readonly active: "low" | "high";
  readonly lines: { readonly [name in Name]?: number | undefined };
}

/** Opens all lines or none. */
async function openLines<Name extends string, Line extends { close(): Promise<void> }>(
  names: readonly Name[],
  { labels, active, lines }: Lines<Name>,
  open: (line: { labels: readonly string[]; offset: number; activeLow: boolean }) => Promise<Line>,
): Promise<ReadonlyMap<Name, Line>> {
  const opened = new Map<Name, Line>();
  try {
    for (const name of names) {
      const offset = lines[name];
      if (offset !== undefined) opened.set(name, await open({ labels, offset, activeLow: active === "low" }));
    }
    return opened;
  } catch (error) {
    await Promise.allSettled([...opened.values()].map((line) => line.close()));
    throw error;
  }
}
