import type { RomName } from "../chips/character-roms.ts";
import { createGpioLeds, type LedName, ledNames } from "../chips/gpio-leds.ts";
import { createHd44780 } from "../chips/hd44780.ts";
import { createPcf8574, pcf8574Wirings } from "../chips/pcf8574.ts";
import type { Clock, Stop } from "../clock.ts";
import { HalError } from "../errors.ts";
import type { Leds } from "../indicators.ts";
import type { FrontPanel } from "../machine.ts";
import { createMockOutput } from "./gpio.ts";
import { createHd44780Model, type LcdGlass } from "./hd44780-model.ts";
import { type BusFault, createMockI2cBus } from "./i2c-bus.ts";
import { createMockKeypad, type MockKeys } from "./keypad.ts";
import { createPcf8574Model } from "./pcf8574-model.ts";

export interface MockPanelOptions {
  readonly clock: Clock;
  readonly cols: number;
  readonly rows: 2 | 4;
  readonly rom?: RomName;
  readonly hertz?: number;
}

export interface Glass extends LcdGlass {
  readonly backlight: boolean;
}

/** The world in front of the panel: eyes, fingers and a screwdriver. */
export interface MockPanelControls extends MockKeys {
  glass(): Glass;
  leds(): Leds;
  /** Calls `changed` when glass or LEDs may look different: after each bus transfer, each LED, at plug and unplug. */
  watch(changed: () => void): Stop;
  /** What the display driver did that the data sheet forbids; empty on a good day. */
  readonly violations: readonly string[];
  /** Transactions and bytes (without addresses) on the display's bus since the start. */
  readonly busCounts: { readonly transactions: number; readonly bytes: number };
  /** The display's bus fails; null heals it. */
  failBus(fault: BusFault | null): void;
  /** The panel loses its power and answers nothing: display, keys and LEDs. */
  unplug(): void;
  plugIn(): void;
}

const address = 0x27;
const wiring = pcf8574Wirings.lcm1602;

/** A front panel of real drivers over modelled chips: what the glass shows has been decoded from the bytes on the bus. */
export function openMockPanel(options: MockPanelOptions): { panel: FrontPanel; controls: MockPanelControls } {
  const { clock, cols, rows, rom = "A00", hertz = 100_000 } = options;
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const bus = createMockI2cBus({ clock, hertz, transferred: changed });
  const lcd = createHd44780Model({ clock, rom, cols, rows });
  const expander = createPcf8574Model(wiring, lcd);
  bus.attach(address, expander);
  const { keypad, keys } = createMockKeypad({ clock });
  const outputs = new Map(ledNames.map((name) => [name, createMockOutput({ name: `LED ${name}`, changed })]));
  const gone = new HalError("absent", "mock LEDs", "the panel is unplugged");
  let plugged = true;
  const isLit = (name: LedName) => plugged && outputs.get(name)?.isLit() === true;

  return {
    panel: {
      board: "mock",
      display: createHd44780({ bus: createPcf8574({ bus, address, wiring }), clock, cols, rows, rom }),
      keypad,
      indicators: createGpioLeds({
        open: async () => new Map([...outputs].map(([name, output]) => [name, output.open()])),
      }),
    },
    controls: {
      ...keys,
      glass: () => ({ ...lcd.glass(), backlight: plugged && expander.backlight() }),
      watch: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
      leds: () => ({ s1: isLit("s1"), s2: isLit("s2"), s3: isLit("s3") }),
      violations: lcd.violations,
      busCounts: bus.counts,
      failBus: (fault) => bus.fail(fault),
      unplug: () => {
        plugged = false;
        bus.detach(address);
        lcd.powerOff();
        keys.unplug();
        for (const output of outputs.values()) output.fail(gone);
        changed();
      },
      plugIn: () => {
        if (plugged) return;
        plugged = true;
        lcd.powerOn();
        expander.powerOn();
        bus.attach(address, expander);
        keys.plugIn();
        for (const output of outputs.values()) output.fail(null);
        changed();
      },
    },
  };
}
