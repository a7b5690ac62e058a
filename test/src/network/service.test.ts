import { describe, expect, it } from "vitest";
import { sleep } from "../../../hal/clock.ts";
import { HalError } from "../../../hal/errors.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import type { NetworkService } from "../../../src/network/service.ts";
import type { ModelBackend } from "../../support/model-backend.ts";
import { someStaticSettings } from "../../support/some-settings.ts";
import { someService, startedService } from "./some-service.ts";

const unavailable = { kind: "refuse", refusal: { kind: "unavailable", detail: "not running" } } as const;
const refused = { kind: "half", refusal: { kind: "refused", detail: "the kernel said no" } } as const;
const fixed = someStaticSettings();

describe("network service at the start", () => {
  it("applies the committed settings and says what it sees", async () => {
    const { service, backend, facts } = await someService();
    await service.start();
    expect(backend.operations.map(({ kind }) => kind)).toEqual(["configure"]);
    expect(facts()).toEqual({
      network: backend.current(),
      networkUnread: null,
      configurationRefused: null,
      settings: factorySettings(),
      storage: { loaded: "new", problem: null },
      scanNetworks: { state: "unknown", detail: null, failures: [] },
    });
    await service.stop();
  });

  it("goes back when a change was cut short", async () => {
    const files = createMemoryFiles();
    const { service, backend, clock } = await startedService(files);
    backend.meet(1, { kind: "hang" });
    const change = service.change(fixed);
    await clock.advance(1000);
    await service.stop();
    expect(await change).toEqual({ kind: "interrupted" });
    const { facts, service: next } = await startedService(files.afterPowerCut());
    expect(facts()).toMatchObject({ settings: factorySettings(), storage: { loaded: "reverted" } });
    await next.stop();
  });

  it("repeats later and later until the back end is there", async () => {
    const { service, backend, clock, published } = await someService();
    backend.meet("all", unavailable);
    await service.start();
    const attempts: number[] = [];
    for (let second = 0; second < 70; second++) {
      await clock.advance(1000);
      attempts.push(backend.operations.length);
    }
    // After 1, 3, 7, 15, 31 and 61 seconds.
    expect([0, 1, 2, 6, 7, 14, 30, 31, 60, 61].map((second) => attempts[second])).toEqual([
      2, 2, 3, 4, 4, 5, 6, 6, 7, 7,
    ]);
    expect(published.filter(({ network }) => network !== undefined)).toHaveLength(8);
    backend.heal();
    await clock.advance(30_000);
    expect(backend.current().lan.lease).not.toBeNull();
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it.each<[string, (backend: ModelBackend) => void, RegExp]>([
    ["refuses", (backend) => backend.meet("all", refused), /the kernel said no$/],
    ["is missing", (backend) => backend.meet("all", unavailable), /not running$/],
    ["cannot be read", (backend) => backend.blind(new HalError("io", "rtnetlink", "deaf")), /^rtnetlink: deaf$/],
  ])("says that a back end %s, for as long as it does", async (_, spoil, detail) => {
    const { service, backend, clock, facts } = await someService();
    spoil(backend);
    const started = service.start();
    await clock.advance(0);
    expect(facts().configurationRefused).toEqual({ port: "lan", detail: expect.stringMatching(detail) });
    backend.heal();
    backend.blind(null);
    await clock.advance(1000);
    await started;
    expect(facts().configurationRefused).toBeNull();
    await service.stop();
  });

  it("goes on when the back end does not answer a question", async () => {
    const { service, backend, clock, facts } = await someService();
    backend.silence(true);
    const started = service.start();
    // Asked before the settings are applied, and before and after for what there is to show.
    await clock.advance(30_000);
    expect(facts().configurationRefused).toEqual({
      port: "lan",
      detail: "network: cannot be read, no answer within 10 s",
    });
    backend.silence(false);
    await clock.advance(11_000);
    await started;
    expect(facts().network).toEqual(backend.current());
    expect(facts().configurationRefused).toBeNull();
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("has not begun while the machine cannot be read, and does not wait for the next attempt when it can", async () => {
    const { service, backend, clock, facts } = await someService();
    backend.blind(new HalError("unsupported", "NetworkManager", "is not running"));
    let begun = false;
    const started = service.start().then(() => {
      begun = true;
    });
    // The next attempt comes after 31 seconds.
    await clock.advance(16_000);
    expect([begun, facts().networkUnread]).toEqual([false, "NetworkManager: is not running"]);
    backend.blind(null);
    backend.stir();
    await clock.advance(1000);
    await started;
    expect(facts()).toMatchObject({ networkUnread: null, configurationRefused: null, network: backend.current() });
    expect(backend.current().lan.lease).not.toBeNull();
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it.each<[string, (service: NetworkService) => Promise<unknown>]>([
    ["stopped", (service) => service.stop()],
    ["used for something else", (service) => service.change(fixed)],
  ])("has begun also when it is %s before the machine can be read", async (_, use) => {
    const { service, backend, clock } = await someService();
    backend.blind(new HalError("unsupported", "NetworkManager", "is not running"));
    const started = service.start();
    await clock.advance(5000);
    await use(service);
    await started;
    await service.stop();
  });

  it("lets a change take the place of the next attempt", async () => {
    const { service, backend, clock, store } = await someService();
    backend.meet("all", unavailable);
    await service.start();
    backend.heal();
    expect(await service.change(fixed)).toEqual({ kind: "kept" });
    expect(store.settings()).toEqual(fixed);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("goes on trying after a change that was refused for the same reason", async () => {
    const { service, backend, clock } = await someService();
    backend.meet("all", unavailable);
    await service.start();
    expect((await service.change(fixed)).kind).toBe("revertFailed");
    backend.heal();
    await clock.advance(1000);
    expect(backend.current().lan.lease).not.toBeNull();
    await service.stop();
  });
});

describe("network service at work", () => {
  it("says the new settings and the new state together", async () => {
    const { service, facts, published } = await startedService();
    const from = published.length;
    expect(await service.change(fixed)).toEqual({ kind: "kept" });
    expect(published.slice(from).filter((change) => "network" in change)).toHaveLength(1);
    expect(facts()).toMatchObject({ settings: fixed, network: { lan: { ipv4: ["10.77.0.20/24"] } } });
    await service.stop();
  });

  it("reads the machine once in a change that nothing came before, and not while it is being changed", async () => {
    const { service, backend, clock, facts } = await startedService();
    const { observe, perform } = backend;
    let readings = 0;
    backend.observe = (signal) => {
      readings++;
      return observe(signal);
    };
    backend.perform = async (operation, signal) => {
      for (let event = 0; event < 20; event++) {
        backend.stir();
        await sleep(clock, "a slow daemon", 100, signal);
      }
      return perform(operation, signal);
    };
    const change = service.change(fixed);
    await clock.advance(2000);
    expect([await change, readings]).toEqual([{ kind: "kept" }, 1]);
    // What happens from then on is seen.
    backend.cable("lan", false);
    backend.stir();
    await clock.advance(100);
    expect([readings, facts().network?.lan.carrier]).toEqual([2, false]);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("has the new state known when a change is to be confirmed", async () => {
    const { service, clock, facts } = await startedService();
    let seen: readonly string[] | undefined = [];
    const confirm = async () => {
      seen = facts().network?.lan.ipv4;
      return null;
    };
    expect(await service.change(fixed, { confirm })).toEqual({ kind: "kept" });
    expect(seen).toEqual(["10.77.0.20/24"]);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("makes one change at a time", async () => {
    const { service, backend, clock } = await startedService();
    backend.meet(1, { kind: "hang" });
    const first = service.change(fixed);
    const busy = { kind: "busy", reason: "a change of the settings is under way" };
    expect(await service.change(factorySettings())).toEqual(busy);
    expect(await service.renew("lan")).toEqual(busy);
    await clock.advance(60_000);
    expect((await first).kind).toBe("reverted");
    expect(await service.change(fixed)).toEqual({ kind: "kept" });
    await service.stop();
  });

  it("repairs the network when a revert failed", async () => {
    const { service, backend, clock, facts } = await startedService();
    backend.meet(1, refused);
    backend.meet(2, unavailable);
    expect((await service.change(fixed)).kind).toBe("revertFailed");
    expect(facts().network?.lan.method).toBe("static");
    expect(facts().configurationRefused).toEqual({ port: "lan", detail: expect.stringContaining("not running") });
    await clock.advance(2000);
    expect(facts().configurationRefused).toBeNull();
    expect(facts()).toMatchObject({ settings: factorySettings(), network: { lan: { method: "dhcp" } } });
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("folds a burst of link events into one look, and the last one is never lost", async () => {
    const { service, backend, clock, published, facts } = await startedService();
    const from = published.length;
    for (let event = 0; event < 20; event++) {
      backend.cable("lan", event % 2 === 0);
      backend.stir();
      await clock.advance(2);
    }
    await clock.advance(100);
    expect(published.slice(from).filter((change) => "network" in change)).toHaveLength(1);
    expect(facts().network?.lan.carrier).toBe(false);
    backend.cable("lan", true);
    backend.stir();
    await clock.advance(100);
    expect(facts().network?.lan.carrier).toBe(true);
    await service.stop();
  });

  it("does not pile looks up while the machine is slow to answer, and shows what it was told of last", async () => {
    const { service, backend, clock, published, facts } = await startedService();
    const observe = backend.observe;
    let observations = 0;
    backend.observe = async (signal) => {
      observations++;
      const seen = await observe(signal);
      await sleep(clock, "a slow answer", 5000, signal);
      return seen;
    };
    const from = published.length;
    for (let event = 0; event < 49; event++) {
      backend.cable("lan", event % 2 === 0);
      backend.stir();
      await clock.advance(100);
    }
    backend.cable("lan", false);
    expect(observations).toBe(1);
    await clock.advance(11_000);
    expect(observations).toBe(2);
    expect(published.slice(from).filter((change) => "network" in change)).toHaveLength(2);
    expect(facts().network?.lan.carrier).toBe(false);
    expect(clock.pending()).toEqual([]);
    await service.stop();
  });

  it("survives a machine that cannot be read for a while", async () => {
    const { service, backend, clock, facts } = await startedService();
    backend.blind(new HalError("io", "rtnetlink", "deaf"));
    backend.stir();
    await clock.advance(100);
    backend.blind(null);
    backend.cable("lan", false);
    backend.stir();
    await clock.advance(100);
    expect(facts().network?.lan.carrier).toBe(false);
    await service.stop();
  });

  it("renews a lease, and says why it could not", async () => {
    const { service, backend } = await startedService();
    expect(await service.renew("lan")).toEqual({ kind: "done" });
    backend.meet(1, unavailable);
    expect(await service.renew("lan")).toEqual({
      kind: "failed",
      reason: "ask for a new lease on LAN: not running",
    });
    await service.stop();
  });

  it("tells of a disk that cannot keep the last good settings", async () => {
    const files = createMemoryFiles();
    const { service, facts, store } = await startedService(files);
    const repair = files.fail({ kind: "readOnly", names: ["write"] });
    await service.reached();
    expect(facts().storage?.problem).toBe("settings cannot be stored: disk is read-only");
    repair();
    await service.reached();
    expect(facts().storage?.problem).toBeNull();
    expect(store.lastGood()).toEqual(factorySettings());
    await service.stop();
  });
});

describe("network service at its end", () => {
  it.each<[string, (service: Awaited<ReturnType<typeof startedService>>) => Promise<unknown>]>([
    ["a change", async ({ service }) => service.change(fixed)],
    ["a renewal", async ({ service }) => service.renew("lan")],
  ])("interrupts %s and leaves nothing behind", async (_, begin) => {
    const parts = await startedService();
    const { service, backend, clock, published } = parts;
    backend.meet(1, { kind: "hang" });
    const ended = begin(parts);
    backend.stir();
    await clock.advance(50);
    await service.stop();
    expect(await ended).toEqual({ kind: "interrupted" });
    expect([clock.pending(), backend.watchers()]).toEqual([[], 0]);
    const last = published.length;
    backend.stir();
    await clock.advance(10_000);
    expect(published).toHaveLength(last);
    expect(await service.change(fixed)).toEqual({ kind: "busy", reason: "the system is going down" });
    await service.stop();
  });

  it("ends the attempts to reach a back end", async () => {
    const { service, backend, clock } = await someService();
    backend.meet("all", unavailable);
    await service.start();
    await service.stop();
    expect(clock.pending()).toEqual([]);
  });

  it.each<[string, (service: NetworkService) => Promise<unknown>]>([
    ["a change", (service) => service.change(fixed)],
    ["a renewal", (service) => service.renew("lan")],
    ["a look", () => Promise.resolve()],
  ])("does not wait for a machine that does not answer in %s", async (_, begin) => {
    const { service, backend, clock } = await startedService();
    backend.silence(true);
    const begun = begin(service);
    backend.stir();
    await clock.advance(200);
    await service.stop();
    await begun;
    expect(clock.pending()).toEqual([]);
  });

  it("ends a start that is still under way", async () => {
    const { service, backend, clock } = await someService();
    backend.meet("all", { kind: "hang" });
    const started = service.start();
    await clock.advance(10);
    await service.stop();
    await started;
    expect(clock.pending()).toEqual([]);
  });
});

describe("network service while it runs", () => {
  it("stops with the signal", async () => {
    const { service, clock } = await startedService();
    const stopping = new AbortController();
    const running = service.run(stopping.signal);
    stopping.abort();
    await running;
    expect(await service.renew("lan")).toEqual({ kind: "busy", reason: "the system is going down" });
    expect(clock.pending()).toEqual([]);
  });

  it.each([
    ["goes on when the machine cannot be read", new HalError("io", "network", "no answer"), "ended well"],
    ["ends by a bug of ours that a watch brings to light", new TypeError("a bug"), new TypeError("a bug")],
  ])("%s", async (_, error, outcome) => {
    const { service, backend, clock } = await someService();
    const stopping = new AbortController();
    const running = service.run(stopping.signal).then(
      () => "ended well",
      (thrown: unknown) => thrown,
    );
    await service.start();
    backend.blind(error);
    backend.stir();
    await clock.advance(200);
    stopping.abort();
    expect(await running).toEqual(outcome);
    expect(clock.pending()).toEqual([]);
  });
});

it("ends by a bug of a change that nobody waits for any more", async () => {
  const { service, backend, clock } = await startedService();
  const ended = service.run(new AbortController().signal).then(
    () => "ended well",
    (thrown: unknown) => thrown,
  );
  const bug = new TypeError("a bug");
  backend.meet(1, { kind: "throw", error: bug });
  service.change(fixed).catch(() => {});
  await clock.advance(1000);
  expect(await ended).toBe(bug);
  expect(clock.pending()).toEqual([]);
});

it("two services keep to themselves", async () => {
  const one = await startedService();
  const two = await startedService();
  await one.service.change(fixed);
  const other: Settings | undefined = two.facts().settings;
  expect(other).toEqual(factorySettings());
  expect(two.backend.operations).toHaveLength(1);
  await one.service.stop();
  await two.service.stop();
});
