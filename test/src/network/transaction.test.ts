import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { bringTo } from "../../../src/network/apply.ts";
import type { ScanWish } from "../../../src/network/scan/scan-network.ts";
import { scanWishOf } from "../../../src/network/scan/wish.ts";
import { type ChangeOptions, type ChangeOutcome, changeSettings } from "../../../src/network/transaction.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { createModelBackend, type Mishap } from "../../support/model-backend.ts";
import { createModelScans } from "../../support/model-scans.ts";
import { someStatic, someStaticSettings } from "../../support/some-settings.ts";

const directory = "/var/lib/bezel/settings";
const refusal = { kind: "refused", detail: "the kernel said no" } as const;
const before = factorySettings();
/** Takes five operations: two links, two configurations, the separation. */
const desired: Settings = {
  ...before,
  lan: { ...before.lan, link: "100/full", ipv4: someStatic() },
  wan: { link: "10/half", ipv4: { method: "dhcp" } },
};
const steps = 5;

/** A machine that stands on the factory's settings, and a change that is driven to its end by the fake clock. */
async function someMachine(files: MemoryFiles = createMemoryFiles()) {
  const clock = createFakeClock();
  const backend = createModelBackend();
  const store = await openSettingsStore({ files, directory, clock, log: silentLog });
  const machine = { backend, clock, log: silentLog };
  const stopping = new AbortController();
  const namespace = createModelScans();
  const scans = { bring: (settings: Settings, signal: AbortSignal) => namespace.bring(scanWishOf(settings), signal) };
  await bringTo(machine, store.settings(), { previous: null, atRefusal: "go on" }, stopping.signal);
  const change = async (settings: Settings, options: ChangeOptions = {}): Promise<ChangeOutcome> => {
    let outcome: ChangeOutcome | undefined;
    let broken: unknown;
    changeSettings(machine, store, settings, {
      ...options,
      applied: store.settings(),
      observed: null,
      scans,
      signal: stopping.signal,
    }).then(
      (ended) => {
        outcome = ended;
      },
      (error) => {
        broken = error;
      },
    );
    for (let seconds = 0; outcome === undefined && broken === undefined && seconds < 600; seconds++) {
      await clock.advance(1000);
    }
    if (broken !== undefined) throw broken;
    if (outcome === undefined) throw new Error("the change did not end within ten minutes");
    expect(clock.pending()).toEqual([]);
    return outcome;
  };
  return { clock, backend, namespace, scans, store, files, stopping, change };
}

const storedAt = async (files: MemoryFiles) =>
  openSettingsStore({ files, directory, clock: createFakeClock(), log: silentLog });

