import type { Stop } from "./clock.ts";

/** A 7-bit I2C address, right-aligned: the common PCF8574 backpack is 0x27. */
export type I2cAddress = number;

/**
 * One I2C bus. Used by chip drivers only.
 *
 * For callers: a transaction is START, address, the bytes written, then, when `readLength` > 0, repeated START and the
 * bytes read, STOP. It is never interleaved with another one: the implementation queues. Rejects with a HalError of kind
 * `noAck`, `timeout`, `busy` or `io`; bytes before the error may have reached the chip.
 */
export interface I2cBus {
  readonly name: string;
  /** Clock of the bus; a byte takes 9 periods. */
  readonly hertz: number;
  transfer(address: I2cAddress, write: Uint8Array, readLength?: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One input line. Active levels are resolved by the implementation: true means active (pressed). */
export interface DigitalIn {
  /** The level now. */
  read(): Promise<boolean>;
  /** Each edge, undebounced, with the monotonic time of the edge. */
  watch(edge: (active: boolean, atMs: number) => void): Stop;
  close(): Promise<void>;
}

/** One output line; true means active (lit). */
export interface DigitalOut {
  write(active: boolean): Promise<void>;
  close(): Promise<void>;
}
