import { describe, expect, it } from "vitest";
import { sleep } from "../../../hal/clock.ts";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { createBenchClock } from "../../../hal/mock/bench-clock.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { describeClock } from "../../contract/clock.ts";

describeClock("fake", () => {
  const clock = createFakeClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

describeClock("bench, in real time", () => {
  const clock = createBenchClock(createSystemClock());
  return { clock, pass: (ms) => sleep(clock, "pass", ms) };
});

describeClock("bench, run forward", () => {
  const clock = createBenchClock(createSystemClock());
  return { clock, pass: (ms) => clock.advance(ms) };
});

describe("bench clock", () => {
  const make = () => {
    const system = createFakeClock({ nowMs: 1_000_000 });
    return { system, clock: createBenchClock(system) };
  };

  it("follows the system, and is ahead by what was skipped", async () => {
    const { system, clock } = make();
    await system.advance(5);
    await clock.advance(100);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_105, 105]);
    await system.advance(5);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_110, 110]);
  });

  it("runs what falls due in order, each at its time, that included which is armed on the way", async () => {
    const { clock } = make();
    const seen: [string, number][] = [];
    const tick = () => {
      seen.push(["tick", clock.monotonic()]);
      clock.after("tick", 40, tick);
    };
    clock.after("tick", 40, tick);
    clock.after("once", 50, () => seen.push(["once", clock.monotonic()]));
    await clock.advance(100);
    expect(seen).toEqual([
      ["tick", 40],
      ["once", 50],
      ["tick", 80],
    ]);
  });

  it("leaves the rest of a timer to real time", async () => {
    const { system, clock } = make();
    let at = 0;
    clock.after("poll", 100, () => {
      at = clock.monotonic();
    });
    await clock.advance(70);
    await system.advance(29);
    expect(at).toBe(0);
    await system.advance(1);
    expect(at).toBe(100);
    expect(system.pending()).toEqual([]);
  });

  it("queues calls, and goes on after a timer that threw", async () => {
    const { system, clock } = make();
    clock.after("broken", 10, () => {
      throw new Error("our bug");
    });
    let called = false;
    clock.after("sound", 15, () => {
      called = true;
    });
    const first = clock.advance(12);
    const second = clock.advance(12);
    await expect(first).rejects.toThrow("our bug");
    await second;
    expect([clock.monotonic(), called, system.pending()]).toEqual([22, true, []]);
  });
});
