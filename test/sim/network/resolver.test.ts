import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Question } from "../../../hal/resolver.ts";
import { createSimulatedBackend } from "../../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../../sim/network/ethernet.ts";
import { createSimulatedResolver } from "../../../sim/network/resolver.ts";
import { createWorld, type WorldPatch } from "../../../sim/network/world.ts";
import type { StaticIpv4 } from "../../../src/model/settings.ts";

const interfaces = { lan: "lan0", wan: "wan0" };
const question: Question = {
  name: "Platform.example",
  family: 4,
  servers: ["10.77.0.1"],
  source: null,
  timeoutMs: 5000,
};

async function ask(patch: WorldPatch, change: Partial<Question> = {}, ipv4?: Partial<StaticIpv4>) {
  const clock = createFakeClock();
  const never = new AbortController().signal;
  const world = createWorld();
  world.patch(patch);
  const ethernet = createSimulatedEthernet({ world, clock, interfaces, signal: never });
  const backend = createSimulatedBackend({ world, clock, ethernet, interfaces, signal: never });
  const fixed = {
    address: "10.77.0.20",
    prefixLength: 24,
    gateway: "10.77.0.1",
    dns: ["10.77.0.1"],
    wins: [],
    domain: null,
  };
  const configured = backend.perform(
    {
      kind: "configure",
      port: "lan",
      mode: "ipv4+v6",
      vlan: 0,
      ipv4: ipv4 === undefined ? { method: "dhcp" } : { method: "static", ...fixed, ...ipv4 },
      ipv6: { method: "auto", dns: [] },
      routes: [],
    },
    never,
  );
  await clock.advance(30_000);
  await configured;
  const resolver = createSimulatedResolver({ world, clock, network: backend.current, names: ["platform.example"] });
  const startedMs = clock.monotonic();
  let tookMs = 0;
  const result = resolver.resolve({ ...question, ...change }).finally(() => {
    tookMs = clock.monotonic() - startedMs;
  });
  await clock.advance(10_000);
  return { ...(await result), tookMs };
}

const addresses = { kind: "addresses", addresses: ["127.0.0.1"], tookMs: 0 };
const silent = { kind: "unreachable", code: "ETIMEOUT", tookMs: 5000 };
const noRoute = { kind: "unreachable", code: "ENETUNREACH", tookMs: 0 };

describe("the name servers of the bench", () => {
  it.each<[string, WorldPatch, Partial<Question>, object]>([
    ["know the platform", {}, {}, { ...addresses, server: "10.77.0.1" }],
    ["answer at the wire's second host", {}, { servers: ["10.77.0.2"] }, addresses],
    ["answer beyond the router", {}, { servers: ["9.9.9.9"] }, addresses],
    ["answer over IPv6 as well", {}, { family: 6 }, { kind: "addresses", addresses: ["::ffff:127.0.0.1"] }],
    ["know no other name", {}, { name: "example.com" }, { kind: "noAnswer", server: "10.77.0.1", code: "ENOTFOUND" }],
    ["servfail", { lan: { dns: "servfail" } }, {}, { kind: "noAnswer", code: "ESERVFAIL" }],
    ["refuse", { lan: { dns: "refuse" } }, {}, { kind: "noAnswer", code: "EREFUSED" }],
    ["off is silent", { lan: { dns: "off" } }, {}, silent],
    ["nobody lives at host 53", {}, { servers: ["10.77.0.53"] }, silent],
    [
      "the second is asked after a silent one",
      {},
      { servers: ["10.77.0.53", "10.77.0.1"] },
      { ...addresses, tookMs: 2500 },
    ],
    [
      "all silent",
      { lan: { dns: "off" } },
      { servers: ["10.77.0.1", "10.77.0.2"] },
      { ...silent, servers: ["10.77.0.1", "10.77.0.2"] },
    ],
    ["no carrier", { lan: { cable: false } }, {}, noRoute],
    ["no lease", { lan: { dhcp: "off" } }, {}, noRoute],
    ["no route beyond the wire", { lan: { dhcp: "no-router" } }, { servers: ["9.9.9.9"] }, noRoute],
    ["no route is needed on the wire", { lan: { dhcp: "no-router" } }, {}, addresses],
    ["another machine gets the answers", { lan: { duplicate: true } }, {}, silent],
    ["by the port with the source address", {}, { source: "10.77.0.100" }, addresses],
    ["a source that no port has", {}, { source: "10.77.0.9" }, noRoute],
  ])("%s", async (_, patch, change, result) => {
    expect(await ask(patch, change)).toMatchObject(result);
  });

  it.each<[string, Partial<StaticIpv4>, Partial<Question>, object]>([
    ["a right configuration", {}, {}, addresses],
    ["a wrong gateway matters only beyond the wire", { gateway: "10.77.0.254" }, {}, addresses],
    ["a wrong gateway", { gateway: "10.77.0.254" }, { servers: ["9.9.9.9"] }, silent],
    ["a wrong subnet", { address: "10.99.0.20", gateway: "10.99.0.1" }, { servers: ["10.99.0.1"] }, silent],
  ])("with a fixed address: %s", async (_, ipv4, change, result) => {
    expect(await ask({}, change, ipv4)).toMatchObject(result);
  });
});
