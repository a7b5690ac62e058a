import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { factorySettings, type PortName, type Settings } from "../../../src/model/settings.ts";
import type { ModelBackend } from "../../support/model-backend.ts";
import { someStaticSettings } from "../../support/some-settings.ts";
import { someService, startedService } from "./some-service.ts";

const unavailable = { kind: "refuse", refusal: { kind: "unavailable", detail: "not running" } } as const;
const fixed = someStaticSettings();
const split: Settings = { ...fixed, wan: { link: "auto", ipv4: { method: "dhcp" } } };

/** A machine that was brought to these settings, and what was asked of it since. */
async function boxWith(settings: Settings = fixed) {
  const parts = await startedService();
  expect(await parts.service.change(settings)).toEqual({ kind: "kept" });
  const { backend, clock } = parts;
  const from = backend.operations.length;
  const since = () => backend.operations.slice(from).map(({ kind, port }) => `${kind} ${port}`);
  const happens = async (what: (backend: ModelBackend) => void, ms: number) => {
    what(backend);
    backend.stir();
    await clock.advance(ms);
  };
  return { ...parts, since, happens };
}

describe("a machine that no longer shows the settings in force", () => {
  it.each<[string, Settings, (backend: ModelBackend) => void, readonly string[]]>([
    ["the daemon has lost its profile", fixed, (backend) => backend.forget("lan"), ["configure lan"]],
    ["the daemon has lost one of two", split, (backend) => backend.forget("wan"), ["configure wan"]],
    ["the static address is gone", fixed, (backend) => backend.strip("lan"), ["configure lan"]],
    ["somebody gave it other orders", fixed, (backend) => reconfigure(backend, factorySettings()), ["configure lan"]],
    [
      "somebody gave it another VLAN",
      fixed,
      (backend) => reconfigure(backend, { ...fixed, lan: { ...fixed.lan, vlan: 7 } }),
      ["configure lan"],
    ],
  ])("is brought back: %s", async (_, settings, what, expected) => {
    const { service, clock, backend, since, facts, happens } = await boxWith(settings);
    await happens(what, 5000);
    const meddled = since().length;
    await clock.advance(99);
    expect(since().slice(meddled)).toEqual([]);
    await clock.advance(1000);
    expect(since().slice(-expected.length)).toEqual(expected);
    expect(facts()).toMatchObject({ network: backend.current(), configurationRefused: null, settings });
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.20/24"]);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it.each<[string, Settings, (backend: ModelBackend) => void]>([
    ["no cable", fixed, (backend) => backend.cable("lan", false)],
    ["no cable and DHCP", factorySettings(), (backend) => backend.cable("lan", false)],
    ["no lease", factorySettings(), (backend) => backend.lease(false)],
    ["no hardware", fixed, (backend) => backend.hardware("lan", false)],
    ["a machine that cannot be read", fixed, (backend) => backend.blind(new HalError("io", "rtnetlink", "deaf"))],
  ])("is left alone where nothing can be done: %s", async (_, settings, what) => {
    const { service, clock, since, happens } = await boxWith(settings);
    await happens(what, 3_600_000);
    expect(since()).toEqual([]);
    await service.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("is not touched for what is over within five seconds", async () => {
    const { service, clock, since, happens } = await boxWith();
    for (let restart = 0; restart < 10; restart++) {
      await happens((backend) => backend.forget("lan"), 4000);
      await happens((backend) => reconfigure(backend, fixed), 10_000);
    }
    expect(since()).toEqual(new Array(10).fill("configure lan"));
    await service.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("is asked later and later while the daemon refuses, and comes back when it does not", async () => {
    const { service, clock, backend, facts, since, happens } = await boxWith();
    await happens((model) => {
      model.forget("lan");
      model.meet("all", unavailable);
    }, 600_000);
    expect(since().length).toBeLessThan(30);
    expect(facts().configurationRefused).toEqual({ port: "lan", detail: expect.stringContaining("not running") });
    backend.heal();
    await clock.advance(31_000);
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.20/24"]);
    expect(facts().configurationRefused).toBeNull();
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("that loses its orders as often as it gets them is asked ever more rarely", async () => {
    const { service, since, happens } = await boxWith();
    for (let second = 0; second < 3600; second++) await happens((backend) => backend.forget("lan"), 1000);
    expect(since().length).toBeGreaterThan(5);
    expect(since().length).toBeLessThan(20);
    await service.stop();
  });

  it("whose address another machine has asks for it ever more rarely, and gets it when that one has gone", async () => {
    const { service, backend, clock, since, facts, happens } = await boxWith();
    await happens((model) => model.duplicate("lan", "02:00:00:00:00:09"), 3_600_000);
    expect(since().length).toBeLessThan(20);
    expect(facts()).toMatchObject({ configurationRefused: null, network: { lan: { duplicate: "02:00:00:00:00:09" } } });
    // Nobody tells that it has gone.
    backend.duplicate("lan", null);
    await clock.advance(310_000);
    expect(facts().network?.lan).toMatchObject({ duplicate: null, ipv4: ["10.77.0.20/24"] });
    await service.stop();
  });

  it("gets its hardware back", async () => {
    const { service, backend, since, happens } = await boxWith();
    await happens((model) => model.hardware("lan", false), 60_000);
    await happens((model) => model.hardware("lan", true), 6000);
    expect(since()).toEqual([]);
    // Now under a name that the daemon has not seen before.
    await happens((model) => model.hardware("lan", false), 60_000);
    backend.forget("lan");
    await happens((model) => model.hardware("lan", true), 6000);
    expect(since()).toEqual(["configure lan"]);
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.20/24"]);
    await service.stop();
  });

  it("has a change of the settings come first", async () => {
    const { service, backend, clock, since, happens } = await boxWith();
    await happens((model) => model.forget("lan"), 4900);
    backend.meet(1, { kind: "hang" });
    const change = service.change({ ...fixed, lan: { ...fixed.lan, vlan: 9 } });
    await clock.advance(59_000);
    // Nothing but the change's own operation, however long the drift has lasted by now.
    expect(since()).toEqual(["configure lan"]);
    await clock.advance(2000);
    expect((await change).kind).toBe("reverted");
    expect(backend.current().lan).toMatchObject({ vlan: 0, ipv4: ["10.77.0.20/24"] });
    await service.stop();
  });

  it("gives way to a change while it is being brought back", async () => {
    const { service, backend, clock, happens } = await boxWith();
    backend.meet(1, { kind: "hang" });
    await happens((model) => model.forget("lan"), 6000);
    const change = service.change({ ...fixed, lan: { ...fixed.lan, vlan: 9 } });
    await clock.advance(1000);
    expect(await change).toEqual({ kind: "kept" });
    expect(backend.current().lan.vlan).toBe(9);
    await clock.advance(60_000);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });
});

describe("a port that flaps", () => {
  it("for an hour is neither configured again and again nor read all the time", async () => {
    const { service, clock, backend, since, published, happens } = await boxWith();
    const from = published.length;
    for (let flap = 0; flap < 36_000; flap++) await happens((model) => model.cable("lan", flap % 2 === 1), 100);
    expect(since()).toEqual([]);
    expect(published.length - from).toBeLessThan(3600);
    await clock.advance(3000);
    expect(published.at(-1)?.network).toEqual(backend.current());
    await service.stop();
    expect(clock.pending()).toEqual([]);
  }, 60_000);

  it("in any pattern, with any losses, is asked at most now and then, and is well in the end", async () => {
    const event = fc.tuple(
      fc.constantFrom("cable in", "cable out", "forget", "strip", "lease on", "lease off", "gone", "back"),
      fc.constantFrom<PortName>("lan", "wan"),
      fc.integer({ min: 10, max: 9000 }),
    );
    const does = (backend: ModelBackend, what: string, port: PortName) => {
      if (what.startsWith("cable")) backend.cable(port, what === "cable in");
      if (what.startsWith("lease")) backend.lease(what === "lease on");
      if (what === "forget") backend.forget(port);
      if (what === "strip") backend.strip(port);
      if (what === "gone" || what === "back") backend.hardware(port, what === "back");
    };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        const { service, clock, backend, since, happens } = await boxWith(split);
        const startMs = clock.monotonic();
        for (const [what, port, ms] of events) await happens((model) => does(model, what, port), ms);
        // At most one restoration in five seconds, of two ports.
        expect(since().length).toBeLessThanOrEqual(2 * Math.ceil((clock.monotonic() - startMs) / 5000));
        for (const port of ["lan", "wan"] as const) {
          backend.hardware(port, true);
          backend.cable(port, true);
        }
        await happens((model) => model.lease(true), 1_300_000);
        expect(backend.current()).toMatchObject({
          lan: { configured: true, ipv4: ["10.77.0.20/24"] },
          wan: { configured: true, ipv4: ["10.88.0.99/24"] },
        });
        expect(clock.pending()).toEqual([]);
        await service.stop();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("a machine that cannot be read", () => {
  const deaf = new HalError("io", "rtnetlink", "deaf");

  it("is said to be so, is looked at again and again, and is well when it can be", async () => {
    const { service, clock, backend, facts, since, happens } = await boxWith();
    await happens((model) => model.blind(deaf), 200);
    expect(facts()).toMatchObject({ networkUnread: "rtnetlink: deaf", network: { lan: { carrier: true } } });
    backend.blind(null);
    backend.cable("lan", false);
    // Nobody tells.
    await clock.advance(10_000);
    expect(facts()).toMatchObject({ networkUnread: null, network: { lan: { carrier: false } } });
    expect(since()).toEqual([]);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("at the start leaves the facts of the ports alone", async () => {
    const { service, backend, clock, facts } = await someService();
    backend.blind(deaf);
    const started = service.start();
    await clock.advance(0);
    expect(facts().network).toBeUndefined();
    expect(facts().networkUnread).toBe("rtnetlink: deaf");
    backend.blind(null);
    await clock.advance(1000);
    await started;
    expect(facts()).toMatchObject({ networkUnread: null, network: { lan: { configured: true } } });
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("keeps the old settings when a change is asked for", async () => {
    const { service, backend, store, happens } = await boxWith();
    await happens((model) => model.blind(deaf), 200);
    const outcome = await service.change(factorySettings());
    expect(outcome).toMatchObject({ kind: "revertFailed", reason: expect.stringContaining("deaf") });
    expect(store.settings()).toEqual(fixed);
    await happens((model) => model.blind(null), 35_000);
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.20/24"]);
    await service.stop();
  });
});

describe("one port of two that cannot be configured", () => {
  it.each<[PortName, PortName]>([
    ["lan", "wan"],
    ["wan", "lan"],
  ])("%s does not keep the other one waiting", async (missing, other) => {
    const files = createMemoryFiles();
    const first = await startedService(files);
    await first.service.change(split);
    await first.service.stop();
    const { service, backend, clock, facts } = await someService(files.afterPowerCut());
    backend.hardware(missing, false);
    await service.start();
    expect(facts().configurationRefused).toEqual({ port: missing, detail: expect.stringContaining("no such device") });
    expect(facts().network?.[other]).toMatchObject({ configured: true });
    expect(facts().network?.[other]?.ipv4).toHaveLength(1);
    const asked = backend.operations.filter(({ port, kind }) => port === other && kind !== "separate").length;
    backend.hardware(missing, true);
    await clock.advance(31_000);
    expect(facts().configurationRefused).toBeNull();
    expect(backend.operations.filter(({ port, kind }) => port === other && kind !== "separate")).toHaveLength(asked);
    await service.stop();
  });

  it("does not stand in the way of a change of the other one", async () => {
    const files = createMemoryFiles();
    const first = await startedService(files);
    await first.service.change(split);
    await first.service.stop();
    const { service, backend, clock, facts } = await someService(files.afterPowerCut());
    backend.hardware("wan", false);
    await service.start();
    expect(facts().configurationRefused?.port).toBe("wan");
    const other = { ...split, lan: { ...split.lan, vlan: 9 } };
    expect(await service.change(other)).toEqual({ kind: "kept" });
    expect(facts()).toMatchObject({ settings: other, network: { lan: { vlan: 9 } } });
    backend.hardware("wan", true);
    backend.stir();
    await clock.advance(10_000);
    expect(facts().network?.wan?.ipv4).toHaveLength(1);
    await service.stop();
  });

  it("does not have its addresses wait for a link mode that nobody can set", async () => {
    const files = createMemoryFiles();
    const first = await startedService(files);
    await first.service.change({ ...fixed, lan: { ...fixed.lan, link: "100/full" } });
    await first.service.stop();
    const { service, backend, facts } = await someService(files.afterPowerCut());
    backend.meet(1, { kind: "refuse", refusal: { kind: "unavailable", detail: "the helper is not running" } });
    await service.start();
    expect(facts().configurationRefused).toEqual({
      port: "lan",
      detail: "set the link of LAN to 100/full: the helper is not running",
    });
    expect(facts().network?.lan.ipv4).toEqual(["10.77.0.20/24"]);
    await service.stop();
  });
});

/** Gives LAN the orders of these settings behind the service's back. */
function reconfigure(backend: ModelBackend, { mode, lan: { link: _, ...lan } }: Settings): void {
  const signal = new AbortController().signal;
  void backend.perform({ kind: "configure", port: "lan", mode, ...lan, routes: [] }, signal);
}
