import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockI2cBus } from "../../../hal/mock/i2c-bus.ts";
import { settled } from "../../support/settled.ts";

function createBench(hertz = 100_000) {
  const clock = createFakeClock();
  const bus = createMockI2cBus({ clock, hertz });
  const written: [byte: number, atUs: number][] = [];
  bus.attach(0x27, {
    write: (byte, atUs) => written.push([byte, Math.round(atUs * 10) / 10]),
    read: (atUs) => atUs % 256,
  });
  return {
    clock,
    bus,
    written,
    transfer: (...args: Parameters<typeof bus.transfer>) => settled(clock, bus.transfer(...args)),
  };
}

describe("the mock I2C bus", () => {
  it("gives each byte the time of its acknowledge: START is one period, a byte nine", async () => {
    const { bus, written, clock, transfer } = createBench();
    await clock.advance(5);
    await transfer(0x27, Uint8Array.of(1, 2, 3));
    expect(written).toEqual([
      [1, 5000 + 190],
      [2, 5000 + 280],
      [3, 5000 + 370],
    ]);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(5.37);
    expect(bus.counts).toEqual({ transactions: 1, bytes: 3 });
  });

  it("does not deliver before the time has passed", async () => {
    const { bus, written, clock } = createBench();
    const transfer = bus.transfer(0x27, new Uint8Array(100));
    await clock.advance(9);
    expect(written).toEqual([]);
    await clock.advance(1);
    await transfer;
    expect(written).toHaveLength(100);
  });

  it("reads", async () => {
    const { transfer } = createBench();
    expect([...(await transfer(0x27, new Uint8Array(), 2))]).toEqual([190, 280 % 256]);
  });

  it("refuses overlapping transfers", async () => {
    const { bus, clock } = createBench();
    const first = bus.transfer(0x27, Uint8Array.of(1));
    await expect(bus.transfer(0x27, Uint8Array.of(2))).rejects.toMatchObject({ kind: "busy" });
    await settled(clock, first);
  });

  it("gets no acknowledge from an address where nothing is", async () => {
    const { bus, transfer } = createBench();
    await expect(transfer(0x20, Uint8Array.of(1))).rejects.toMatchObject({ kind: "noAck" });
    bus.detach(0x27);
    await expect(transfer(0x27, Uint8Array.of(1))).rejects.toMatchObject({ kind: "noAck" });
  });

  it.each([
    [0, []],
    [1, []],
    [2, [1]],
    [3, [1, 2]],
  ])("fails after %i bytes, the address included: %o arrived", async (afterBytes, arrived) => {
    const { bus, written, transfer } = createBench();
    bus.fail({ kind: "timeout", afterBytes, times: 1 });
    await expect(transfer(0x27, Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ kind: "timeout" });
    expect(written.map(([byte]) => byte)).toEqual(arrived);
    await transfer(0x27, Uint8Array.of(9));
    expect(written.at(-1)?.[0]).toBe(9);
  });

  it("counts the bytes before a fault over several transfers, and fails as often as asked", async () => {
    const { bus, transfer } = createBench();
    bus.fail({ kind: "io", afterBytes: 5, times: 2 });
    await transfer(0x27, Uint8Array.of(1, 2, 3));
    await expect(transfer(0x27, Uint8Array.of(4))).rejects.toMatchObject({ kind: "io" });
    await expect(transfer(0x27, Uint8Array.of(4))).rejects.toMatchObject({ kind: "io" });
    await transfer(0x27, Uint8Array.of(4));
  });

  it("is closed for good", async () => {
    const { bus } = createBench();
    await bus.close();
    await expect(bus.transfer(0x27, Uint8Array.of(1))).rejects.toMatchObject({ kind: "closed" });
  });
});
