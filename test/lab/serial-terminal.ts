import { once } from "node:events";
import { constants, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { plugPty } from "../support/pty-pair.ts";
import { createTerminal } from "../support/terminal.ts";

/** A VT100 with UTF-8 at the far end of a serial line. */
export interface SerialTerminal {
  /** The box's end of the line. */
  readonly device: string;
  /** Throws when something came that no VT100 understands. */
  rows(): readonly string[];
  send(bytes: string): Promise<void>;
  unplug(): Promise<void>;
}

/** Needs socat. `device` becomes a name in `folder`, and with `.far` behind it that of the terminal's end. */
export async function plugTerminal(folder: string, device: string): Promise<SerialTerminal> {
  const line = await plugPty(folder, device);
  const far = new ReadStream(openSync(line.farEnd, constants.O_RDWR | constants.O_NOCTTY));
  const terminal = createTerminal((bytes) => void line.write(bytes));
  far.on("data", terminal.feed);

  return {
    device: line.device,
    rows: terminal.rows,
    send: (bytes) => line.write(bytes),
    unplug: async () => {
      const closed = once(far, "close");
      far.destroy();
      await closed;
      await line.unplug();
    },
  };
}
