import type { Clock } from "../../hal/clock.ts";
import type { Display, Picture } from "../../hal/display.ts";
import type { Frame } from "../model/frame.ts";
import type { Log } from "../model/log.ts";
import type { DeviceState } from "./keep-alive.ts";
import { createPump } from "./pump.ts";

export interface LcdParts {
  readonly display: Display;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: (state: DeviceState) => void;
  /** Asked at the end: `keep` leaves the last picture on the glass ("It's now safe to unplug the box"). */
  readonly atEnd: () => "keep" | "dark";
}

/** Draws frames on a character display. A display that is missing at the start may come later. */
export interface LcdSurface {
  /** The newest frame wins. Never waits. */
  show(frame: Frame): void;
  /** The display may have lost its power: draws it afresh. */
  renew(): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createLcdSurface({ display, atEnd, ...parts }: LcdParts): LcdSurface {
  const pump = createPump<Picture>({
    ...parts,
    what: "display",
    reset: () => display.reset(),
    put: (picture) => display.show(picture),
    halt: async () => {
      if (atEnd() === "dark") await display.halt();
    },
  });
  return { show: (frame) => pump.want(pictureOf(frame)), renew: pump.renew, run: pump.run };
}

export function pictureOf(frame: Frame): Picture {
  return { lines: frame.lines, cursor: frame.cursor, on: !frame.blank };
}
