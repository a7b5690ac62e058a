import type { Readable, Writable } from "node:stream";
import type { ConsolePort, ConsolePorts } from "../hal/console.ts";
import { fromErrno, HalError } from "../hal/errors.ts";

/** The name of the terminal that the bench was started in, among the consoles. */
export const terminalDevice = "terminal";

export interface TerminalParts {
  /** A terminal's input; without `setRawMode` (a pipe) it is read as it comes. */
  readonly input: Readable & { setRawMode?(raw: boolean): unknown };
  /** Of an unknown size, or of none, it is taken for 80x24. */
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  /** Lines above the panel, asked for when the box opens the terminal. */
  readonly header: () => readonly string[];
  /** The box finds the terminal when this has resolved: the header is known. By default at once. */
  readonly ready?: Promise<void>;
  /** Ctrl-C was pressed, or the terminal went away. */
  readonly interrupted: () => void;
}

/** The terminal that the bench was started in, taken over. It outlives the box, as a real one does. */
export interface Terminal {
  /** The terminal as the only console, whatever the patterns say. */
  readonly ports: ConsolePorts;
  /** Gives the terminal back as it was found. Idempotent. */
  close(): void;
}

/** The alternate screen keeps what the person had before. */
const enter = "\x1b[?1049h";
const leave = "\x1b[?25h\x1b[?1049l";
const ctrlC = 0x03;
const ctrlL = 0x0c;

interface Reader {
  resolve(bytes: Uint8Array): void;
  reject(error: HalError): void;
}

/** Takes the terminal over, raw, until it is closed. */
export function openTerminal({
  input,
  output,
  header,
  ready = Promise.resolve(),
  interrupted,
}: TerminalParts): Terminal {
  let taken = true;
  let open: { reader: Reader | null } | null = null;
  let resized = false;

  const deliver = () => {
    const port = open;
    // With a port open the bytes wait in the stream for its next read; without one they are lost, as on a real line.
    if (port !== null && port.reader === null) return;
    const typed: Iterable<number> = input.read() ?? [];
    const bytes = resized ? [ctrlL, ...typed] : [...typed];
    resized = false;
    if (bytes.includes(ctrlC)) interrupted();
    const kept = bytes.filter((byte) => byte !== ctrlC);
    if (kept.length === 0 || port === null) return;
    const reader = port.reader;
    port.reader = null;
    reader?.resolve(Uint8Array.from(kept));
  };
  // Terminals move their content when they are resized.
  const redraw = () => {
    resized = true;
    deliver();
  };
  const hangUp = () => {
    close();
    interrupted();
  };
  const drop = () => {
    open?.reader?.reject(closedError());
    open = null;
  };
  const close = () => {
    if (!taken) return;
    taken = false;
    input.off("readable", deliver).off("end", hangUp).off("error", hangUp).pause();
    output.off("resize", redraw);
    input.setRawMode?.(false);
    output.write(leave);
    drop();
  };

  const openPort = (): ConsolePort => {
    if (!taken) throw closedError();
    if (open !== null) throw new HalError("busy", terminalDevice, "is open already");
    const mine: { reader: Reader | null } = { reader: null };
    let writing = false;
    open = mine;
    return {
      device: terminalDevice,
      attended: { header: header(), size: () => ({ cols: output.columns || 80, rows: output.rows || 24 }) },
      read: () =>
        new Promise((resolve, reject) => {
          if (open !== mine) return reject(closedError());
          if (mine.reader !== null) return reject(new HalError("busy", terminalDevice, "a read is waiting already"));
          mine.reader = { resolve, reject };
          deliver();
        }),
      write: (bytes) =>
        new Promise((resolve, reject) => {
          if (open !== mine) return reject(closedError());
          if (writing) return reject(new HalError("busy", terminalDevice, "a write is waiting already"));
          writing = true;
          output.write(bytes, (error) => {
            writing = false;
            if (error) reject(fromErrno(terminalDevice, error));
            else resolve();
          });
        }),
      close: async () => {
        if (open === mine) drop();
      },
    };
  };

  input.setRawMode?.(true);
  input.on("readable", deliver).on("end", hangUp).on("error", hangUp);
  // A failed write rejects by itself; without a listener the event would end the process.
  output.on("resize", redraw).on("error", () => {});
  output.write(enter);

  return {
    ports: {
      watch: (_, changed) => {
        let watched = true;
        void ready.then(() => {
          if (watched) changed([terminalDevice]);
        });
        return () => {
          watched = false;
        };
      },
      open: async (device) => {
        if (device !== terminalDevice) throw new HalError("absent", device, "no such device");
        return openPort();
      },
    },
    close,
  };
}

function closedError(): HalError {
  return new HalError("closed", terminalDevice, "the terminal is closed");
}
