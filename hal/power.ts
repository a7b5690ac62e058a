import type { Stop } from "./clock.ts";

/** The machine's power. */
export interface Power {
  /** Asks the operating system to restart; resolves when it has accepted. */
  reboot(): Promise<void>;
  /** Asks the operating system to power off; resolves when it has accepted. */
  powerOff(): Promise<void>;
  /** The power button on the back was pressed. */
  onButton(pressed: () => void): Stop;
}
