import { describe, expect, it } from "vitest";
import { createLinuxI2cBus, type I2cModule } from "../../../hal/linux/i2c-bus.ts";

/** Stands in for the package: answers from a script and notes what it was asked. */
function fakePackage(answers: Record<string, unknown> = {}) {
  const calls: string[] = [];
  let pending = 0;
  const answer = async (call: string, name: string, value: unknown) => {
    calls.push(call);
    if (++pending > 1) calls.push("OVERLAP");
    await new Promise((resolve) => setImmediate(resolve));
    pending--;
    const given = answers[name];
    if (given instanceof Error) throw given;
    return (given ?? value) as never;
  };
  const load = async (): Promise<I2cModule> => ({
    openPromisified: async (number) => {
      calls.push(`open ${number}`);
      return {
        i2cRead: (address, length, buffer) =>
          answer(`read ${address} ${length}`, "read", { bytesRead: length, buffer: buffer.fill(7) }),
        i2cWrite: (address, length, buffer) =>
          answer(`write ${address} ${buffer.toString("hex")}`, "write", { bytesWritten: length, buffer }),
        readI2cBlock: (address, command, length, buffer) =>
          answer(`block ${address} ${command} ${length}`, "block", { bytesRead: length, buffer }),
        close: async () => {
          calls.push("close");
        },
      };
    },
  });
  return { calls, answers, load, bus: createLinuxI2cBus({ number: 1, hertz: 100_000, load }) };
}

const errno = (code: string) => Object.assign(new Error(`${code}: as the kernel says`), { code });

describe("an I2C bus of Linux", () => {
  it("opens at the first transfer, not before, and once", async () => {
    const { bus, calls } = fakePackage();
    expect(calls).toEqual([]);
    await bus.transfer(0x27, Uint8Array.of(1, 2));
    await bus.transfer(0x27, Uint8Array.of(3));
    expect(calls).toEqual(["open 1", "write 39 0102", "write 39 03"]);
  });

  it("queues transfers that overlap, also behind one that fails", async () => {
    const { bus, calls, answers } = fakePackage();
    answers.write = errno("EREMOTEIO");
    const first = bus.transfer(0x27, Uint8Array.of(1));
    const second = bus.transfer(0x27, new Uint8Array(), 2);
    await expect(first).rejects.toMatchObject({ kind: "noAck" });
    expect([...(await second)]).toEqual([7, 7]);
    expect(calls).toEqual(["open 1", "write 39 01", "close", "open 1", "read 39 2"]);
  });

  it.each([
    ["EREMOTEIO", "noAck", /0x27.*check the cable/],
    ["ENXIO", "noAck", /0x27/],
    ["ENOENT", "absent", /no such bus.*board file/],
    ["EACCES", "denied", /group/],
    ["EBUSY", "busy", /kernel driver/],
    ["ETIMEDOUT", "timeout", /hangs/],
    ["EIO", "io", /as the kernel says/],
  ])("tells %s as %s, in a sentence that names the bus", async (code, kind, sentence) => {
    const { bus } = fakePackage({ write: errno(code) });
    const transfer = bus.transfer(0x27, Uint8Array.of(1));
    await expect(transfer).rejects.toMatchObject({ name: "HalError", kind, device: "/dev/i2c-1" });
    await expect(transfer).rejects.toThrow(sentence);
  });

  it("reports a short write and a short read", async () => {
    const { bus } = fakePackage({ write: { bytesWritten: 1 }, read: { bytesRead: 0, buffer: Buffer.alloc(2) } });
    await expect(bus.transfer(0x27, Uint8Array.of(1, 2))).rejects.toThrow(/1 of 2 bytes written/);
    await expect(bus.transfer(0x27, new Uint8Array(), 2)).rejects.toThrow(/0 of 2 bytes read/);
  });

  it("reads a register with a repeated START, and refuses what the package cannot do", async () => {
    const { bus, calls } = fakePackage();
    await bus.transfer(0x20, Uint8Array.of(0x12), 1);
    expect(calls).toEqual(["open 1", "block 32 18 1"]);
    for (const [write, read] of [
      [0, 0],
      [2, 1],
      [1, 33],
      [8193, 0],
    ] as const) {
      await expect(bus.transfer(0x20, new Uint8Array(write), read)).rejects.toMatchObject({ kind: "unsupported" });
    }
  });

  it("is closed for good, twice without harm", async () => {
    const { bus, calls } = fakePackage();
    await bus.transfer(0x27, Uint8Array.of(1));
    await bus.close();
    await bus.close();
    await expect(bus.transfer(0x27, Uint8Array.of(1))).rejects.toMatchObject({ kind: "closed" });
    expect(calls.filter((call) => call === "close")).toHaveLength(1);
  });

  it("says that the package is missing, and tries again at the next transfer", async () => {
    let installed = false;
    const { calls, load } = fakePackage();
    const bus = createLinuxI2cBus({
      number: 1,
      hertz: 100_000,
      load: async () => {
        if (!installed) throw new Error("Cannot find package 'i2c-bus'");
        return load();
      },
    });
    const transfer = bus.transfer(0x27, Uint8Array.of(1));
    await expect(transfer).rejects.toMatchObject({ name: "HalError", kind: "unsupported" });
    await expect(transfer).rejects.toThrow(/optional package i2c-bus is missing/);
    installed = true;
    await bus.transfer(0x27, Uint8Array.of(1));
    expect(calls).toEqual(["open 1", "write 39 01"]);
  });

  it("says that a bus is missing, asking the real package and the real kernel", async () => {
    const bus = createLinuxI2cBus({ number: 250, hertz: 100_000 });
    const transfer = bus.transfer(0x27, Uint8Array.of(1));
    // Where the optional package was not built it is that which is missing.
    await expect(transfer).rejects.toMatchObject({
      name: "HalError",
      kind: expect.stringMatching(/absent|unsupported/),
    });
    await bus.close();
  });
});
