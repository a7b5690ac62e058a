import { read as readDescriptor, write as writeDescriptor } from "node:fs";
import { promisify } from "node:util";
import type { SerialPort } from "serialport";
import type { Clock } from "../clock.ts";
import type { ConsolePort, ConsolePorts } from "../console.ts";
import { HalError, type HalErrorKind } from "../errors.ts";
import { watchDevices } from "./device-watch.ts";

type Binding = Extract<
  Awaited<ReturnType<typeof SerialPort.binding.open>>,
  { readonly poller: unknown; fd: number | null }
>;

const readAt = promisify(readDescriptor);
const writeAt = promisify(writeDescriptor);
const readBytes = 4096;

/** Serial lines and pseudo-terminals, by the native add-on of serialport, which is loaded when the first one is opened. */
export function createSerialPorts({ clock }: { readonly clock: Clock }): ConsolePorts {
  return {
    watch: (patterns, changed) => watchDevices(clock, patterns, changed),
    open: async (device, line) => {
      const binding = await loadBinding(device);
      try {
        const port = await binding.open({
          path: device,
          baudRate: line.baud,
          dataBits: 8,
          parity: "none",
          stopBits: line.stopBits,
          rtscts: false,
          xon: false,
          xoff: false,
          lock: true,
          // DTR stays as it is on close: a terminal server takes its fall for the end of the session.
          hupcl: false,
        });
        return createPort(device, port as Binding);
      } catch (error) {
        throw openError(device, error);
      }
    },
  };
}

async function loadBinding(device: string): Promise<typeof SerialPort.binding> {
  try {
    return (await import("serialport")).SerialPort.binding;
  } catch (cause) {
    const message = "the add-on serialport is missing or does not load; run npm install on this machine";
    throw new HalError("unsupported", device, message, { cause });
  }
}

function createPort(device: string, binding: Binding): ConsolePort {
  let closing: Promise<void> | null = null;
  let reading: Promise<Uint8Array> | null = null;
  let writing: Promise<void> | null = null;
  const closedError = () => new HalError("closed", device, "the port is closed or was hung up");

  /**
   * Ends what waits, then gives the descriptor back: not while a read or write of it is under way in another thread, which
   * would meet whatever is opened next under the same number. Done at a hang-up too, or an adapter that is plugged in again
   * comes back under another name.
   */
  const shutDown = async () => {
    binding.poller.stop();
    await Promise.allSettled([reading, writing]);
    await binding.close().catch(() => {});
  };
  const close = () => {
    closing ??= Promise.resolve().then(shutDown);
    return closing;
  };

  /**
   * Tries until the kernel takes or gives something. Not by the binding's own `read`, which takes the end of file, by which
   * Linux reports a hang-up, for "try again" and spins.
   */
  const transfer = async (direction: "readable" | "writable", attempt: (fd: number) => Promise<number>) => {
    for (;;) {
      const { fd } = binding;
      if (closing !== null || fd === null) throw closedError();
      try {
        const count = await attempt(fd);
        if (count > 0) return count;
      } catch (error) {
        if (closing === null && isWouldBlock(error)) {
          const ready = await becomes(binding, direction);
          if (ready) continue;
        }
      }
      void close();
      throw closedError();
    }
  };
  const readSome = async () => {
    const buffer = new Uint8Array(readBytes);
    const count = await transfer("readable", async (fd) => (await readAt(fd, buffer, 0, readBytes, null)).bytesRead);
    return buffer.subarray(0, count);
  };
  const writeAll = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      at += await transfer(
        "writable",
        async (fd) => (await writeAt(fd, bytes, at, bytes.length - at, null)).bytesWritten,
      );
    }
  };

  return {
    device,
    read: () => {
      if (closing !== null) return Promise.reject(closedError());
      if (reading !== null) return Promise.reject(new HalError("busy", device, "a read is waiting already"));
      reading = readSome().finally(() => {
        reading = null;
      });
      return reading;
    },
    write: (bytes) => {
      if (closing !== null) return Promise.reject(closedError());
      if (writing !== null) return Promise.reject(new HalError("busy", device, "a write is waiting already"));
      writing = writeAll(bytes).finally(() => {
        writing = null;
      });
      return writing;
    },
    close,
  };
}

function isWouldBlock(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "EAGAIN" || code === "EINTR";
}

/** false: polling was stopped, or the descriptor is broken. */
function becomes(binding: Binding, direction: "readable" | "writable"): Promise<boolean> {
  return new Promise((resolve) => {
    binding.poller.once(direction, (error: Error | null) => resolve(error === null));
  });
}

/** The add-on gives no errno, only its text (strerror in locale C). */
const kindsByText: readonly (readonly [RegExp, HalErrorKind])[] = [
  [/No such (file|device)/i, "absent"],
  [/Permission denied|not permitted/i, "denied"],
  [/Cannot lock port|busy/i, "busy"],
  [/Inappropriate ioctl|not supported|invalid/i, "unsupported"],
];

function openError(device: string, cause: unknown): HalError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const kind = kindsByText.find(([text]) => text.test(message))?.[1] ?? "io";
  return new HalError(kind, device, message, { cause });
}
