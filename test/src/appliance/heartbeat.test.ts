import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { dhcpAnswers, dnsAnswers, proxyAnswers, routerAnswers } from "../../../sim/network/world.ts";
import { runHeartbeat } from "../../../src/appliance/heartbeat.ts";
import { createPulse } from "../../../src/appliance/pulse.ts";
import { press } from "../../../src/model/key.ts";
import { failed } from "../../../src/model/result.ts";
import type { NetworkBackend } from "../../../src/network/backend.ts";
import { curlFails } from "../../support/scripted-platform.ts";
import { createSomeLog } from "../../support/some-log.ts";
import { type Bench, type BenchOptions, startBox, startedBox } from "./harness.ts";

const forEver = () => new Promise<never>(() => {});
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

describe("the pulse", () => {
  it("knows what is under way past its bound, until it ends", async () => {
    const clock = createFakeClock();
    const pulse = createPulse(clock);
    let end = () => {};
    const work = pulse.during("slow", 1000, () => new Promise<void>((resolve) => (end = resolve)));
    pulse.during("well", 1000, async () => {});
    await clock.advance(1000);
    expect(pulse.overdue()).toEqual([]);
    await clock.advance(1);
    expect(pulse.overdue()).toEqual(["slow"]);
    end();
    await work;
    expect(pulse.overdue()).toEqual([]);
  });

  it("hands results and failures on and forgets both", async () => {
    const clock = createFakeClock();
    const pulse = createPulse(clock);
    expect(await pulse.during("a", 1, async () => 7)).toBe(7);
    await expect(pulse.during("b", 1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await clock.advance(10);
    expect(pulse.overdue()).toEqual([]);
  });
});

describe("the heartbeat", () => {
  async function beating(heartbeatMs: number | null) {
    const clock = createFakeClock();
    const pulse = createPulse(clock);
    const { log, lines } = createSomeLog();
    const beats: number[] = [];
    const stopping = new AbortController();
    const said = { ready: () => {}, status: () => {}, stopping: () => {} };
    const notify = { ...said, heartbeatMs, alive: () => void beats.push(clock.monotonic()) };
    const running = runHeartbeat({ notify, pulse, clock, log }, stopping.signal);
    const end = async () => {
      stopping.abort();
      await running;
      expect(clock.pending()).toEqual([]);
    };
    return { clock, pulse, lines, beats, end };
  }

  it("beats as often as the service manager wants to hear it", async () => {
    const { clock, beats, end } = await beating(7000);
    await clock.advance(21_000);
    expect(beats).toEqual([0, 7000, 14_000, 21_000]);
    await end();
  });

  it("costs nothing where nobody listens", async () => {
    const { clock, beats, end } = await beating(null);
    await clock.advance(60_000);
    expect([beats, clock.pending()]).toEqual([[], []]);
    await end();
  });

  it("stops for what does not end, names it once, and goes on when it has ended after all", async () => {
    const { clock, pulse, beats, lines, end } = await beating(1000);
    let release = () => {};
    void pulse.during("display", 2500, () => new Promise<void>((resolve) => (release = resolve)));
    await clock.advance(10_000);
    expect(beats).toEqual([0, 1000, 2000]);
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
    release();
    await clock.advance(2000);
    expect(beats.slice(3)).toEqual([11_000, 12_000]);
    await end();
  });
});

describe("a box of which a part hangs and cannot be told to end", () => {
  const rows: readonly [name: string, options: BenchOptions, part: RegExp][] = [
    ["an operation", { tamper: (backend) => ({ ...backend, perform: forEver }) }, /network configure/],
    ["a reading", { tamper: (backend) => ({ ...backend, observe: forEver }) }, /network observation/],
    [
      "the display",
      {
        board: (panel) => (panel.display === null ? panel : { ...panel, display: { ...panel.display, show: forEver } }),
      },
      /display/,
    ],
  ];

  it.each(rows)("is no longer said to be alive: %s", async (_name, options, part) => {
    const box = await startBox({ ...options, stuck: true });
    await box.advance(300_000);
    const errors = box.log.filter((line) => line.startsWith("error") && line.includes("heartbeat"));
    expect(errors).toEqual([expect.stringMatching(part)]);
    expect(box.beats.at(-1)).toBeLessThan(140_000);
  });
});

describe("a bad network", () => {
  type Ill = (box: Bench, daemon: Daemon) => void;
  interface Daemon {
    perform: NetworkBackend["perform"] | null;
    observe: NetworkBackend["observe"] | null;
  }
  const wires = fc.record({
    cable: fc.boolean(),
    dhcp: fc.constantFrom(...dhcpAnswers),
    duplicate: fc.boolean(),
    dns: fc.constantFrom(...dnsAnswers),
    routerAdvertisement: fc.constantFrom(...routerAnswers),
  });
  const ills: fc.Arbitrary<Ill> = fc.oneof(
    wires.map(
      (lan): Ill =>
        (box) =>
          box.world.patch({ lan }),
    ),
    fc.record({ required: fc.boolean(), answer: fc.constantFrom(...proxyAnswers) }).map(
      (proxy): Ill =>
        (box) =>
          box.world.patch({ proxy }),
    ),
    fc.constantFrom(null, "hangs" as const, curlFails(7, "refused"), curlFails(56, "reset")).map(
      (fault): Ill =>
        (box) => {
          box.platform.fault = fault;
        },
    ),
    fc
      .constantFrom<NetworkBackend["perform"] | null>(
        null,
        (_, signal) => untilAborted(signal),
        async () => failed({ kind: "unavailable", detail: "not running" }),
      )
      .map(
        (perform): Ill =>
          (_, daemon) => {
            daemon.perform = perform;
          },
      ),
    fc.constantFrom<NetworkBackend["observe"] | null>(null, untilAborted).map(
      (observe): Ill =>
        (_, daemon) => {
          daemon.observe = observe;
        },
    ),
    fc.constantFrom("ENTER", "DOWN", "UP").map(
      (key): Ill =>
        (box) =>
          void box.appliance.input([press(key)]),
    ),
  );

  // Whether the box was heard all the time is checked after each scenario of this folder, these included.
  it("never stops the heartbeats, whatever it does and for how long", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(ills, fc.integer({ min: 1, max: 300_000 })), { maxLength: 12 }),
        async (events) => {
          const daemon: Daemon = { perform: null, observe: null };
          const box = await startedBox({
            tamper: (backend) => ({
              ...backend,
              perform: (operation, signal) => (daemon.perform ?? backend.perform)(operation, signal),
              observe: (signal) => (daemon.observe ?? backend.observe)(signal),
            }),
          });
          for (const [ill, ms] of events) {
            ill(box, daemon);
            await box.advance(ms);
          }
          await box.stop();
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});
