import type { Clock } from "../../hal/clock.ts";
import type { Indicators, Leds } from "../../hal/indicators.ts";
import type { Log } from "../model/log.ts";
import type { DeviceState } from "./keep-alive.ts";
import { createPump } from "./pump.ts";

export interface LedParts {
  readonly indicators: Indicators;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: (state: DeviceState) => void;
}

export interface LedSurface {
  /** The newest levels win; levels that are wanted already cost nothing. */
  show(leds: Leds): void;
  /** The LEDs may have lost their power: sets them again. */
  renew(): void;
  /** All are dark at the end. */
  run(signal: AbortSignal): Promise<void>;
}

export function createLedSurface({ indicators, ...parts }: LedParts): LedSurface {
  let last: Leds | null = null;
  const pump = createPump<Leds>({
    ...parts,
    what: "indicators",
    reset: async () => {},
    put: (leds) => indicators.set(leds),
    halt: () => indicators.halt(),
  });
  return {
    show: (leds) => {
      if (last !== null && leds.s1 === last.s1 && leds.s2 === last.s2 && leds.s3 === last.s3) return;
      last = leds;
      pump.want(leds);
    },
    renew: pump.renew,
    run: pump.run,
  };
}
