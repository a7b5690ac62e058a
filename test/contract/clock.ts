import { describe, expect, it } from "vitest";
import type { Clock } from "../../hal/clock.ts";

/** What every {@link Clock} promises. `pass` lets at least `ms` of its time go by. */
export function describeClock(name: string, make: () => { clock: Clock; pass: (ms: number) => Promise<void> }): void {
  describe(`clock contract: ${name}`, () => {
    it("never calls before `after` has returned, not even after 0 ms", async () => {
      const { clock, pass } = make();
      let called = false;
      clock.after("soon", 0, () => {
        called = true;
      });
      expect(called).toBe(false);
      await pass(1);
      expect(called).toBe(true);
    });

    it("calls once, after at least the time that was asked for", async () => {
      const { clock, pass } = make();
      const start = clock.monotonic();
      const times: number[] = [];
      clock.after("later", 20, () => times.push(clock.monotonic() - start));
      await pass(60);
      expect(times).toHaveLength(1);
      // Node counts its timers from the start of the turn of the loop, up to a millisecond before the call.
      expect(times[0]).toBeGreaterThanOrEqual(19);
    });

    it("calls in the order of time", async () => {
      const { clock, pass } = make();
      const order: number[] = [];
      for (const ms of [30, 10, 20]) clock.after(`${ms}`, ms, () => order.push(ms));
      await pass(80);
      expect(order).toEqual([10, 20, 30]);
    });

    it("does not call once stopped; stopping again, or after the call, does nothing", async () => {
      const { clock, pass } = make();
      const called: string[] = [];
      const stopFirst = clock.after("first", 10, () => called.push("first"));
      const stopSecond = clock.after("second", 10, () => called.push("second"));
      stopFirst();
      stopFirst();
      await pass(40);
      stopSecond();
      expect(called).toEqual(["second"]);
    });

    it("never goes back, and refuses impossible times", async () => {
      const { clock, pass } = make();
      const before = clock.monotonic();
      await pass(1);
      expect(clock.monotonic()).toBeGreaterThan(before);
      expect(() => clock.after("x", -1, () => {})).toThrow(RangeError);
      expect(() => clock.after("x", Number.NaN, () => {})).toThrow(RangeError);
    });
  });
}
