/** One thing that is done on the wires of an HD44780 that is wired with four data lines. */
export type Step =
  /** A whole byte, high nibble first: a data byte with `rs`, else an instruction. */
  | { readonly type: "byte"; readonly rs: boolean; readonly value: number }
  /** Half an instruction, for the initialisation only, while the chip may still read eight lines. */
  | { readonly type: "nibble"; readonly value: number }
  /** The next step comes at least so much later. For short waits: the bus is held meanwhile. */
  | { readonly type: "pause"; readonly us: number };

/** What steps cost on a bus, in any unit, so that a planner can choose the cheapest ones. */
export interface StepCost {
  /** One byte. */
  readonly byte: number;
  /** A byte whose `rs` differs from the one before costs this much more. */
  readonly rsChange: number;
}

/**
 * The wires between a bus and an HD44780: RS, E, four data lines, the backlight.
 *
 * For callers: one `send` at a time. Every byte is followed by the chip's execution time (see `executionUs`); longer
 * waits, such as after clear, are the caller's. After a rejection some of the steps may have been done.
 */
export interface FourBitBus {
  /** The chip as the operator knows it, for messages. */
  readonly device: string;
  readonly cost: StepCost;
  /** Does the steps in order, in one bus transaction where the bus has such; also sets the backlight. Rejects with a HalError. */
  send(steps: readonly Step[], backlight: boolean): Promise<void>;
  /** Releases the bus. Idempotent. */
  close(): Promise<void>;
}

/** The data sheet's times are for an oscillator of 270 kHz; it may be as slow as 190 kHz. */
export const slowestOscillator = 270 / 190;

/** All instructions but clear and home, and a data byte with the time until the address has moved on (tADD): 37 + 4 us at 270 kHz. */
export const executionUs = 41 * slowestOscillator;
