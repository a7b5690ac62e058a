import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { silentLog } from "../../../src/model/log.ts";
import { bringTo, bringToLimitMs } from "../../../src/network/apply.ts";
import { createModelBackend } from "../../support/model-backend.ts";
import { settled } from "../../support/settled.ts";
import { someStaticSettings } from "../../support/some-settings.ts";

const fixed = someStaticSettings();
const fresh = { previous: null, atRefusal: "stop" } as const;

/** A machine whose kernel shows an address only `tentativeMs` after it was ordered. */
function slowMachine(tentativeMs: number) {
  const clock = createFakeClock();
  const backend = createModelBackend();
  const { perform, observe } = backend;
  let readings = 0;
  backend.perform = async (operation, signal) => {
    const performed = await perform(operation, signal);
    backend.strip("lan");
    clock.after("duplicate address detection", tentativeMs, () => {
      backend.restore("lan");
      backend.stir();
    });
    return performed;
  };
  backend.observe = async (signal) => {
    readings++;
    return observe(signal);
  };
  const bring = () =>
    settled(clock, bringTo({ backend, clock, log: silentLog }, fixed, fresh, new AbortController().signal));
  return { clock, backend, bring, readings: () => readings };
}

describe("the read-back", () => {
  it("takes no time when the first reading is right", async () => {
    const clock = createFakeClock();
    const backend = createModelBackend();
    const brought = await bringTo({ backend, clock, log: silentLog }, fixed, fresh, new AbortController().signal);
    expect([brought.ok, clock.monotonic(), backend.watchers()]).toEqual([true, 0, 0]);
  });

  it.each([
    [20, 100],
    [200, 200],
    [900, 900],
    [2500, 2500],
  ])("of an address that is tentative for %i ms ends after %i ms", async (tentativeMs, expectedMs) => {
    const { clock, backend, bring, readings } = slowMachine(tentativeMs);
    expect(await bring()).toEqual({ ok: true, value: null });
    expect(clock.monotonic()).toBe(expectedMs);
    expect(readings()).toBeLessThanOrEqual(2 + Math.ceil(tentativeMs / 1000));
    expect([backend.watchers(), clock.pending()]).toEqual([0, []]);
  });

  it("waits for four seconds, no more and no less, while something changes all the time", async () => {
    const { clock, backend, bring, readings } = slowMachine(60_000);
    const stir = () => {
      backend.stir();
      clock.after("storm", 7, stir);
    };
    stir();
    expect(await bring()).toEqual({
      ok: false,
      error: {
        port: "lan",
        detail: "LAN address 10.77.0.20/24 is missing; LAN route via 10.77.0.1 is missing",
      },
    });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(4000);
    expect(clock.monotonic()).toBeLessThan(4200);
    expect(readings()).toBeLessThan(50);
  });

  it("ends within what is said to be its limit when nothing answers", async () => {
    const clock = createFakeClock();
    const backend = createModelBackend();
    backend.meet("all", { kind: "hang" });
    const desired = { ...fixed, wan: { link: "100/full", ipv4: { method: "dhcp" } } } as const;
    const stopping = new AbortController().signal;
    const parts = { backend, clock, log: silentLog };
    const brought = await settled(clock, bringTo(parts, desired, { previous: null, atRefusal: "go on" }, stopping));
    expect(brought.ok).toBe(false);
    expect(backend.operations).toHaveLength(4);
    expect(clock.monotonic()).toBe(240_000);
    expect(clock.monotonic()).toBeLessThan(bringToLimitMs);
  });
});
