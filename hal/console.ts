import type { Stop } from "./clock.ts";

/** An open serial line or terminal. */
export interface ConsolePort {
  /** The device's name, such as `/dev/ttyUSB0`. */
  readonly device: string;
  /**
   * Somebody is known to sit at it, as at the terminal that a program was started in: the panel appears without being asked
   * for, below these lines. Absent on a serial line. `size` is asked at each drawing; without it the terminal has 80x24.
   */
  readonly attended?: { readonly header: readonly string[]; readonly size?: () => TerminalSize };
  /**
   * At least one byte. Rejects with kind `closed` after `close` or a hang-up, also a read that was already waiting.
   * One read at a time; an overlapping one rejects with kind `busy`.
   */
  read(): Promise<Uint8Array>;
  /** Resolves when the operating system has taken all bytes. One write at a time; an overlapping one rejects with `busy`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Characters that a terminal has room for, each at least 1. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export interface LineSettings {
  readonly baud: number;
  readonly stopBits: 1 | 2;
}

/** Finds and opens consoles. A device that is plugged in later shows up by itself. */
export interface ConsolePorts {
  /**
   * Reports the device names that match the patterns (`*` and `?` in the last part of a path), now and after each change.
   * Never reports one name twice in a row without its absence between.
   */
  watch(patterns: readonly string[], changed: (devices: readonly string[]) => void): Stop;
  /** Opens exclusively: 8 data bits, no parity, no flow control. Rejects with a HalError. */
  open(device: string, line: LineSettings): Promise<ConsolePort>;
}
