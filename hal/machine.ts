import type { Clock } from "./clock.ts";
import type { ConsolePorts } from "./console.ts";
import type { Display } from "./display.ts";
import type { EthernetPorts } from "./ethernet.ts";
import type { Files } from "./files.ts";
import type { Indicators } from "./indicators.ts";
import type { Keypad } from "./keypad.ts";
import type { Notify } from "./notify.ts";
import type { Power } from "./power.ts";
import type { Processes } from "./processes.ts";

/** The front panel. A board without a display (console only) has null there. */
export interface FrontPanel {
  readonly board: string;
  readonly display: Display | null;
  readonly keypad: Keypad | null;
  readonly indicators: Indicators | null;
}

/** The whole machine: what the controller is given to live on. Opening it does not fail for a missing panel. */
export interface Machine {
  readonly panel: FrontPanel;
  readonly consoles: ConsolePorts;
  readonly ethernet: EthernetPorts;
  readonly power: Power;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly files: Files;
  readonly notify: Notify;
}
