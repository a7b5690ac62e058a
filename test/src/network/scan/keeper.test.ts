import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import type { ConfigurationRefusal, ScanFacts } from "../../../../src/model/facts.ts";
import { failed, ok, type Result } from "../../../../src/model/result.ts";
import { factorySettings, type Settings } from "../../../../src/model/settings.ts";
import { bringScans, createScanKeeper, scanLimitMs } from "../../../../src/network/scan/keeper.ts";
import type { ScanWish } from "../../../../src/network/scan/scan-network.ts";
import { createModelScans, noWish } from "../../../support/model-scans.ts";
import { createSomeLog } from "../../../support/some-log.ts";
import { someRoute, someVlan } from "../../../support/some-scans.ts";

const unavailable = { kind: "unavailable", detail: "no helper" } as const;
const never = new AbortController().signal;

function settingsWith(tags: readonly number[], panelVlan = 0): Settings {
  const settings = factorySettings();
  const vlans = tags.map((tag) => someVlan(tag));
  return { ...settings, lan: { ...settings.lan, vlan: panelVlan }, scan: { revision: 1, vlans, routes: [] } };
}

const wishOf = (...tags: readonly number[]): ScanWish => ({ vlans: tags.map((tag) => someVlan(tag)), routes: [] });

function someKeeper() {
  const clock = createFakeClock();
  const scan = createModelScans();
  const { log, lines } = createSomeLog();
  const published: ScanFacts[] = [];
  const bugs: unknown[] = [];
  const keeper = createScanKeeper({
    ...{ scan, clock, log },
    publish: (facts) => published.push(facts),
    broken: (bug) => bugs.push(bug),
  });
  /** The tags of every call. */
  const wishes = () => scan.asked.map(({ vlans }) => vlans.map(({ tag }) => tag));
  return { clock, scan, lines, published, bugs, keeper, wishes };
}

