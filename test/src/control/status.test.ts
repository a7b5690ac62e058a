import { describe, expect, it } from "vitest";
import { createAnswerSchemas } from "../../../src/control/schema.ts";
import { screenOf } from "../../../src/control/screen.ts";
import { statusOf } from "../../../src/control/status.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { NumberedFault } from "../../../src/model/fault.ts";
import { someTest, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { someRoute, someVlan } from "../../support/some-scans.ts";
import { homeFrame, lanState, readyFacts } from "./fake-appliance.ts";

const schemas = createAnswerSchemas();

const fault: NumberedFault = {
  number: 7,
  code: "lan-no-dns-servers",
  message: "LAN has no DNS servers",
  legacyCode: "E05",
  detail: "lan0 has an address, but no DNS server",
  next: "Give the LAN interface valid DNS servers.",
  since: "2026-01-01T00:00:00.000Z",
  until: null,
};

const lan = {
  interface: "lan0",
  mac: "02:00:00:00:00:01",
  carrier: true,
  speedMbps: 1000,
  duplex: "full",
  link: "auto",
  vlan: 0,
  method: "dhcp",
  ipv4: ["10.77.0.20/24"],
  ipv6: [],
  gateway: "10.77.0.1",
  dns: ["10.77.0.53"],
  wins: ["10.77.0.54"],
  domain: "corp.example",
  lease: { server: "10.77.0.1", expires: "2026-01-01T01:00:00.000Z" },
};

describe("statusOf", () => {
  it("tells exactly this of a box that is well", () => {
    expect(statusOf(readyFacts)).toStrictEqual({
      product: "Qualys",
      version: "0.1.0",
      model: "Bezel 1",
      serial: "29001",
      phase: "ready",
      fault: null,
      faults: [],
      test: null,
      name: "is_acme",
      activationCode: null,
      platformIndicator: "P",
      mode: "ipv4+v6",
      lan,
      wan: null,
      proxy: null,
      secrets: null,
      leds: { s1: false, s2: false, s3: false },
      poll: { intervalSeconds: 180, lastAttempt: null, lastSuccess: "2026-01-01T00:00:00.000Z", next: null },
      scans: [],
      scanNetworks: { revision: null, vlans: 0, routes: 0, failed: 0, state: "unknown", detail: null },
      update: null,
      panel: { board: "mock", state: "ok" },
      consoles: [{ device: "/dev/pts/3", state: "open" }],
    });
  });

  const { vlan: _vlan, wins: _wins, ...wan } = lan;
  const { number: _number, until: _until, ...told } = fault;
  const rows: readonly (readonly [what: string, change: Partial<Facts>, told: object])[] = [
    ["a fault, without its number", { fault, faults: [fault] }, { fault: told, faults: [{ ...told, until: null }] }],
    [
      "a test that goes on",
      { test: testAt("dns", 5000) },
      {
        test: {
          ...{ state: "running", reason: null, started: "2026-01-01T00:00:00.000Z", fault: null },
          rungs: testAt("dns", 5000).rungs.map((rung) => ({ ...rung, ms: 0 })),
          climbing: { rung: "dns", port: null },
        },
      },
    ],
    [
      "a test that found a fault, with whole milliseconds",
      { test: testBrokenAt("connect", 5003.4, fault) },
      {
        test: {
          ...someTest(),
          rungs: [
            ...testAt("connect", 0).rungs.map((rung) => ({ ...rung, ms: Math.round(rung.ms) })),
            { rung: "connect", port: null, ok: false, ms: 5003, detail: fault.detail },
          ],
          fault: {
            code: fault.code,
            message: fault.message,
            legacyCode: "E05",
            detail: fault.detail,
            next: fault.next,
          },
        },
      },
    ],
    [
      "an activation code",
      { phase: "activation", registration: { state: "unactivated", code: "ABCD-1234" } },
      { phase: "activation", activationCode: "ABCD-1234", name: null, platformIndicator: null },
    ],
    ["no name before the first contact", { registration: { state: "unknown" } }, { activationCode: null, name: null }],
    [
      "WAN without VLAN and WINS",
      { network: { lan: lanState, wan: { ...lanState, vlan: 7 }, separated: true } },
      { wan },
    ],
    [
      "the proxy",
      {
        settings: {
          ...readyFacts.settings,
          proxy: { host: "proxy", port: 443, user: "corp\\anna", passwordRef: "0".repeat(32) },
        },
      },
      { proxy: { host: "proxy", port: 443, user: "corp\\anna" } },
    ],
    ["a sealed password", { secrets: { kept: "sealed", problem: null } }, { secrets: "sealed" }],
    ["one that lies in clear", { secrets: { kept: "plain", problem: null } }, { secrets: "plain" }],
    [
      "one that cannot be opened, without the reason",
      { secrets: { kept: "sealed", problem: "no key" } },
      { secrets: "unopened" },
    ],
    [
      "jobs, and their LEDs",
      {
        jobs: [
          { id: "s-1", kind: "scan", state: "running", percent: 40 },
          { id: "2.0.0", kind: "update", state: "running", percent: 1 },
        ],
      },
      {
        scans: [{ id: "s-1", state: "running", percent: 40 }],
        update: { version: "2.0.0", state: "running" },
        leds: { s1: true, s2: true, s3: false },
      },
    ],
    [
      "the networks of the scans in numbers, of failures only those of items in force",
      {
        settings: {
          ...readyFacts.settings,
          scan: { revision: 8, vlans: [someVlan(20), someVlan(21)], routes: [someRoute(1, 20)] },
        },
        scanNetworks: {
          state: "unavailable",
          detail: "no namespace",
          failures: ["vlan-21", "vlan-21", "gone"].map((id) => ({ id, message: "no" })),
        },
      },
      {
        scanNetworks: { revision: 8, vlans: 2, routes: 1, failed: 1, state: "unavailable", detail: "no namespace" },
      },
    ],
  ];

  it.each(rows)("tells %s", (_, change, expected) => {
    const status = statusOf({ ...readyFacts, ...change });
    for (const [key, value] of Object.entries(expected))
      expect(status[key as keyof typeof status]).toStrictEqual(value);
    expect(schemas.status.parse(status)).toStrictEqual(status);
  });
});

describe("screenOf", () => {
  it("tells exactly what the glass shows", () => {
    const screen = screenOf({ ...homeFrame, cursor: { row: 1, col: 0 } });
    expect(screen).toStrictEqual({
      screen: "home",
      cols: 16,
      rows: 2,
      lines: ["is_acme        ↵", "10.77.0.20     P"],
      cursor: { row: 1, col: 0 },
      leds: { s1: false, s2: false, s3: false },
      blank: false,
    });
    expect(schemas.screen.parse(screen)).toStrictEqual(screen);
  });
});
