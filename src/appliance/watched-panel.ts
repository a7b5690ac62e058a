import type { Display } from "../../hal/display.ts";
import type { Indicators } from "../../hal/indicators.ts";
import type { FrontPanel } from "../../hal/machine.ts";
import type { Pulse } from "./pulse.ts";

/** The slowest bus takes a second for a whole picture. */
const panelMs = 30_000;

/** The panel whose display and LEDs have to answer. Keys come when they come. */
export function watchedPanel({ during }: Pulse, panel: FrontPanel): FrontPanel {
  const { display, indicators } = panel;
  return {
    ...panel,
    display:
      display === null
        ? null
        : ({
            cols: display.cols,
            rows: display.rows,
            reset: () => during("display", panelMs, () => display.reset()),
            show: (picture) => during("display", panelMs, () => display.show(picture)),
            halt: () => display.halt(),
          } satisfies Display),
    indicators:
      indicators === null
        ? null
        : ({
            set: (leds) => during("LEDs", panelMs, () => indicators.set(leds)),
            halt: () => indicators.halt(),
          } satisfies Indicators),
  };
}
