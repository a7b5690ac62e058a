import { describe, expect, it } from "vitest";
import type { ScanFacts } from "../../../src/model/facts.ts";
import type { NetworkTest } from "../../../src/model/network-test.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { someTest, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { someRoute, someVlan } from "../../support/some-scans.ts";
import { useClientBench } from "./client-bench.ts";

const { appliance, serve, bezel } = useClientBench();

describe("status", () => {
  it("tells a person the state in a few lines", async () => {
    await serve();
    const { code, stdout, stderr } = await bezel(["status"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^state +ready, is_acme on platform P$/m);
    expect(stdout).toMatch(/^LAN +lan0 .*10\.77\.0\.20\/24 \(dhcp\), gateway 10\.77\.0\.1, DNS 10\.77\.0\.53$/m);
  });

  it("ends with 1 when a fault stands, and says what to do", async () => {
    await serve();
    appliance().change({
      facts: {
        phase: "network-error",
        fault: {
          code: "timeout",
          message: "Timeout was reached (28)",
          legacyCode: "E06",
          detail: "platform.example: nothing came",
          next: "Check the firewall.",
          since: "2026-01-01T00:00:00.000Z",
          until: null,
        },
      },
    });
    const { code, stdout } = await bezel(["status"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +Timeout was reached \(28\) \(E06\), since 2026/m);
    expect(stdout).toMatch(/^ +Check the firewall\.$/m);
    expect((await bezel(["status", "--json"])).code).toBe(1);
  });

  it("gives programs the document as it came", async () => {
    await serve();
    const { stdout } = await bezel(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ phase: "ready", lan: { interface: "lan0" }, fault: null });
  });
});

describe("status of networks of scans", () => {
  const scan = (vlans: number, routes: number) => ({
    revision: 8,
    vlans: Array.from({ length: vlans }, (_, n) => someVlan(20 + n)),
    routes: Array.from({ length: routes }, (_, n) => someRoute(n, 20)),
  });
  const settled = { state: "settled", detail: null, failures: [] } as const;
  const failures = [{ id: "vlan-20", message: "no" }];

  it.each<[string, ReturnType<typeof scan>, ScanFacts, string | null]>([
    ["nothing is ordered", scan(0, 0), settled, null],
    ["all is well", scan(12, 3), settled, "12 VLANs, 3 routes, revision 8"],
    ["one of each", scan(1, 1), settled, "1 VLAN, 1 route, revision 8"],
    ["one failed", scan(2, 0), { ...settled, failures }, "2 VLANs, 0 routes, revision 8, 1 failed"],
    ["they are made", scan(2, 0), { ...settled, state: "working" }, "2 VLANs, 0 routes, revision 8, working"],
    [
      "they cannot be made",
      scan(0, 1),
      { ...settled, state: "unavailable", detail: "no helper" },
      "0 VLANs, 1 route, revision 8, unavailable: no helper",
    ],
  ])("%s", async (_, ordered, scanNetworks, line) => {
    await serve();
    appliance().change({ facts: { settings: { ...factorySettings(), scan: ordered }, scanNetworks } });
    const { stdout } = await bezel(["status"]);
    expect(/^scans {6}(.*)$/m.exec(stdout)?.[1] ?? null).toBe(line);
  });
});

describe("status of a test of the network", () => {
  const fault = {
    code: "timeout",
    message: "Timeout was reached (28)",
    legacyCode: null,
    detail: "silent",
    next: "Ask.",
  };

  it.each<[string, NetworkTest | null, string | null, string]>([
    ["none", null, null, ""],
    [
      "a good one",
      someTest(),
      "the network is fine, begun 2026-01-01T00:00:00.000Z",
      "ok   platform, 2 ms: is_box on platform P",
    ],
    [
      "one that goes on",
      testAt("address", 0),
      "running: LAN address, begun 2026-01-01T00:00:00.000Z",
      "ok   LAN carrier, 0 ms: 1000 Mbit/s full duplex lan0",
    ],
    [
      "one that found a fault",
      testBrokenAt("connect", 30_001, fault),
      "Timeout was reached (28), begun 2026-01-01T00:00:00.000Z",
      "FAIL connect, 30001 ms: silent",
    ],
    [
      "a refused one",
      someTest({ state: "refused", reason: "a change goes on", rungs: [] }),
      "refused: a change goes on, begun 2026-01-01T00:00:00.000Z",
      "",
    ],
  ])("%s", async (_, test, verdict, row) => {
    await serve();
    appliance().change({ facts: { test } });
    const { stdout } = await bezel(["status"]);
    expect(/^test {7}(.*)$/m.exec(stdout)?.[1] ?? null).toBe(verdict);
    expect(stdout).toContain(row);
  });
});