describe("a change of the settings", () => {
  it("is kept when the machine shows it", async () => {
    const { backend, store, files, change } = await someMachine();
    expect(await change(desired)).toEqual({ kind: "kept" });
    expect(store.settings()).toEqual(desired);
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.20/24"]);
    expect((await storedAt(files.afterPowerCut())).settings()).toEqual(desired);
  });

  it("that touches no port is stored without an operation", async () => {
    const { backend, store, change } = await someMachine();
    const done = backend.operations.length;
    const proxied: Settings = {
      ...before,
      proxy: { host: "proxy.example", port: 3128, user: null, passwordRef: null },
    };
    expect(await change(proxied)).toEqual({ kind: "kept" });
    expect(backend.operations).toHaveLength(done);
    expect(store.settings()).toEqual(proxied);
  });

  it("brings its secret with it, and nothing of it is left when it is refused", async () => {
    const { backend, store, change } = await someMachine();
    const proxy = { host: "proxy.example", port: 3128, user: "anna", passwordRef: null };
    backend.meet(1, { kind: "refuse", refusal });
    expect(await change({ ...desired, proxy }, { secrets: { proxyPassword: "canary" } })).toMatchObject({
      kind: "reverted",
    });
    expect(store.proxyPassword()).toBeNull();
    expect(await change({ ...before, proxy }, { secrets: { proxyPassword: "canary" } })).toEqual({ kind: "kept" });
    expect(store.proxyPassword()).toBe("canary");
    expect(store.settings().proxy?.passwordRef).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is kept without cable and lease", async () => {
    const { backend, change } = await someMachine();
    backend.cable("lan", false);
    backend.lease(false);
    expect(await change(desired)).toEqual({ kind: "kept" });
  });

  it("of an address is carried out without a cable, for the time when it is plugged in", async () => {
    const { backend, change } = await someMachine();
    expect(await change(someStaticSettings())).toEqual({ kind: "kept" });
    backend.cable("lan", false);
    expect(await change(someStaticSettings({ address: "10.77.0.30" }))).toEqual({ kind: "kept" });
    backend.cable("lan", true);
    expect(backend.current().lan.ipv4).toEqual(["10.77.0.30/24"]);
  });

  it("that makes no sense is refused before anything is touched", async () => {
    const { backend, store, files, change } = await someMachine();
    const done = backend.operations.length;
    const written = files.operations().length;
    expect(await change(someStaticSettings({ gateway: "10.78.0.1" }))).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/^lan\.ipv4\.gateway: ./),
      flaws: [expect.objectContaining({ path: "lan.ipv4.gateway", code: "off-subnet" })],
    });
    expect([backend.operations.length, files.operations().length]).toEqual([done, written]);
    expect(store.settings()).toEqual(before);
  });

  it.each([
    ["full", "settings cannot be stored: disk full"],
    ["readOnly", "settings cannot be stored: disk is read-only"],
  ] as const)("that cannot be journalled (%s) is refused before anything is touched", async (kind, reason) => {
    const { backend, files, change } = await someMachine();
    const done = backend.operations.length;
    files.fail({ kind, names: ["write"] });
    expect(await change(desired)).toEqual({ kind: "refused", reason, flaws: [] });
    expect(backend.operations).toHaveLength(done);
  });

  it("that cannot be committed is reverted", async () => {
    const { backend, store, files, change } = await someMachine();
    files.fail({ kind: "full", names: ["write"], path: /settings\.json\.tmp$/ });
    expect(await change(desired)).toEqual({ kind: "reverted", reason: "settings cannot be stored: disk full" });
    expect(store.settings()).toEqual(before);
    expect(backend.current()).toMatchObject({ lan: { method: "dhcp", link: "auto" }, wan: null, separated: false });
  });

  const mishaps: readonly [string, Mishap, RegExp][] = [
    ["refused", { kind: "refuse", refusal }, /: the kernel said no$/],
    ["refused half done", { kind: "half", refusal }, /: the kernel said no$/],
    ["lost", { kind: "lie" }, / (is|link is|address .* is) /],
    ["hung", { kind: "hang" }, /: no result within 60 s$/],
    ["broken by the machine", { kind: "throw", error: new HalError("io", "lan0", "torn") }, /^lan0: torn$/],
  ];
  it.each(
    mishaps.flatMap(([name, mishap, reason]) =>
      Array.from({ length: steps }, (_, index) => [name, index + 1, mishap, reason] as const),
    ),
  )("%s at operation %i is reverted", async (_, number, mishap, reason) => {
    const { backend, store, files, change } = await someMachine();
    const shown = backend.current();
    backend.meet(number, mishap);
    const outcome = await change(desired);
    expect(outcome).toEqual({ kind: "reverted", reason: expect.stringMatching(reason) });
    expect(store.settings()).toEqual(before);
    expect(backend.current()).toEqual(shown);
    expect((await storedAt(files.afterPowerCut())).storage().loaded).toBe("current");
  });

  it("gives the kernel time to show an address", async () => {
    const { clock, backend, store, scans, stopping } = await someMachine();
    backend.meet(1, { kind: "lie" });
    const machine = { backend, clock, log: silentLog };
    const ended = changeSettings(machine, store, someStaticSettings(), {
      applied: before,
      observed: null,
      scans,
      signal: stopping.signal,
    });
    await clock.advance(3500);
    expect(clock.pending()).toEqual(["network read-back"]);
    const [last] = backend.operations.slice(-1);
    if (last === undefined) throw new Error("no operation");
    await backend.perform(last, stopping.signal);
    await clock.advance(500);
    expect(await ended).toEqual({ kind: "kept" });
  });

  it("whose revert fails says so, and the settings before stay in force", async () => {
    const { backend, store, files, change } = await someMachine();
    backend.meet("all", { kind: "half", refusal });
    expect(await change(someStaticSettings())).toEqual({
      kind: "revertFailed",
      reason: expect.stringMatching(
        /^configure LAN: static .*: the kernel said no; going back: configure LAN: DHCP: the/,
      ),
      refusal: { port: "lan", detail: "configure LAN: DHCP: the kernel said no" },
    });
    expect(store.settings()).toEqual(before);
    expect((await storedAt(files.afterPowerCut())).settings()).toEqual(before);
  });

  it("cannot be applied to a machine that cannot be read", async () => {
    const { backend, store, change } = await someMachine();
    backend.blind(new HalError("io", "rtnetlink", "deaf"));
    expect(await change(desired)).toMatchObject({
      kind: "revertFailed",
      reason: "rtnetlink: deaf; going back: rtnetlink: deaf",
      refusal: { port: "lan", detail: "rtnetlink: deaf" },
    });
    expect(store.settings()).toEqual(before);
  });

  it("that runs into our own bug throws, and the next start goes back", async () => {
    const { backend, files, change } = await someMachine();
    backend.meet(2, { kind: "throw", error: new TypeError("bug") });
    await expect(change(desired)).rejects.toThrow("bug");
    expect((await storedAt(files)).storage().loaded).toBe("reverted");
  });
});

