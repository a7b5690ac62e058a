import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLinuxGpio, type GpioLine, globalLineNumber, type OnoffModule } from "../../../hal/linux/gpio.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";

const labels = ["pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835"];
const line = (offset: number, activeLow = false): GpioLine => ({ labels, offset, activeLow });

let sysfs: string;
beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), "gpio-"));
});
afterEach(() => rm(sysfs, { recursive: true }));

async function addChip(base: number, label: string, lines: number) {
  const folder = join(sysfs, `gpiochip${base}`);
  await mkdir(folder);
  for (const [file, value] of Object.entries({ label, base, ngpio: lines })) {
    await writeFile(join(folder, file), `${value}\n`);
  }
}

describe("the number of a GPIO line", () => {
  it.each<[string, [base: number, label: string, lines: number][], number]>([
    ["a Pi 3 before kernel 6.6", [[0, "pinctrl-bcm2835", 54]], 17],
    [
      "a Pi 4, base 512",
      [
        [512, "pinctrl-bcm2711", 58],
        [570, "raspberrypi-exp-gpio", 8],
      ],
      529,
    ],
    [
      "a Pi 5, the header is not the first chip",
      [
        [512, "gpio-brcmstb@107d508500", 32],
        [571, "pinctrl-rp1", 54],
      ],
      588,
    ],
    [
      "two chips of one label, the larger one",
      [
        [399, "pinctrl-rp1", 4],
        [410, "pinctrl-rp1", 54],
      ],
      427,
    ],
  ])("is found by the chip's label: %s", async (_, chips, number) => {
    for (const [base, label, lines] of chips) await addChip(base, label, lines);
    await writeFile(join(sysfs, "export"), "");
    expect(await globalLineNumber(line(17), sysfs)).toBe(number);
  });

  it("is not guessed: the error names the chips that are there", async () => {
    await addChip(512, "gpio-other", 32);
    const lookup = globalLineNumber(line(17), sysfs);
    await expect(lookup).rejects.toMatchObject({ name: "HalError", kind: "absent" });
    await expect(lookup).rejects.toThrow(/line 17.*gpio-other \(32 lines\).*board file/);
  });

  it("says that sysfs GPIO is missing", async () => {
    await expect(globalLineNumber(line(17), join(sysfs, "none"))).rejects.toThrow(/CONFIG_GPIO_SYSFS/);
  });
});

/** Stands in for the package: one line whose level a test sets. */
function fakePackage() {
  const log: string[] = [];
  let level: 0 | 1 = 0;
  const listeners = new Set<(error: Error | null | undefined, value: 0 | 1) => void>();
  const Gpio = class {
    constructor(number: number, direction: string, edge: string, options: { activeLow: boolean }) {
      log.push(`${number} ${direction} ${edge} activeLow=${options.activeLow}`);
    }
    async read() {
      return level;
    }
    async write(value: number) {
      log.push(`write ${value}`);
    }
    watch(listener: (error: Error | null | undefined, value: 0 | 1) => void) {
      listeners.add(listener);
    }
    unwatch(listener: (error: Error | null | undefined, value: 0 | 1) => void) {
      listeners.delete(listener);
    }
    unexport() {
      log.push("unexport");
    }
  };
  return {
    log,
    listeners,
    load: async () => ({ Gpio }) as unknown as OnoffModule,
    change: (to: 0 | 1) => {
      level = to;
      for (const listener of listeners) listener(null, to);
    },
  };
}

describe("GPIO lines of Linux", () => {
  it("reads and watches an input, with the time of the edge", async () => {
    await addChip(512, "pinctrl-bcm2711", 58);
    const clock = createFakeClock();
    const { load, log, listeners, change } = fakePackage();
    const input = await createLinuxGpio({ clock, load, sysfs }).input(line(5, true));
    const edges: unknown[] = [];
    const stop = input.watch((active, atMs) => edges.push([active, atMs]));
    await clock.advance(3);
    change(1);
    expect([await input.read(), edges]).toEqual([true, [[true, 3]]]);
    stop();
    expect(listeners.size).toBe(0);
    await input.close();
    await input.close();
    expect(log).toEqual(["517 in both activeLow=true", "unexport"]);
  });

  it.each([
    [false, "low"],
    [true, "high"],
  ])("starts an output dark: active low %s, pin %s", async (activeLow, level) => {
    await addChip(512, "pinctrl-bcm2711", 58);
    const { load, log } = fakePackage();
    const output = await createLinuxGpio({ clock: createFakeClock(), load, sysfs }).output(line(17, activeLow));
    await output.write(true);
    await output.write(false);
    expect(log).toEqual([`529 ${level} none activeLow=${activeLow}`, "write 1", "write 0"]);
  });

  it("says that the package is missing", async () => {
    await addChip(512, "pinctrl-bcm2711", 58);
    const load = () => Promise.reject(new Error("Cannot find package 'onoff'"));
    const input = createLinuxGpio({ clock: createFakeClock(), load, sysfs }).input(line(5));
    await expect(input).rejects.toMatchObject({ kind: "unsupported" });
    await expect(input).rejects.toThrow(/optional package onoff is missing/);
  });

  it.each([
    ["EBUSY", "busy", /in use/],
    ["EACCES", "denied", /group gpio/],
    ["EINVAL", "io", /as the kernel says/],
  ])("tells %s at opening as %s", async (code, kind, sentence) => {
    await addChip(512, "pinctrl-bcm2711", 58);
    const Gpio = class {
      constructor() {
        throw Object.assign(new Error(`${code}: as the kernel says`), { code });
      }
    };
    const load = async () => ({ Gpio }) as unknown as OnoffModule;
    const output = createLinuxGpio({ clock: createFakeClock(), load, sysfs }).output(line(17));
    await expect(output).rejects.toMatchObject({ name: "HalError", kind });
    await expect(output).rejects.toThrow(sentence);
  });

  it("says in a HalError that this machine has no such line, asking the real kernel", async () => {
    const gpio = createLinuxGpio({ clock: createFakeClock() });
    const nowhere: GpioLine = { labels: ["no-such-chip"], offset: 1, activeLow: false };
    await expect(gpio.input(nowhere)).rejects.toMatchObject({ name: "HalError", kind: "absent" });
    await expect(gpio.output(nowhere)).rejects.toMatchObject({ name: "HalError", kind: "absent" });
  });
});
