import { describe, expect, it } from "vitest";
import { failed, ok } from "../../../../src/model/result.ts";
import { type FailedActivation, judgeFailedActivation } from "../../../../src/network/networkmanager/activation.ts";

const facts: FailedActivation = {
  failure: { kind: "notActivated", detail: "IP configuration could not be reserved" },
  interface: "lan0",
  port: { present: true, carrier: true },
  unmanaged: ok(false),
  vlanMissing: false,
  fixed: "10.77.0.20/24",
  shown: [],
  dadFailed: false,
};
const unplugged = { present: true, carrier: false };
const gone = { kind: "unavailable", detail: "NetworkManager is not running" } as const;
const failing = (kind: FailedActivation["failure"]["kind"]) => ({ failure: { kind, detail: "no" } });

describe("an activation that failed", () => {
  it.each<[string, Partial<FailedActivation>, string]>([
    ["a fixed address: the wire has to be asked", {}, "ask"],
    ["a fixed address, out of time", failing("timeout"), "ask"],
    ["no cable", { port: unplugged }, "done"],
    ["no cable, so no VLAN either", { port: unplugged, vlanMissing: true }, "done"],
    ["no lease", { fixed: null }, "done"],
    ["no lease in time", { fixed: null, ...failing("timeout") }, "done"],
    ["the address is there all the same", { shown: ["10.77.0.19/24", "10.77.0.20/24"] }, "done"],
    ["the address with another prefix is not", { shown: ["10.77.0.20/16"] }, "ask"],
    ["IPv6, refuted by the kernel", { fixed: "2001:db8::5/64", dadFailed: true }, "duplicate"],
    ["IPv6, for another reason", { fixed: "2001:db8::5/64" }, "refused"],
    ["not to be managed, so no lease either", { unmanaged: ok(true), fixed: null }, "refused"],
    ["not to be managed, cable or not", { unmanaged: ok(true), port: unplugged }, "refused"],
    ["no interface", { port: { present: false, carrier: false } }, "refused"],
    [
      "a VLAN that the kernel cannot make, though only a lease is missing otherwise",
      { vlanMissing: true, fixed: null },
      "refused",
    ],
    ["NetworkManager is not there, nor a cable", { ...failing("unavailable"), port: unplugged }, "refused"],
    ["NetworkManager has died since, so no lease either", { unmanaged: failed(gone), fixed: null }, "refused"],
    ["NetworkManager has died since, cable or not", { unmanaged: failed(gone), port: unplugged }, "refused"],
    ["the profile is gone", { ...failing("unknown"), fixed: null }, "refused"],
    ["not permitted", { ...failing("refused"), fixed: null }, "refused"],
  ])("%s", (_, change, kind) => expect(judgeFailedActivation({ ...facts, ...change }).kind).toBe(kind));

  it.each([
    ["unavailable", "unavailable"],
    ["timeout", "timeout"],
    ["unknown", "refused"],
    ["refused", "refused"],
    ["notActivated", "refused"],
  ] as const)("%s is told as %s", (failure, kind) => {
    const verdict = judgeFailedActivation({ ...facts, ...failing(failure) });
    expect(verdict).toMatchObject({ refusal: { kind, detail: "lan0: no" } });
  });

  it.each(["unavailable", "timeout"] as const)("NetworkManager that is %s since is told as that", (kind) => {
    const verdict = judgeFailedActivation({ ...facts, fixed: null, unmanaged: failed({ kind, detail: "gone" }) });
    expect(verdict).toEqual({ kind: "refused", refusal: { kind, detail: "lan0: gone" } });
  });
});
