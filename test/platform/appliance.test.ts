import { describe, expect, it } from "vitest";
import { newActivationCode, normalizedCode } from "../../platform/activation-code.ts";
import {
  type Appliance,
  applianceSchema,
  changed,
  enroll,
  type PlatformJob,
  refusalOf,
  replyTo,
  reported,
} from "../../platform/appliance.ts";
import { activationCodeSchema, type PollRequest, type ToldFault } from "../../src/uplink/protocol.ts";
import { emptyReport } from "../support/some-report.ts";

const code = "KTPW-HRXN-CDMF";
const fingerprint = "0".repeat(64);
const time = "2026-01-01T00:00:00.000Z";
const fresh = enroll(fingerprint, code);
const active = changed(fresh, { state: "active", name: "is_quays_ab" }, () => "unused");
const request = (change: Partial<PollRequest> = {}): PollRequest => ({
  nonce: "AAAAAAAAAAAAAAAAAAAAAA",
  ...emptyReport,
  ...change,
});
const job = (change: Partial<PlatformJob> = {}): PlatformJob => ({
  id: "scan-1",
  kind: "scan",
  parameters: {},
  state: "queued",
  cancel: false,
  ...change,
});
const withJob = (change: Partial<PlatformJob>): Appliance => ({ ...active, jobs: [job(change)] });

describe("an activation code", () => {
  it("fits a row and is not easily misread", () => {
    for (let draw = 0; draw < 200; draw++) {
      const drawn = newActivationCode();
      expect(drawn).toMatch(/^[CDFHJKLMNPRTVWXY]{4}-[CDFHJKLMNPRTVWXY]{4}-[CDFHJKLMNPRTVWXY]{4}$/);
      expect(activationCodeSchema.safeParse(drawn).success).toBe(true);
    }
    expect(new Set(Array.from({ length: 200 }, newActivationCode)).size).toBe(200);
  });

  it.each([code, "ktpwhrxncdmf", " KTPW hrxn-CDMF "])("is found as %j", (typed) => {
    expect(normalizedCode(typed)).toBe(code);
  });
});

describe("registration", () => {
  it("shows the same code until it is used", () => {
    const first = reported(fresh, request());
    const second = reported(first, request());
    for (const appliance of [first, second]) {
      expect(replyTo(appliance, request(), time).registration).toMatchObject({ state: "unactivated", code });
    }
    expect(replyTo(active, request(), time).registration).toEqual({
      state: "active",
      name: "is_quays_ab",
      indicator: "P",
      pollIntervalSeconds: 180,
    });
    expect(active.code).toBeNull();
  });

  it("gives a new code to an appliance that is put back, and keeps it when nothing changes", () => {
    const back = changed(active, { state: "unactivated" }, () => "XXXX-XXXX-XXXX");
    expect(back.code).toBe("XXXX-XXXX-XXXX");
    expect(changed(back, { state: "unactivated", name: "b" }, () => "other").code).toBe("XXXX-XXXX-XXXX");
  });

  it("orders nothing of an appliance that is not activated", () => {
    const waiting = { ...fresh, jobs: [job()], settings: { revision: 1, items: [] }, wantedVersion: "9" };
    expect(replyTo(waiting, request(), time)).toMatchObject({ jobs: [], settings: null, update: null });
  });

  it.each([
    ["unactivated", null],
    ["active", null],
    ["disabled", "disabled"],
    ["expired", "account-expired"],
    ["removed", "unknown-appliance"],
  ] as const)("refuses %s with %s", (state, reason) => {
    expect(refusalOf({ ...active, state })).toBe(reason);
  });
});

