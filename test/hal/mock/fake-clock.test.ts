import { describe, expect, it } from "vitest";
import { deadline, sleep } from "../../../hal/clock.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";

describe("fake clock", () => {
  it("stands still by itself and moves both times together", async () => {
    const clock = createFakeClock({ nowMs: 1000 });
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 0]);
    await clock.advance(12.5);
    expect([clock.now(), clock.monotonic()]).toEqual([1012.5, 12.5]);
  });

  it("runs timers in the order of time, each at its own time", async () => {
    const clock = createFakeClock();
    const seen: [string, number][] = [];
    for (const [name, ms] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
      ["a2", 10],
    ] as const) {
      clock.after(name, ms, () => seen.push([name, clock.monotonic()]));
    }
    expect(clock.pending()).toEqual(["a", "a2", "b", "c"]);
    await clock.advance(20);
    expect(seen).toEqual([
      ["a", 10],
      ["a2", 10],
      ["b", 20],
    ]);
    expect(clock.pending()).toEqual(["c"]);
  });

  it("runs timers that were armed by promises which an earlier timer settled", async () => {
    const clock = createFakeClock();
    const times: number[] = [];
    const worker = async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(clock, "round", 5);
        await new Promise((resolve) => setImmediate(resolve));
        times.push(clock.monotonic());
      }
    };
    const done = worker();
    await clock.advance(15);
    await done;
    expect(times).toEqual([5, 10, 15]);
  });

  it("does not lose a timer to the rounding of fractions", async () => {
    const clock = createFakeClock();
    let fired = false;
    clock.after("display", 0.8, () => {
      fired = true;
    });
    for (let step = 0; step < 8; step++) await clock.advance(0.1);
    expect(fired).toBe(true);
  });

  it("stops a timer, also from within another one due at the same time", async () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    clock.after("first", 1, () => {
      seen.push("first");
      stop();
      stop();
    });
    const stop = clock.after("second", 1, () => seen.push("second"));
    await clock.advance(1);
    expect(seen).toEqual(["first"]);
    expect(clock.pending()).toEqual([]);
  });

  it("keeps timers where they are when the wall clock jumps", async () => {
    const clock = createFakeClock({ nowMs: 0 });
    let fired = false;
    clock.after("poll", 10, () => {
      fired = true;
    });
    await clock.advance(4);
    clock.setWall(1_700_000_000_000);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_700_000_000_000, 4, false]);
    await clock.advance(6);
    expect([clock.now(), fired]).toEqual([1_700_000_000_006, true]);
  });

  it("reports what a timer throws, and goes on afterwards", async () => {
    const clock = createFakeClock();
    clock.after("broken", 1, () => {
      throw new Error("our bug");
    });
    await expect(clock.advance(5)).rejects.toThrow("our bug");
    await clock.advance(5);
    expect(clock.monotonic()).toBe(6);
  });

  it("refuses overlapping advances and impossible times", async () => {
    const clock = createFakeClock();
    const first = clock.advance(1);
    await expect(clock.advance(1)).rejects.toThrow("already");
    await first;
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    expect(() => clock.after("x", Number.NaN, () => {})).toThrow(RangeError);
  });
});

describe("sleep and deadline", () => {
  it("leave no timer behind", async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const slept = sleep(clock, "nap", 10, controller.signal);
    const guarded = deadline(clock, "probe", 20, controller.signal);
    expect(clock.pending()).toEqual(["nap", "probe"]);
    controller.abort(new Error("enough"));
    await expect(slept).rejects.toThrow("enough");
    expect(guarded.signal.aborted).toBe(true);
    guarded.done();
    expect(clock.pending()).toEqual([]);
  });

  it("abort by themselves when the time has passed", async () => {
    const clock = createFakeClock();
    const guarded = deadline(clock, "probe", 20);
    await clock.advance(20);
    expect(String(guarded.signal.reason)).toContain("probe: no result within 20 ms");
  });
});