describe("the keeper of the scans' networks", () => {
  it("brings them there and says so", async () => {
    const { keeper, scan, published, clock } = someKeeper();
    expect(await keeper.bring(settingsWith([30, 31]), never)).toEqual(ok([]));
    expect(scan.current()).toEqual(wishOf(30, 31));
    expect(published.map(({ state }) => state)).toEqual(["working", "settled"]);
    expect(keeper.facts()).toEqual({ state: "settled", detail: null, failures: [] });
    await keeper.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("names what the kernel does not show, and takes that for an answer", async () => {
    const { keeper, scan, clock } = someKeeper();
    scan.failures = [{ id: "vlan-31", message: "no" }];
    keeper.keep(settingsWith([30, 31]));
    await clock.advance(600_000);
    expect(keeper.facts()).toEqual({ state: "settled", detail: null, failures: scan.failures });
    expect(scan.asked).toHaveLength(1);
    await keeper.stop();
  });

  it("is one hand: whoever comes later waits, and what goes on behind gives way", async () => {
    const { keeper, scan, clock, wishes } = someKeeper();
    // The model throws when calls overlap.
    keeper.keep(settingsWith([30]));
    await clock.advance(0);
    const all = [31, 32, 33].map((tag) => keeper.bring(settingsWith([tag]), never));
    await clock.advance(0);
    expect(await Promise.all(all)).toEqual([ok([]), ok([]), ok([])]);
    expect(wishes().slice(-3)).toEqual([[31], [32], [33]]);
    expect(scan.current()).toEqual(wishOf(33));
    await keeper.stop();
  });

  it("ends a call behind that hangs when somebody waits for the networks", async () => {
    const { keeper, scan, clock } = someKeeper();
    scan.hangs = true;
    keeper.keep(settingsWith([30]));
    await clock.advance(1000);
    scan.hangs = false;
    const brought = keeper.bring(settingsWith([31]), never);
    await clock.advance(0);
    expect([await brought, scan.current()]).toEqual([ok([]), wishOf(31)]);
    await keeper.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("tries again later and later, and says the same thing once", async () => {
    const { keeper, scan, clock, lines } = someKeeper();
    scan.refusal = unavailable;
    keeper.keep(settingsWith([30]));
    const calls: number[] = [];
    for (let second = 0; second <= 62; second++) {
      await clock.advance(second === 0 ? 0 : 1000);
      calls.push(scan.asked.length);
    }
    // At the start, and after 2, 6, 14, 30 and 62 seconds.
    expect([0, 1, 2, 5, 6, 13, 14, 29, 30, 61, 62].map((second) => calls[second])).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6,
    ]);
    expect(keeper.facts()).toEqual({ state: "unavailable", detail: "no helper", failures: [] });
    expect(lines).toEqual(["warn: network: the networks of the scans, trying again"]);
    // Never less often than every five minutes.
    await clock.advance(3_600_000);
    expect(scan.asked.length).toBeGreaterThan(12);
    scan.refusal = { kind: "refused", detail: "another reason" };
    await clock.advance(300_000);
    expect(lines).toHaveLength(2);
    scan.refusal = null;
    await clock.advance(300_000);
    expect(keeper.facts()).toEqual({ state: "settled", detail: null, failures: [] });
    expect(clock.pending()).toEqual([]);
    await keeper.stop();
  });

  it("does not try again where there is nothing to keep", async () => {
    const { keeper, scan, clock, lines } = someKeeper();
    scan.refusal = unavailable;
    keeper.keep(settingsWith([]));
    await clock.advance(600_000);
    expect([scan.asked, lines, clock.pending()]).toEqual([[noWish], [], []]);
    await keeper.stop();
  });

  it("gives up a call that takes too long, and tries again", async () => {
    const { keeper, scan, clock } = someKeeper();
    scan.hangs = true;
    keeper.keep(settingsWith([30]));
    await clock.advance(scanLimitMs);
    expect(keeper.facts()).toMatchObject({ state: "unavailable", detail: "no result within 300 s" });
    scan.hangs = false;
    await clock.advance(2000);
    expect(scan.current()).toEqual(wishOf(30));
    await keeper.stop();
  });

  it("makes one look of a burst of events, and none where there is nothing to keep", async () => {
    const { keeper, scan, clock } = someKeeper();
    keeper.stir();
    await keeper.bring(settingsWith([]), never);
    keeper.stir();
    await clock.advance(10_000);
    expect(scan.asked).toHaveLength(1);
    await keeper.bring(settingsWith([30]), never);
    for (let event = 0; event < 12; event++) {
      keeper.stir();
      await clock.advance(50);
    }
    await clock.advance(10_000);
    expect(scan.asked).toEqual([noWish, wishOf(30), wishOf(30)]);
    await keeper.stop();
  });

  it("looks ever more rarely at a port that flaps for ever, and soon again when that was quiet", async () => {
    const { keeper, scan, clock } = someKeeper();
    await keeper.bring(settingsWith([30]), never);
    const from = scan.asked.length;
    for (let at = 0; at < 1200; at++) {
      keeper.stir();
      await clock.advance(500);
    }
    // Ten minutes: 1, 2, 4 ... s between them, then half a minute.
    expect(scan.asked.length - from).toBeLessThan(30);
    expect(scan.asked.length - from).toBeGreaterThan(15);
    await clock.advance(60_000);
    const later = scan.asked.length;
    keeper.stir();
    await clock.advance(1100);
    expect(scan.asked.length).toBe(later + 1);
    await keeper.stop();
  });

  it("looks once more when something happens during a look: what was read may be old", async () => {
    const { keeper, scan, clock } = someKeeper();
    const { bring } = scan;
    scan.bring = async (wish, signal) => {
      if (scan.asked.length === 0) keeper.stir();
      return bring(wish, signal);
    };
    keeper.keep(settingsWith([30]));
    await clock.advance(0);
    expect(scan.asked).toHaveLength(1);
    await clock.advance(1000);
    expect(scan.asked).toHaveLength(2);
    await clock.advance(60_000);
    expect([scan.asked.length, clock.pending()]).toEqual([2, []]);
    await keeper.stop();
  });

  it("looks at once for other settings, not at those that it waits for", async () => {
    const { keeper, scan, clock, wishes } = someKeeper();
    scan.refusal = unavailable;
    keeper.keep(settingsWith([30]));
    await clock.advance(100_000);
    scan.refusal = null;
    keeper.keep(settingsWith([31]));
    await clock.advance(0);
    expect(wishes().at(-1)).toEqual([31]);
    expect(clock.pending()).toEqual([]);
    await keeper.stop();
  });

  it("rejects with the signal's reason, and keeps its hands free for the next", async () => {
    const { keeper, scan, clock } = someKeeper();
    const given = new AbortController();
    scan.hangs = true;
    const brought = keeper.bring(settingsWith([30]), given.signal);
    const reason = new Error("no longer wanted");
    const rejected = expect(brought).rejects.toBe(reason);
    await clock.advance(10);
    given.abort(reason);
    await rejected;
    scan.hangs = false;
    expect(await keeper.bring(settingsWith([31]), never)).toEqual(ok([]));
    await keeper.stop();
    expect(clock.pending()).toEqual([]);
  });

  it.each<[string, (keeper: ReturnType<typeof someKeeper>["keeper"]) => Promise<unknown>]>([
    ["behind its caller", async (keeper) => keeper.keep(settingsWith([30]))],
    ["before its caller", (keeper) => keeper.bring(settingsWith([30]), never).catch(({ message }: Error) => message)],
  ])("stops while a call %s hangs", async (_, begin) => {
    const { keeper, scan, clock, bugs } = someKeeper();
    scan.hangs = true;
    const begun = begin(keeper);
    await clock.advance(1000);
    await keeper.stop();
    await begun;
    expect([clock.pending(), bugs]).toEqual([[], []]);
    keeper.keep(settingsWith([31]));
    keeper.stir();
    await clock.advance(10_000);
    expect(scan.asked).toHaveLength(1);
  });

  it("tells of a bug of ours behind its caller", async () => {
    const { keeper, scan, clock, bugs } = someKeeper();
    const bug = new TypeError("a bug");
    scan.bring = () => Promise.reject(bug);
    keeper.keep(settingsWith([30]));
    await clock.advance(0);
    expect(bugs).toEqual([bug]);
    await keeper.stop();
  });
});

describe("a change of ports and networks of scans", () => {
  const refusal: ConfigurationRefusal = { port: "lan", detail: "no" };
  const change = async (from: Settings, to: Settings, { ports = true, scans = true, mustStand = true } = {}) => {
    const steps: string[] = [];
    const part = <E>(name: string, good: boolean, error: E): Result<never, E> | Result<null, never> => {
      steps.push(name);
      return good ? ok(null) : failed(error);
    };
    const outcome = await bringScans(
      {
        bring: async () => {
          const brought = part("scans", scans, unavailable);
          return brought.ok ? ok([]) : brought;
        },
      },
      { from, to, mustStand },
      async () => part("ports", ports, refusal),
      never,
    );
    return [steps.join(" "), outcome.ok ? null : outcome.error.detail] as const;
  };

  it.each<[string, Parameters<typeof change>, string, string | null]>([
    ["nothing changes for scans", [settingsWith([30]), settingsWith([30])], "ports", null],
    ["a VLAN is new: the ports come first", [settingsWith([]), settingsWith([30])], "ports scans", null],
    [
      "the panel takes a tag: scans give it up first",
      [settingsWith([30]), settingsWith([30], 30)],
      "scans ports",
      null,
    ],
    [
      "the panel gives a tag back: the ports come first",
      [settingsWith([30], 30), settingsWith([30])],
      "ports scans",
      null,
    ],
    [
      "the ports refuse: nothing else is tried",
      [settingsWith([]), settingsWith([30]), { ports: false }],
      "ports",
      "no",
    ],
    [
      "scans refuse, and must stand",
      [settingsWith([]), settingsWith([30]), { scans: false }],
      "ports scans",
      "networks of scans: no helper",
    ],
    [
      "scans refuse, and need not",
      [settingsWith([]), settingsWith([30]), { scans: false, mustStand: false }],
      "ports scans",
      null,
    ],
    [
      "scans do not give a tag up, and must",
      [settingsWith([30]), settingsWith([30], 30), { scans: false }],
      "scans",
      "networks of scans: no helper",
    ],
  ])("%s", async (_, given, steps, detail) => {
    expect(await change(...given)).toEqual([steps, detail]);
  });

  it("a route by a port alone is no matter of the scans", async () => {
    const before = settingsWith([30]);
    const routes = [someRoute(1, 30, { via: "lan", gateway: "10.77.0.1" })];
    expect(await change(before, { ...before, scan: { ...before.scan, routes } })).toEqual(["ports", null]);
  });
});
