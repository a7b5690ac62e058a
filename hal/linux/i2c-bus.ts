import type { PromisifiedBus } from "i2c-bus";
import type { I2cAddress, I2cBus } from "../bus.ts";
import { fromErrno, HalError } from "../errors.ts";

/** What is used of the package; passed in by tests. */
export type I2cModule = Pick<typeof import("i2c-bus"), "openPromisified">;

export interface LinuxI2cBusOptions {
  /** N of /dev/i2c-N. */
  readonly number: number;
  /** What the kernel drives the bus with; it cannot be set here, only known. */
  readonly hertz: number;
  readonly load?: () => Promise<I2cModule>;
}

/** i2c-dev refuses longer writes (I2C_RDWR's and write(2)'s own limit). */
const maxBytes = 8192;

/**
 * An I2C bus of the kernel. Opened by the first transfer, closed after an error and opened again by the next one, so a
 * bus that comes later, or comes back, needs no restart. A transfer is bounded by the time-out of the kernel's bus driver.
 *
 * Writing and reading in one transaction (a register's number, repeated START, its content) is limited to what the package
 * has for it: one byte out, up to 32 in. Anything else is refused with kind `unsupported`.
 */
export function createLinuxI2cBus({ number, hertz, load = importPackage }: LinuxI2cBusOptions): I2cBus {
  const name = `/dev/i2c-${number}`;
  let open: PromisifiedBus | null = null;
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {}); // its own caller is told
    return result;
  };

  /** The package keeps a descriptor for an address even if binding it failed, so nothing may be reused after an error. */
  const release = async () => {
    const closing = open;
    open = null;
    await closing?.close();
  };

  const exchange = async (address: I2cAddress, write: Uint8Array, readLength: number): Promise<Uint8Array> => {
    open ??= await (await loaded(load)).openPromisified(number);
    if (readLength > 0) {
      const target = Buffer.alloc(readLength);
      const { bytesRead, buffer } =
        write.length > 0
          ? await open.readI2cBlock(address, write[0] ?? 0, readLength, target)
          : await open.i2cRead(address, readLength, target);
      if (bytesRead !== readLength) throw new HalError("io", name, `${bytesRead} of ${readLength} bytes read`);
      return buffer;
    }
    const { bytesWritten } = await open.i2cWrite(address, write.length, Buffer.from(write));
    if (bytesWritten !== write.length)
      throw new HalError("io", name, `${bytesWritten} of ${write.length} bytes written`);
    return new Uint8Array();
  };

  return {
    name,
    hertz,
    transfer: (address, write, readLength = 0) =>
      queued(async () => {
        if (closed) throw new HalError("closed", name, "the bus has been closed");
        const refusal = whyUnsupported(write.length, readLength);
        if (refusal !== null) throw new HalError("unsupported", name, refusal);
        try {
          return await exchange(address, write, readLength);
        } catch (error) {
          await release().catch(() => {}); // the first error is the one to tell
          throw explained(name, address, error);
        }
      }),
    close: () =>
      queued(async () => {
        closed = true;
        await release();
      }),
  };
}

function whyUnsupported(writeLength: number, readLength: number): string | null {
  if (writeLength + readLength === 0) return "a transfer has at least one byte";
  if (Math.max(writeLength, readLength) > maxBytes) return `a transfer has at most ${maxBytes} bytes`;
  if (readLength > 0 && (writeLength > 1 || (writeLength === 1 && readLength > 32))) {
    return "a read after a write is limited to one byte out and 32 in";
  }
  return null;
}

const importPackage = async (): Promise<I2cModule> => (await import("i2c-bus")).default;

async function loaded(load: () => Promise<I2cModule>): Promise<I2cModule> {
  try {
    return await load();
  } catch (error) {
    throw new HalError(
      "unsupported",
      "i2c-bus",
      "the optional package i2c-bus is missing or was not built for this Node; install it again with a compiler at hand",
      { cause: error },
    );
  }
}

function explained(name: string, address: I2cAddress, error: unknown): HalError {
  const mapped = fromErrno(name, error);
  const chip = `0x${address.toString(16)}`;
  const advice: Partial<Record<typeof mapped.kind, string>> = {
    absent: "there is no such bus; enable I2C in the firmware or correct the bus number in the board file",
    denied: "no permission; the user needs to be in the group that owns it (i2c on Debian)",
    noAck: `no answer from address ${chip}; check the cable, the power and the address in the board file`,
    busy: `address ${chip} is in use by a kernel driver; unload that driver`,
    timeout: `the bus hangs (address ${chip}); check the cable or switch the panel off and on`,
  };
  const sentence = advice[mapped.kind];
  return sentence === undefined || error instanceof HalError
    ? mapped
    : new HalError(mapped.kind, name, sentence, { cause: error });
}
