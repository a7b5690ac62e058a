import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DigitalIn, DigitalOut } from "../bus.ts";
import type { Clock } from "../clock.ts";
import { fromErrno, HalError } from "../errors.ts";

/** What is used of the package; passed in by tests. */
export type OnoffModule = Pick<typeof import("onoff"), "Gpio">;

/** A line of a GPIO chip. */
export interface GpioLine {
  /** Labels that the chip may have, such as `pinctrl-bcm2711`; the first chip that is there is taken. */
  readonly labels: readonly string[];
  /** The line's number on that chip. */
  readonly offset: number;
  /** The line is active when its level is low. */
  readonly activeLow: boolean;
}

/** Opens single lines. Both reject with a HalError. */
export interface LinuxGpio {
  input(line: GpioLine): Promise<DigitalIn>;
  /** Starts inactive. */
  output(line: GpioLine): Promise<DigitalOut>;
}

export interface LinuxGpioOptions {
  readonly clock: Clock;
  readonly load?: () => Promise<OnoffModule>;
  /** Where chips are looked up; the package itself knows only the default. */
  readonly sysfs?: string;
}

const sysfsGpio = "/sys/class/gpio";

/**
 * GPIO lines through sysfs, the interface that onoff knows. The constructor of its Gpio blocks: it tries up to 10 000 times
 * to open the line's files while udev sets their permissions. So lines are opened when a panel comes up and then kept,
 * never on the way of a key.
 */
export function createLinuxGpio({ clock, load = importPackage, sysfs = sysfsGpio }: LinuxGpioOptions): LinuxGpio {
  const open = async (line: GpioLine, direction: "in" | "low" | "high") => {
    const name = nameOf(line);
    const number = await globalLineNumber(line, sysfs);
    const { Gpio } = await loaded(load);
    try {
      // "low" and "high" are levels at the pin, whatever active_low says.
      return direction === "in"
        ? new Gpio(number, "in", "both", { activeLow: line.activeLow })
        : new Gpio(number, direction, "none", { activeLow: line.activeLow });
    } catch (error) {
      throw explained(name, error);
    }
  };

  return {
    input: async (line) => {
      const name = nameOf(line);
      const gpio = await open(line, "in");
      const close = closer(name, () => gpio.unexport());
      return {
        read: async () => {
          try {
            return (await gpio.read()) === 1;
          } catch (error) {
            throw fromErrno(name, error);
          }
        },
        watch: (edge) => {
          // A failed read gives no level to report; whoever listens reads the line again and learns the error.
          const listener = (_error: Error | null | undefined, value: 0 | 1) => edge(value === 1, clock.monotonic());
          gpio.watch(listener);
          return () => gpio.unwatch(listener);
        },
        close,
      };
    },
    output: async (line) => {
      const name = nameOf(line);
      const gpio = await open(line, line.activeLow ? "high" : "low");
      const close = closer(name, () => gpio.unexport());
      return {
        write: async (active) => {
          try {
            await gpio.write(active ? 1 : 0);
          } catch (error) {
            throw fromErrno(name, error);
          }
        },
        close,
      };
    },
  };
}

function closer(name: string, release: () => void): () => Promise<void> {
  let closed = false;
  return async () => {
    if (closed) return;
    closed = true;
    try {
      release();
    } catch (error) {
      throw fromErrno(name, error);
    }
  };
}

/**
 * The number that /sys/class/gpio/export takes. It is the chip's base plus the line's offset, and the base is the kernel's
 * to choose (on a Raspberry Pi it was 0, then 512, 571 or 399), so it is looked up by the chip's label.
 */
export async function globalLineNumber(line: GpioLine, sysfs: string = sysfsGpio): Promise<number> {
  const chips = await listChips(sysfs, nameOf(line));
  for (const label of line.labels) {
    const chip = chips.find((it) => it.label === label && line.offset < it.lines);
    if (chip !== undefined) return chip.base + line.offset;
  }
  const found = chips.map(({ label, lines }) => `${label} (${lines} lines)`).join(", ") || "none";
  throw new HalError(
    "absent",
    nameOf(line),
    `no GPIO chip with this label and line; this machine has: ${found}. Correct the labels in the board file`,
  );
}

async function listChips(sysfs: string, name: string) {
  try {
    const names = (await readdir(sysfs)).filter((it) => it.startsWith("gpiochip")).sort();
    return await Promise.all(
      names.map(async (chip) => {
        const read = async (file: string) => (await readFile(join(sysfs, chip, file), "utf8")).trim();
        return { label: await read("label"), base: Number(await read("base")), lines: Number(await read("ngpio")) };
      }),
    );
  } catch (error) {
    throw explained(name, error);
  }
}

const importPackage = async (): Promise<OnoffModule> => (await import("onoff")).default;

async function loaded(load: () => Promise<OnoffModule>): Promise<OnoffModule> {
  try {
    return await load();
  } catch (error) {
    throw new HalError(
      "unsupported",
      "onoff",
      "the optional package onoff is missing or was not built for this Node; install it again with a compiler at hand",
      { cause: error },
    );
  }
}

function nameOf(line: GpioLine): string {
  return `GPIO ${line.labels.join("|")} line ${line.offset}`;
}

function explained(name: string, error: unknown): HalError {
  const mapped = fromErrno(name, error);
  if (mapped.kind === "absent") {
    return new HalError("absent", name, `${sysfsGpio} is missing; the kernel needs CONFIG_GPIO_SYSFS`, {
      cause: error,
    });
  }
  if (mapped.kind === "denied") {
    return new HalError("denied", name, "no permission; the user needs to be in the group gpio", { cause: error });
  }
  if (mapped.kind === "busy") {
    return new HalError("busy", name, "the line is in use by a kernel driver or another program", { cause: error });
  }
  return mapped;
}