describe("a change that has to be confirmed", () => {
  it("is kept after a yes", async () => {
    const { store, change } = await someMachine();
    const confirm = async () => {
      expect(store.settings()).toEqual(before);
      return null;
    };
    expect(await change(desired, { confirm })).toEqual({ kind: "kept" });
    expect(store.settings()).toEqual(desired);
  });

  it.each<[string, NonNullable<ChangeOptions["confirm"]>, string]>([
    ["an objection", async () => "LAN has no gateway", "LAN has no gateway"],
    [
      "silence",
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      "the platform cannot be reached with the new settings, not within 120 s",
    ],
  ])("is reverted after %s", async (_, confirm, reason) => {
    const { backend, store, change } = await someMachine();
    expect(await change(desired, { confirm })).toEqual({ kind: "reverted", reason });
    expect(store.settings()).toEqual(before);
    expect(backend.current().lan.method).toBe("dhcp");
  });
});

describe("a change that is interrupted", () => {
  it.each([1, 2, 3, 4, 5])("at operation %i leaves the journal, and the next start goes back", async (number) => {
    const { backend, files, stopping, clock, change } = await someMachine();
    backend.meet(number, { kind: "hang" });
    clock.after("stop", 500, () => stopping.abort(new Error("stop")));
    expect(await change(desired)).toEqual({ kind: "interrupted" });
    const next = await storedAt(files.afterPowerCut());
    expect([next.settings(), next.storage().loaded]).toEqual([before, "reverted"]);
  });

  it("while it is confirmed leaves the journal as well", async () => {
    const { files, stopping, change } = await someMachine();
    const confirm = async (signal: AbortSignal): Promise<null> => {
      stopping.abort(new Error("stop"));
      throw signal.reason;
    };
    expect(await change(desired, { confirm })).toEqual({ kind: "interrupted" });
    expect((await storedAt(files)).storage().loaded).toBe("reverted");
  });

  it("by a power cut at any file operation, wherever the network stands, comes up old or new and whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 30 }),
        fc.integer(),
        fc.option(fc.integer({ min: 1, max: steps }), { nil: null }),
        async (cutAfter, seed, refusedAt) => {
          const { files, backend, change } = await someMachine();
          files.cutPowerAfter(files.operations().length + cutAfter);
          if (refusedAt !== null) backend.meet(refusedAt, { kind: "half", refusal });
          await change(desired);
          const disk = files.afterPowerCut(randomFate(seed));
          const next = await storedAt(disk);
          expect(refusedAt === null ? [before, desired] : [before]).toContainEqual(next.settings());
          // The machine, wherever it was left, follows the store.
          backend.heal();
          const clock = createFakeClock();
          const signal = new AbortController().signal;
          const from = { previous: null, atRefusal: "go on" } as const;
          const brought = await bringTo({ backend, clock, log: silentLog }, next.settings(), from, signal);
          expect(brought).toEqual({ ok: true, value: null });
          const method = next.settings().lan.ipv4.method;
          expect(backend.current().lan.method).toBe(method);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a change of the networks of the scans", () => {
  const vlan = (tag: number) => ({ id: `vlan-${tag}`, tag, address: `10.1.${tag}.2`, prefixLength: 24, ipv6: null });
  const withVlans = (...tags: readonly number[]): Settings => ({
    ...before,
    scan: { revision: 1, vlans: tags.map(vlan), routes: [] },
  });
  const tagsIn = ({ vlans }: ScanWish) => vlans.map(({ tag }) => tag);
  const confirm = async () => null;

  it("is kept with the ports left alone", async () => {
    const { backend, namespace, store, change } = await someMachine();
    const asked = backend.operations.length;
    expect(await change(withVlans(20, 30), { confirm })).toEqual({ kind: "kept" });
    expect(tagsIn(namespace.current())).toEqual([20, 30]);
    expect(store.settings().scan.vlans).toHaveLength(2);
    expect(backend.operations).toHaveLength(asked);
  });

  it("is reverted with them when the platform is out of reach", async () => {
    const { namespace, store, change } = await someMachine();
    await change(withVlans(20), { confirm });
    const lost = await change({ ...withVlans(20, 30), lan: desired.lan }, { confirm: async () => "DNS is gone" });
    expect(lost).toEqual({ kind: "reverted", reason: "DNS is gone" });
    expect(tagsIn(namespace.current())).toEqual([20]);
    expect(store.settings()).toEqual(withVlans(20));
  });

  it("is reverted when the namespace cannot be had", async () => {
    const { namespace, store, change } = await someMachine();
    namespace.refusal = { kind: "unavailable", detail: "there is no namespace scan" };
    const reason = "networks of scans: there is no namespace scan";
    expect(await change(withVlans(20), { confirm })).toEqual({ kind: "reverted", reason });
    expect(store.settings()).toEqual(before);
  });

  it("is left alone by a change at the panel", async () => {
    const { namespace, change } = await someMachine();
    await change(withVlans(20), { confirm });
    const asked = namespace.asked.length;
    expect(await change({ ...withVlans(20), lan: desired.lan })).toEqual({ kind: "kept" });
    expect(namespace.asked).toHaveLength(asked);
  });

  it("gives the panel a tag before the port takes it, and has it back afterwards", async () => {
    const { backend, namespace, change } = await someMachine();
    await change(withVlans(20, 30), { confirm });
    const order: string[] = [];
    const stopBackend = backend.watchPerform((operation) => order.push(operation.kind));
    const bring = namespace.bring;
    namespace.bring = (wish, signal) => {
      order.push(`scans ${tagsIn(wish)}`);
      return bring(wish, signal);
    };
    await change({ ...withVlans(20, 30), lan: { ...before.lan, vlan: 20 } });
    expect(order).toEqual(["scans 30", "configure"]);
    order.length = 0;
    await change(withVlans(20, 30));
    expect(order).toEqual(["configure", "scans 20,30"]);
    stopBackend();
  });

  it("at the panel is not held up by a namespace that cannot be had", async () => {
    const { namespace, store, change } = await someMachine();
    await change(withVlans(20), { confirm });
    namespace.refusal = { kind: "unavailable", detail: "there is no namespace scan" };
    const tagged = { ...withVlans(20), lan: { ...before.lan, vlan: 20 } };
    expect(await change(tagged)).toEqual({ kind: "kept" });
    expect(store.settings()).toEqual(tagged);
  });

  it.each([
    ["while the ports are changed", 1],
    ["while it is confirmed", null],
  ])("is taken back when it is canceled %s", async (_, hangsAt) => {
    const { backend, clock, namespace, store, change } = await someMachine();
    const cancel = new AbortController();
    if (hangsAt !== null) backend.meet(hangsAt, { kind: "hang" });
    clock.after("cancel", 2500, () => cancel.abort(new Error("not wanted any more")));
    const silence = (signal: AbortSignal) =>
      new Promise<null>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const outcome = await change({ ...withVlans(20), lan: desired.lan }, { cancel: cancel.signal, confirm: silence });
    expect(outcome).toEqual({ kind: "reverted", reason: "it was canceled" });
    expect(tagsIn(namespace.current())).toEqual([]);
    expect(store.settings()).toEqual(before);
  });
});

describe("a reset", () => {
  it("is in force before the machine is touched, and stays when the machine refuses", async () => {
    const { backend, store, files, change } = await someMachine();
    await change(desired);
    backend.meet("all", { kind: "refuse", refusal });
    expect(await change(before, { secrets: "forget" })).toMatchObject({ kind: "goingOn", refusal: { port: "wan" } });
    expect(store.settings()).toEqual(before);
    expect((await storedAt(files.afterPowerCut())).settings()).toEqual(before);
  });

  it("that was begun is finished, wherever the power is cut", async () => {
    const outcomes = new Set<string>();
    for (let cutAfter = 0; cutAfter <= 30; cutAfter++) {
      const { files, change } = await someMachine();
      await change(desired);
      const from = files.operations().length;
      files.cutPowerAfter(from + cutAfter);
      await change(before, { secrets: "forget" });
      const begun = files.operations().length - from > cutAfter;
      const disk = files.afterPowerCut(randomFate(cutAfter));
      const next = await storedAt(disk);
      expect([before, desired]).toContainEqual(next.settings());
      outcomes.add(next.settings().wan === null ? "reset" : "not begun");
      // A second start says the same, and no journal is left.
      expect((await storedAt(disk)).settings()).toEqual(next.settings());
      expect(next.storage().loaded).toBe("current");
      if (!begun) expect(next.settings()).toEqual(before);
    }
    expect([...outcomes].sort()).toEqual(["not begun", "reset"]);
  });
});
