import type { Socket } from "node:net";
import { createTerminal } from "../support/terminal.ts";

/** A VT100 at the far end of a guest's serial line, and somebody at its keys. */
export interface SerialTerminal {
  rows(): readonly string[];
  send(bytes: string): Promise<void>;
  /** Wipes the screen, so that what it shows from now on is new. */
  reset(): void;
}

export function attachTerminal(serial: Socket): SerialTerminal {
  const terminal = createTerminal((bytes) => serial.write(bytes));
  serial.on("data", terminal.feed);
  return {
    rows: terminal.rows,
    send: (bytes) =>
      new Promise((resolve, reject) => {
        serial.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    reset: () => terminal.feed(Buffer.from("\x1b[2J")),
  };
}
