import type { Clock } from "../../hal/clock.ts";
import type { KeyEdge } from "../../hal/keypad.ts";
import type { FrontPanel } from "../../hal/machine.ts";
import type { Frame } from "../model/frame.ts";
import type { Log } from "../model/log.ts";
import type { DeviceState } from "./keep-alive.ts";
import { runKeypad } from "./keypad.ts";
import { createLcdSurface } from "./lcd.ts";
import { createLedSurface } from "./leds.ts";

export interface FrontPanelParts {
  readonly panel: FrontPanel;
  readonly clock: Clock;
  readonly log: Log;
  readonly edge: (edge: KeyEdge) => void;
  /** State of the whole, `ok` at first: that of the display; `degraded` when keys or LEDs are not well. */
  readonly changed: (state: DeviceState) => void;
  /** Asked at the end: whether the last picture stays on the glass. */
  readonly atEnd: () => "keep" | "dark";
}

export interface FrontPanelSurface {
  show(frame: Frame): void;
  run(signal: AbortSignal): Promise<void>;
}

/** Display, keys and LEDs of the board, each kept alive for itself: one that is lost leaves the others working. */
export function createFrontPanelSurface({
  panel,
  clock,
  log,
  edge,
  changed,
  atEnd,
}: FrontPanelParts): FrontPanelSurface {
  const states: Record<Part, DeviceState> = { display: "ok", keypad: "ok", indicators: "ok" };
  const own = (part: Part) => ({
    clock,
    log,
    changed: (state: DeviceState) => {
      const before = wholeState(states);
      // The parts of a panel often share a plug: what did not notice that it was pulled has to be set up again as well.
      if (states[part] === "lost") {
        if (part !== "display") lcd?.renew();
        if (part !== "indicators") leds?.renew();
      }
      states[part] = state;
      const now = wholeState(states);
      if (now !== before) changed(now);
    },
  });
  const { display, indicators, keypad } = panel;
  const lcd = display === null ? null : createLcdSurface({ ...own("display"), display, atEnd });
  const leds = indicators === null ? null : createLedSurface({ ...own("indicators"), indicators });

  return {
    show: (frame) => {
      lcd?.show(frame);
      leds?.show(frame.leds);
    },
    run: async (signal) => {
      await Promise.all([
        lcd?.run(signal),
        leds?.run(signal),
        keypad === null ? undefined : runKeypad({ ...own("keypad"), keypad, edge }, signal),
      ]);
    },
  };
}

type Part = "display" | "keypad" | "indicators";

function wholeState({ display, keypad, indicators }: Readonly<Record<Part, DeviceState>>): DeviceState {
  if (display !== "ok") return display;
  return keypad === "ok" && indicators === "ok" ? "ok" : "degraded";
}
