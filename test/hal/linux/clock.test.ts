import { expect, it } from "vitest";
import { sleep } from "../../../hal/clock.ts";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { describeClock } from "../../contract/clock.ts";

describeClock("Linux", () => {
  const clock = createSystemClock();
  return { clock, pass: (ms) => sleep(clock, "pass", ms) };
});

it("waits longer than Node's timers can", async () => {
  const clock = createSystemClock();
  let called = false;
  const stop = clock.after("in a year", 365 * 86_400_000, () => {
    called = true;
  });
  await sleep(clock, "pass", 5);
  stop();
  expect(called).toBe(false);
});

it("tells the time of day", () => {
  expect(createSystemClock().now()).toBeGreaterThan(Date.UTC(2020, 0, 1));
});
