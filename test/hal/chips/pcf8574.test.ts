import { describe, expect, it } from "vitest";
import { executionUs, type Step } from "../../../hal/chips/four-bit-bus.ts";
import { createPcf8574, encodeSteps, pcf8574Wirings } from "../../../hal/chips/pcf8574.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockI2cBus } from "../../../hal/mock/i2c-bus.ts";
import { settled } from "../../support/settled.ts";

const data = (value: number): Step => ({ type: "byte", rs: true, value });
const instruction = (value: number): Step => ({ type: "byte", rs: false, value });
const fresh = { rs: false, owedUs: 0 };

describe("a PCF8574 backpack", () => {
  it("takes a byte of its own for each change of RS, and none where RS stays", () => {
    const { bytes, after } = encodeSteps(
      pcf8574Wirings.lcm1602,
      100_000,
      [instruction(0x80), data(0x41), data(0x42)],
      true,
      fresh,
    );
    expect([...bytes]).toEqual([
      ...[0x8c, 0x88, 0x0c, 0x08],
      ...[0x49, 0x4d, 0x49, 0x1d, 0x19],
      ...[0x4d, 0x49, 0x2d, 0x29],
    ]);
    expect(after.rs).toBe(true);
  });

  it("knows LCDproc's pin-out: data low, RS 10, RW 20, E 40, backlight 80 when dark", () => {
    const bytesOf = (lit: boolean) => [...encodeSteps(pcf8574Wirings.lcdproc, 100_000, [data(0xa5)], lit, fresh).bytes];
    expect(bytesOf(true)).toEqual([0x1a, 0x5a, 0x1a, 0x55, 0x15]);
    expect(bytesOf(false)).toEqual([0x9a, 0xda, 0x9a, 0xd5, 0x95]);
  });

  it("settles RS first when its level is unknown", () => {
    const { bytes } = encodeSteps(pcf8574Wirings.lcm1602, 100_000, [{ type: "nibble", value: 3 }], true, {
      rs: null,
      owedUs: 0,
    });
    expect([...bytes]).toEqual([0x38, 0x3c, 0x38]);
  });

  it("switches the backlight alone with one byte, and can do without one", () => {
    expect([...encodeSteps(pcf8574Wirings.lcm1602, 100_000, [], true, fresh).bytes]).toEqual([0x08]);
    expect([...encodeSteps(pcf8574Wirings.lcm1602, 100_000, [], false, fresh).bytes]).toEqual([0x00]);
    const plain = { ...pcf8574Wirings.lcm1602, backlight: null };
    expect([...encodeSteps(plain, 100_000, [instruction(0x01)], true, fresh).bytes]).toEqual([0x04, 0x00, 0x14, 0x10]);
  });

  it.each([
    [10_000, 4, 1],
    [100_000, 4, 1],
    [400_000, 6, 0],
  ])("keeps the execution time at %i Hz: %i bytes a step, %i more a change of RS", (hertz, byte, rsChange) => {
    const bus = createMockI2cBus({ clock: createFakeClock(), hertz });
    const { cost } = createPcf8574({ bus, address: 0x27, wiring: pcf8574Wirings.lcm1602 });
    expect(cost).toEqual({ byte, rsChange });
    const steps = [data(0x41), data(0x42), instruction(0x80), data(0x43)];
    const { bytes } = encodeSteps(pcf8574Wirings.lcm1602, hertz, steps, true, { rs: true, owedUs: 0 });
    const idle = (9e6 / hertz) * (1 + byte - 4);
    expect(idle).toBeGreaterThanOrEqual(executionUs);
    expect(bytes.length).toBe(4 + 3 * byte + 2 * rsChange);
  });

  it("waits for what the transaction before left to be done", () => {
    const before = { rs: true, owedUs: executionUs };
    expect(encodeSteps(pcf8574Wirings.lcm1602, 400_000, [data(0x41)], true, before).bytes.length).toBe(4 + 1);
    expect(encodeSteps(pcf8574Wirings.lcm1602, 100_000, [data(0x41)], true, before).bytes.length).toBe(4);
  });

  it("settles RS again after a transfer that failed", async () => {
    const clock = createFakeClock();
    const bus = createMockI2cBus({ clock });
    const seen: number[] = [];
    bus.attach(0x27, { write: (byte) => seen.push(byte), read: () => 0 });
    const wires = createPcf8574({ bus, address: 0x27, wiring: pcf8574Wirings.lcm1602 });
    await settled(clock, wires.send([instruction(0x80)], true));
    bus.fail({ kind: "noAck", afterBytes: 2, times: 1 });
    await expect(settled(clock, wires.send([instruction(0x80)], true))).rejects.toMatchObject({ kind: "noAck" });
    seen.length = 0;
    await settled(clock, wires.send([instruction(0x80)], true));
    expect(seen).toEqual([0x88, 0x8c, 0x88, 0x0c, 0x08]);
  });
});
