import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createDriftWatch } from "../../../src/network/drift.ts";

function watch() {
  const clock = createFakeClock();
  const at: number[] = [];
  const drift = createDriftWatch(clock, () => at.push(clock.monotonic() / 1000));
  return { clock, drift, at };
}

describe("a drift", () => {
  it("counts when it has lasted for five seconds, however often it is seen", async () => {
    const { clock, drift, at } = watch();
    for (let reading = 0; reading < 60; reading++) {
      drift.seen(true);
      await clock.advance(100);
    }
    expect(at).toEqual([5]);
    drift.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("is forgotten by one reading without it", async () => {
    const { clock, drift, at } = watch();
    drift.seen(true);
    await clock.advance(4999);
    drift.seen(false);
    expect(clock.pending()).toEqual([]);
    drift.seen(true);
    await clock.advance(4999);
    expect(at).toEqual([]);
    await clock.advance(1);
    expect(at).toHaveLength(1);
  });

  it("that comes back at once is waited for twice as long each time, to five minutes", async () => {
    const { clock, drift, at } = watch();
    for (let second = 0; second < 3600; second++) {
      drift.seen(true);
      await clock.advance(1000);
    }
    expect(at).toEqual([5, 15, 35, 75, 155, 315, 615, 915, 1215, 1515, 1815, 2115, 2415, 2715, 3015, 3315]);
    drift.stop();
  });

  it("that comes back after ten calm minutes is waited for as the first one", async () => {
    const { clock, drift, at } = watch();
    drift.seen(true);
    await clock.advance(5000);
    drift.seen(false);
    await clock.advance(600_000);
    drift.seen(true);
    await clock.advance(5000);
    expect(at).toEqual([5, 610]);
  });
});
