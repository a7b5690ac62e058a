import type { I2cAddress, I2cBus } from "../bus.ts";
import { type Clock, sleep } from "../clock.ts";
import { HalError, type HalErrorKind } from "../errors.ts";

/** A chip on the mock bus. Times are microseconds of the monotonic clock, with fractions. */
export interface I2cDevice {
  /** A byte that the chip acknowledged; its outputs change at `atUs`. */
  write(byte: number, atUs: number): void;
  read(atUs: number): number;
}

/** The bus fails at one byte, then at the address of each transfer after it. */
export interface BusFault {
  readonly kind: HalErrorKind;
  /** So many bytes still pass, over all transfers, addresses included. */
  readonly afterBytes: number;
  /** How many transfers fail; Infinity for a dead bus. */
  readonly times: number;
}

export interface MockI2cBus extends I2cBus {
  attach(address: I2cAddress, device: I2cDevice): void;
  /** The address is no longer acknowledged. */
  detach(address: I2cAddress): void;
  /** Replaces the fault before; null heals the bus. */
  fail(fault: BusFault | null): void;
  /** Since the start; `bytes` without addresses. */
  readonly counts: { readonly transactions: number; readonly bytes: number };
}

export interface MockI2cBusOptions {
  readonly clock: Clock;
  readonly hertz?: number;
  readonly name?: string;
  /** Called after each transfer, also after one that failed. */
  readonly transferred?: () => void;
}

/**
 * An I2C bus with modelled chips on it. A transfer takes the time that the wires would take, and each byte reaches its
 * chip with the time of its acknowledge. Overlapping transfers are refused with kind `busy`: there is one driver to a
 * bus here, and it should know.
 */
export function createMockI2cBus({
  clock,
  hertz = 100_000,
  name = "i2c-mock",
  transferred,
}: MockI2cBusOptions): MockI2cBus {
  const devices = new Map<I2cAddress, I2cDevice>();
  const counts = { transactions: 0, bytes: 0 };
  let fault: BusFault | null = null;
  let transferring = false;
  let closed = false;

  /** How many of `total` bytes pass before the fault strikes; null: all of them. */
  const bytesUntilFault = (total: number): number | null => {
    if (fault === null) return null;
    if (fault.afterBytes >= total) {
      fault = { ...fault, afterBytes: fault.afterBytes - total };
      return null;
    }
    const passing = fault.afterBytes;
    fault = fault.times > 1 ? { ...fault, afterBytes: 0, times: fault.times - 1 } : null;
    return passing;
  };

  const run = async (address: I2cAddress, write: Uint8Array, readLength: number): Promise<Uint8Array> => {
    const startUs = clock.monotonic() * 1000;
    // START is one period, each byte with its acknowledge nine.
    const endOfByte = (index: number) => startUs + ((1 + 9 * (index + 1)) * 1e6) / hertz;
    const repeatedStart = readLength > 0 && write.length > 0 ? 1 : 0;
    const total = 1 + write.length + repeatedStart + readLength;
    const struckBy = fault?.kind ?? "noAck";
    const device = devices.get(address);
    const passing = device === undefined ? 0 : bytesUntilFault(total);

    const endMs = endOfByte((passing ?? total) - (passing === null ? 1 : 0)) / 1000;
    for (let left = endMs - clock.monotonic(); left > 1e-6; left = endMs - clock.monotonic()) {
      await sleep(clock, `${name} transfer`, left);
    }
    counts.transactions++;
    const written = write.subarray(0, Math.max(0, (passing ?? total) - 1));
    for (const [index, byte] of written.entries()) device?.write(byte, endOfByte(index + 1));
    counts.bytes += written.length;
    if (passing !== null) {
      throw new HalError(struckBy, name, `address 0x${address.toString(16)}: byte ${passing} was not acknowledged`);
    }
    counts.bytes += readLength;
    const firstRead = 1 + write.length + repeatedStart;
    return Uint8Array.from({ length: readLength }, (_, index) => device?.read(endOfByte(firstRead + index)) ?? 0xff);
  };

  return {
    name,
    hertz,
    counts,
    attach: (address, device) => {
      devices.set(address, device);
    },
    detach: (address) => {
      devices.delete(address);
    },
    fail: (next) => {
      fault = next;
    },
    transfer: async (address, write, readLength = 0) => {
      if (closed) throw new HalError("closed", name, "the bus has been closed");
      if (transferring) throw new HalError("busy", name, "two transfers overlap");
      transferring = true;
      try {
        return await run(address, write, readLength);
      } finally {
        transferring = false;
        transferred?.();
      }
    },
    close: async () => {
      closed = true;
    },
  };
}
