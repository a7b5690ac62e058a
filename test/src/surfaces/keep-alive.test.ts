import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { keepAlive, retryDelayMs, steadyMs } from "../../../src/surfaces/keep-alive.ts";
import { createSomeLog } from "../../support/some-log.ts";

type Outcome = "up" | HalError | { readonly up: HalError };
const gone = new HalError("absent", "thing", "no such device");

/** Serves by script: fails at once, or comes up and fails, or comes up and stays. After the script it stays up. */
function start(script: readonly Outcome[]) {
  const clock = createFakeClock();
  const { log, lines } = createSomeLog();
  const states: string[] = [];
  const triedAtMs: number[] = [];
  const stop = new AbortController();
  let fail: (error: unknown) => void = () => {};
  const done = keepAlive(
    {
      what: "thing",
      clock,
      log,
      changed: (state) => states.push(state),
      serve: async (up, signal) => {
        const outcome = script[triedAtMs.length] ?? "up";
        triedAtMs.push(clock.monotonic());
        if (outcome instanceof HalError) throw outcome;
        up();
        if (outcome !== "up") throw outcome.up;
        await new Promise<void>((resolve, reject) => {
          fail = reject;
          signal.addEventListener("abort", () => resolve());
        });
      },
    },
    stop.signal,
  );
  return { clock, lines, states, triedAtMs, stop, done, fail: (error: unknown) => fail(error) };
}

describe("keeping a device alive", () => {
  it("says once that it is ready and ends with the signal", async () => {
    const { clock, lines, states, stop, done } = start([]);
    await clock.advance(60_000);
    expect(states).toEqual(["ok"]);
    expect(lines).toEqual(["info: thing: ready"]);
    stop.abort();
    await done;
    expect(clock.pending()).toEqual([]);
  });

  it("waits for a device that is missing at the start, with one line in the log", async () => {
    const { clock, lines, states, triedAtMs } = start(Array(6).fill(gone));
    await clock.advance(13_000);
    expect(triedAtMs).toEqual([0, 250, 750, 1750, 3750, 7750, 12_750]);
    expect(states).toEqual(["lost", "degraded"]);
    expect(lines).toEqual(["warn: thing: lost, trying again"]);
    await clock.advance(steadyMs);
    expect(states.at(-1)).toBe("ok");
    expect(lines.at(-1)).toBe("info: thing: back in service");
  });

  it("repairs the first failure at once", async () => {
    const { clock, lines, states, triedAtMs, fail } = start([]);
    await clock.advance(1000);
    fail(gone);
    await clock.advance(0);
    expect(triedAtMs).toEqual([0, 1000]);
    expect(states).toEqual(["ok", "degraded"]);
    await clock.advance(steadyMs);
    expect(states).toEqual(["ok", "degraded", "ok"]);
    expect(lines).toEqual(["info: thing: ready", "warn: thing: lost, trying again", "info: thing: back in service"]);
  });

  it("backs off from a device that comes up and fails again and again, and does not fill the log", async () => {
    const { clock, lines, triedAtMs } = start(Array(1000).fill({ up: gone }));
    await clock.advance(3_600_000);
    expect(triedAtMs.length).toBeLessThan(730);
    expect(lines).toEqual(["info: thing: ready", "warn: thing: lost, trying again"]);
  });

  it("starts afresh after it has been steady", async () => {
    const { clock, lines, states, fail } = start([gone]);
    await clock.advance(250 + steadyMs);
    fail(gone);
    await clock.advance(steadyMs);
    expect(states).toEqual(["lost", "degraded", "ok", "degraded", "ok"]);
    expect(lines).toHaveLength(4);
  });

  it("ends at once when it is told while it waits", async () => {
    const { clock, stop, done } = start(Array(100).fill(gone));
    await clock.advance(9000);
    stop.abort();
    await done;
    expect(clock.pending()).toEqual([]);
  });

  it("does not hide a bug of ours", async () => {
    const { clock, fail, done } = start([]);
    await clock.advance(0);
    fail(new TypeError("bug"));
    await expect(done).rejects.toThrow("bug");
    expect(clock.pending()).toEqual([]);
  });

  it("never waits longer than five seconds", () => {
    expect([1, 2, 5, 6, 100, 1e9].map(retryDelayMs)).toEqual([250, 500, 4000, 5000, 5000, 5000]);
  });
});
