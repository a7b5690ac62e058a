import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DigitalIn } from "../../../hal/bus.ts";
import { createGpioKeypad } from "../../../hal/chips/gpio-keypad.ts";
import { HalError } from "../../../hal/errors.ts";
import type { KeyEdge, KeyName } from "../../../hal/keypad.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockInput } from "../../../hal/mock/gpio.ts";

async function createBench(debounceMs = 10) {
  const clock = createFakeClock();
  const inputs = { UP: createMockInput({ clock, name: "UP" }), DOWN: createMockInput({ clock, name: "DOWN" }) };
  const open = async () =>
    new Map<KeyName, DigitalIn>([
      ["UP", inputs.UP.open()],
      ["DOWN", inputs.DOWN.open()],
    ]);
  const keypad = createGpioKeypad({ device: "keys", clock, open, debounceMs });
  const edges: KeyEdge[] = [];
  const losses: HalError[] = [];
  const stop = await keypad.watch(
    (edge) => edges.push(edge),
    (error) => losses.push(error),
  );
  return { clock, inputs, keypad, edges, losses, stop };
}

describe("keys on GPIO lines", () => {
  it("ignores a spike that is shorter than the debounce time", async () => {
    const { clock, inputs, edges } = await createBench();
    inputs.UP.set(true);
    await clock.advance(4);
    inputs.UP.set(false);
    await clock.advance(100);
    expect(edges).toEqual([]);
  });

  it("reports once the line has been quiet, with the time of the first edge", async () => {
    const { clock, inputs, edges } = await createBench();
    await clock.advance(7);
    inputs.UP.set(true, [1, 3, 4, 5]);
    await clock.advance(14);
    expect(edges).toEqual([]);
    await clock.advance(1);
    expect(edges).toEqual([{ key: "UP", pressed: true, atMs: 7 }]);
  });

  it("sees exactly what was pressed, however the contacts bounce", async () => {
    const bounce = fc
      .uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 6 })
      .map((ms) => ms.toSorted((a, b) => a - b));
    const presses = fc.array(fc.tuple(fc.constantFrom("UP" as const, "DOWN" as const), bounce), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(presses, async (moves) => {
        const { clock, inputs, edges } = await createBench();
        const down = { UP: false, DOWN: false };
        const expected: KeyEdge[] = [];
        for (const [key, bounceMs] of moves) {
          down[key] = !down[key];
          expected.push({ key, pressed: down[key], atMs: clock.monotonic() });
          inputs[key].set(down[key], bounceMs);
          await clock.advance(20);
        }
        expect(edges).toEqual(expected);
        expect(clock.pending()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("does not deliver an edge that was being debounced at stop, and leaves no timer", async () => {
    const { clock, inputs, edges, stop } = await createBench();
    inputs.UP.set(true);
    await clock.advance(5);
    stop();
    expect(clock.pending()).toEqual([]);
    await clock.advance(100);
    expect(edges).toEqual([]);
  });

  it("tells once of a line that cannot be read any more, by its kind", async () => {
    const { clock, inputs, losses, edges } = await createBench();
    inputs.UP.fail(new HalError("io", "UP", "gone"));
    inputs.DOWN.fail(new HalError("io", "DOWN", "gone"));
    await clock.advance(100);
    expect(losses.map(({ kind }) => kind)).toEqual(["io"]);
    inputs.DOWN.set(true);
    await clock.advance(100);
    expect(edges).toEqual([]);
  });

  it("closes the lines again when one cannot be read at the start", async () => {
    const clock = createFakeClock();
    const input = createMockInput({ clock, name: "UP" });
    input.fail(new HalError("io", "UP", "gone"));
    const lines: DigitalIn[] = [];
    const keypad = createGpioKeypad({
      device: "keys",
      clock,
      debounceMs: 10,
      open: async () => {
        const line = input.open();
        lines.push(line);
        return new Map([["UP", line]]);
      },
    });
    await expect(
      keypad.watch(
        () => {},
        () => {},
      ),
    ).rejects.toMatchObject({ kind: "io" });
    input.fail(null);
    await expect(lines[0]?.read()).rejects.toMatchObject({ kind: "closed" });
  });
});