describe("a job", () => {
  const report = (state: PollRequest["jobs"][number]["state"]) =>
    request({ jobs: [{ id: "scan-1", state, percent: 1 }] });
  it.each<[string, Partial<PlatformJob>, PollRequest, PlatformJob["state"], string[], string[]]>([
    ["is ordered until it is reported", {}, request(), "queued", ["scan-1"], []],
    ["is ordered no more once it runs", {}, report("running"), "running", [], []],
    ["is not ordered when it was canceled before", { cancel: true }, request(), "canceled", [], []],
    ["canceled in the very moment it started", { cancel: true }, report("running"), "running", [], ["scan-1"]],
    ["is canceled", { state: "running", cancel: true }, report("running"), "running", [], ["scan-1"]],
    [
      "is canceled until it has stopped",
      { state: "running", cancel: true },
      report("canceling"),
      "canceling",
      [],
      ["scan-1"],
    ],
    ["was canceled", { state: "canceling", cancel: true }, report("canceled"), "canceled", [], []],
    ["was done all the same", { state: "running", cancel: true }, report("done"), "done", [], []],
    ["is lost with the restart of the appliance", { state: "running" }, request(), "failed", [], []],
    ["that has ended stays ended", { state: "done" }, request(), "done", [], []],
  ])("%s", (_what, change, poll, state, ordered, canceled) => {
    const appliance = reported(withJob(change), poll);
    const reply = replyTo(appliance, poll, time);
    expect(appliance.jobs.map((known) => known.state)).toEqual([state]);
    expect(reply.jobs.map(({ id }) => id)).toEqual(ordered);
    expect(reply.cancellations).toEqual(canceled);
  });

  it("is forgotten when fifty others came after it, unless it is still open", () => {
    const many = Array.from({ length: 60 }, (_, index) => job({ id: `${index}`, state: "done" }));
    const kept = reported({ ...active, jobs: [...many, job({ id: "open" })] }, request()).jobs;
    expect(kept).toHaveLength(50);
    expect(kept.at(-1)?.id).toBe("open");
    expect(kept[0]?.id).toBe("0");
  });
});

describe("faults", () => {
  const fault = (number: number, change: Partial<ToldFault> = {}): ToldFault => ({
    number,
    code: "timeout",
    message: "Timeout was reached (28)",
    legacyCode: "E06",
    detail: "platform.example",
    since: `2026-01-01T00:00:${number}.000Z`,
    until: null,
    ...change,
  });
  const told = (appliance: Appliance, ...faults: ToldFault[]) => reported(appliance, request({ faults }));

  it("are kept, newest first, and one that is told again takes its own place", () => {
    const first = told(active, fault(12), fault(11, { until: time }));
    const ended = told(first, fault(13), fault(12, { until: time }));
    expect(ended.faults).toEqual([fault(13), fault(12, { until: time }), fault(11, { until: time })]);
    expect(told(ended).faults).toEqual(ended.faults);
    expect(applianceSchema.parse(ended)).toEqual(ended);
  });

  it("of a box that began to count anew are others than those of before", () => {
    const before = told(active, fault(11, { until: time }));
    const anew = fault(11, { since: "2026-02-01T00:00:00.000Z" });
    expect(told(before, anew).faults).toEqual([anew, fault(11, { until: time })]);
  });

  it("are forgotten when fifty others came after them", () => {
    let appliance = active;
    for (let number = 10; number < 70; number++) appliance = told(appliance, fault(number, { until: time }));
    expect(appliance.faults.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, age) => 69 - age));
  });

  it("of a store from before there were any are none", () => {
    const { faults: _, ...older } = active;
    expect(applianceSchema.parse(older)).toEqual(active);
  });
});

describe("settings and software", () => {
  const settings = { revision: 3, items: [{ id: "vlan-20", kind: "vlan", value: { tag: 20 } }] };
  it.each([
    [null, settings],
    [2, settings],
    [3, null],
    // The appliance knows a revision that the platform lost: it is brought to the platform's.
    [4, settings],
  ])("an appliance at revision %s gets %j", (revision, sent) => {
    const poll = request({ settings: { revision, results: [] } });
    expect(replyTo({ ...active, settings }, poll, time).settings).toEqual(sent);
  });

  it.each([
    [null, null],
    ["0.1.0", null],
    ["0.2.0", { version: "0.2.0" }],
  ])("an appliance with 0.1.0 that should have %s is told %j", (wantedVersion, update) => {
    expect(replyTo({ ...active, wantedVersion }, request(), time).update).toEqual(update);
  });
});
