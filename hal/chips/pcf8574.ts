import type { I2cAddress, I2cBus } from "../bus.ts";
import { executionUs, type FourBitBus, type Step } from "./four-bit-bus.ts";

/** Which port bit (0 to 7) of a PCF8574 goes to which line of the display. */
export interface Pcf8574Wiring {
  readonly rs: number;
  /** Held low: this driver never reads. null where it is tied to ground. */
  readonly rw: number | null;
  readonly en: number;
  /** D4, D5, D6, D7. */
  readonly data: readonly [number, number, number, number];
  readonly backlight: { readonly bit: number; readonly on: "high" | "low" } | null;
}

/** The two pin-outs that backpacks are sold with. */
export const pcf8574Wirings = {
  /** The common LCM1602 kind, at 0x27 (PCF8574) or 0x3F (PCF8574A). */
  lcm1602: { rs: 0, rw: 1, en: 2, backlight: { bit: 3, on: "high" }, data: [4, 5, 6, 7] },
  /** Data on the low half, backlight lit by a low level: LCDproc's default. */
  lcdproc: { data: [0, 1, 2, 3], rs: 4, rw: 5, en: 6, backlight: { bit: 7, on: "low" } },
} as const satisfies Record<string, Pcf8574Wiring>;

/** What the wires remember between two transactions. */
export interface WireState {
  /** Level of RS; null when unknown. */
  readonly rs: boolean | null;
  /** How long the chip is still busy, counted from the last byte. */
  readonly owedUs: number;
}

/**
 * The bytes of one write transaction that does `steps`.
 *
 * A nibble is two bytes, E high and E low: the data only has to stand 80 ns before E falls. RS has to stand 40 ns before E
 * rises (tAS) and 10 ns after it falls (tAH), so a change of RS takes a byte of its own with E low. A byte takes nine bus
 * periods, which is longer than any of these, and at 100 kHz (90 us) longer than the execution time too; on a faster
 * bus idle bytes make up for the rest.
 */
export function encodeSteps(
  wiring: Pcf8574Wiring,
  hertz: number,
  steps: readonly Step[],
  backlight: boolean,
  before: WireState,
): { readonly bytes: Uint8Array; readonly after: WireState } {
  const byteUs = 9e6 / hertz;
  const lit =
    wiring.backlight !== null && backlight === (wiring.backlight.on === "high") ? 1 << wiring.backlight.bit : 0;
  const bytes: number[] = [];
  let rs = before.rs;
  let nibble = 0;
  // The address byte of this transaction passes first.
  let owedUs = before.owedUs - byteUs;

  const put = (e: boolean) => {
    let byte = lit | (rs ? 1 << wiring.rs : 0) | (e ? 1 << wiring.en : 0);
    for (const [index, bit] of wiring.data.entries()) if ((nibble >> index) & 1) byte |= 1 << bit;
    bytes.push(byte);
    owedUs -= byteUs;
  };
  const strobe = (wantedRs: boolean, value: number) => {
    nibble = value;
    if (rs !== wantedRs) {
      rs = wantedRs;
      put(false);
    }
    while (owedUs > byteUs) put(false);
    put(true);
    put(false);
  };

  for (const step of steps) {
    if (step.type === "pause") {
      owedUs = Math.max(owedUs, step.us);
    } else if (step.type === "nibble") {
      strobe(false, step.value);
      owedUs = executionUs;
    } else {
      strobe(step.rs, step.value >> 4);
      strobe(step.rs, step.value & 0xf);
      owedUs = executionUs;
    }
  }
  if (bytes.length === 0) put(false);
  return { bytes: Uint8Array.from(bytes), after: { rs, owedUs } };
}

export interface Pcf8574Options {
  readonly bus: I2cBus;
  readonly address: I2cAddress;
  readonly wiring: Pcf8574Wiring;
}

/** An HD44780 behind a PCF8574 port expander. Owns its bus handle: `close` closes it. */
export function createPcf8574({ bus, address, wiring }: Pcf8574Options): FourBitBus {
  const idleBytes = Math.max(0, Math.ceil(executionUs / (9e6 / bus.hertz)) - 1);
  let wires: WireState = { rs: null, owedUs: 0 };

  return {
    device: `${bus.name} 0x${address.toString(16)}`,
    // A change of RS takes the place of an idle byte where there is one.
    cost: { byte: 4 + idleBytes, rsChange: idleBytes > 0 ? 0 : 1 },
    send: async (steps, backlight) => {
      const { bytes, after } = encodeSteps(wiring, bus.hertz, steps, backlight, wires);
      wires = { rs: null, owedUs: executionUs };
      await bus.transfer(address, bytes);
      wires = after;
    },
    close: () => bus.close(),
  };
}
