import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { watchDevices } from "../../../hal/linux/device-watch.ts";
import { createSerialPorts } from "../../../hal/linux/serial.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { describeConsolePorts } from "../../contract/console.ts";
import { type PtyPair, plugPty } from "../../support/pty-pair.ts";
import { hasPackage, hasTool } from "../../support/tools.ts";

const line = { baud: 9600, stopBits: 2 } as const;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
const makeFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), "bezel-serial-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  return folder;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.skipIf(!hasTool("socat") || !hasPackage("serialport"))(
  "serial ports on a real pty (needs socat and serialport)",
  () => {
    describeConsolePorts("Linux", async () => {
      const folder = await mkdtemp(join(tmpdir(), "bezel-serial-"));
      let pair: PtyPair | null = null;
      const plugged = () => {
        if (pair === null) throw new Error("not plugged");
        return pair;
      };
      return {
        ports: createSerialPorts({ clock: createSystemClock() }),
        device: join(folder, "console0"),
        pattern: join(folder, "console?"),
        plug: async () => {
          pair = await plugPty(folder, "console0");
        },
        unplug: async () => {
          await plugged().unplug();
          pair = null;
        },
        type: (text) => plugged().write(text),
        printed: (end) => plugged().readUntil(end),
        close: async () => {
          await pair?.unplug();
          await rm(folder, { recursive: true });
        },
      };
    });

    const opened = async () => {
      const pair = await plugPty(await makeFolder(), "console0");
      const port = await createSerialPorts({ clock: createSystemClock() }).open(pair.device, line);
      return { pair, port };
    };

    it("writes more than the kernel takes at once", async () => {
      const { pair, port } = await opened();
      const text = `${"0123456789abcdef".repeat(4096)}.`;
      const arrived = pair.readUntil(".");
      await port.write(Buffer.from(text));
      expect(await arrived).toBe(text);
      await port.close();
      await pair.unplug();
    });

    it("ends a write that waits for a far end that does not read, by close and by hang-up", async () => {
      for (const end of ["close", "hang-up"]) {
        const { pair, port } = await opened();
        const writing = expect(port.write(Buffer.alloc(1_000_000))).rejects.toMatchObject({ kind: "closed" });
        for (let round = 0; round < 100; round++) await turn();
        if (end === "close") await port.close();
        await pair.unplug();
        await writing;
        await port.close();
      }
    });

    it("notices by the slow round that a link points nowhere any more", async () => {
      const folder = await makeFolder();
      const pair = await plugPty(await makeFolder(), "elsewhere");
      await symlink(pair.device, join(folder, "console0"));
      const clock = createFakeClock();
      const reports: (readonly string[])[] = [];
      cleanups.push(watchDevices(clock, [join(folder, "*")], (devices) => reports.push(devices)));
      while (reports.length < 1) await turn();
      await pair.unplug(true);
      for (let round = 0; round < 100; round++) await turn();
      expect(reports).toEqual([[join(folder, "console0")]]);
      await clock.advance(5000);
      while (reports.length < 2) await turn();
      expect(reports[1]).toEqual([]);
    });
  },
);

describe("serial ports", () => {
  const ports = createSerialPorts({ clock: createSystemClock() });

  it("refuses what is no terminal", async () => {
    const file = join(await makeFolder(), "file");
    await writeFile(file, "");
    await expect(ports.open(file, line)).rejects.toMatchObject({ name: "HalError", device: file });
    await expect(ports.open("/dev/null", line)).rejects.toMatchObject({ name: "HalError" });
  });
});

describe("looking for consoles", () => {
  const watched = (patterns: readonly string[]) => {
    const clock = createFakeClock();
    const reports: (readonly string[])[] = [];
    const stop = watchDevices(clock, patterns, (devices) => reports.push(devices));
    cleanups.push(stop);
    const next = async () => {
      while (reports.length === 0) await turn();
      return reports.shift();
    };
    return { clock, reports, stop, next };
  };

  it("sees only character devices, in every folder that is named", async () => {
    const [one, other] = [await makeFolder(), await makeFolder()];
    await writeFile(join(one, "tty-file"), "");
    await symlink("/dev/null", join(one, "tty-null"));
    await symlink("/dev/zero", join(other, "zero"));
    const { next } = watched([join(one, "tty-*"), join(other, "zero"), join(other, "one"), "/dev/nul?"]);
    expect(await next()).toEqual(["/dev/null", join(one, "tty-null"), join(other, "zero")].sort());
  });

  it("tells of the absence between when a name comes back as another device", async () => {
    const folder = await makeFolder();
    const name = join(folder, "console0");
    await symlink("/dev/null", name);
    await symlink("/dev/full", join(folder, "console1"));
    const { clock, next, reports } = watched([join(folder, "*")]);
    await next();
    await symlink("/dev/zero", `${folder}.new`);
    await rename(`${folder}.new`, name);
    await clock.advance(5000);
    while (reports.at(-1)?.length !== 2) await turn();
    expect(reports.at(-2)).toEqual([join(folder, "console1")]);
  });

  it("finds a folder that is made later", async () => {
    const folder = join(await makeFolder(), "by-id");
    const { clock, next, reports } = watched([join(folder, "*")]);
    expect(await next()).toEqual([]);
    await mkdir(folder);
    await clock.advance(5000);
    await symlink("/dev/null", join(folder, "console0"));
    expect(await next()).toEqual([join(folder, "console0")]);
    expect(reports).toEqual([]);
  });

  it("leaves no timer behind", () => {
    const { clock, stop } = watched(["/dev/null"]);
    expect(clock.pending()).toEqual(["look for consoles"]);
    stop();
    stop();
    expect(clock.pending()).toEqual([]);
  });
});
