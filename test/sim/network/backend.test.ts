import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createSimulatedBackend } from "../../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../../sim/network/ethernet.ts";
import { createWorld, type WorldPatch } from "../../../sim/network/world.ts";
import type { StaticIpv4 } from "../../../src/model/settings.ts";
import type { Operation } from "../../../src/network/backend.ts";

const interfaces = { lan: "lan0", wan: "wan0" };
const never = new AbortController().signal;
const dhcp = {
  kind: "configure",
  port: "lan",
  mode: "ipv4+v6",
  vlan: 0,
  ipv4: { method: "dhcp" },
  ipv6: { method: "auto", dns: [] },
  routes: [],
} as const satisfies Operation;
const fixed: StaticIpv4 = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.1"],
  wins: ["10.77.0.9"],
  domain: "corp.example",
};

function open(patch: WorldPatch = {}) {
  const clock = createFakeClock();
  const world = createWorld();
  world.patch(patch);
  const power = new AbortController();
  const ethernet = createSimulatedEthernet({ world, clock, interfaces, signal: power.signal });
  const backend = createSimulatedBackend({ world, clock, ethernet, interfaces, signal: power.signal });
  const perform = async (operation: Operation, ms = 60_000) => {
    const result = backend.perform(operation, never);
    await clock.advance(ms);
    return result;
  };
  return { clock, world, ethernet, backend, power, perform, lan: () => backend.current().lan };
}

const hour = 3_600_000;

describe("DHCP on the bench", () => {
  it("takes a moment of the clock and gives address, gateway, DNS, domain and a lease", async () => {
    const { clock, backend, lan } = open();
    const result = backend.perform(dhcp, never);
    await clock.advance(300);
    expect(lan()).toMatchObject({ ipv4: [], lease: null });
    await clock.advance(2000);
    expect(await result).toEqual({ ok: true, value: null });
    expect(lan()).toMatchObject({
      interface: "lan0",
      present: true,
      carrier: true,
      speedMbps: 1000,
      duplex: "full",
      method: "dhcp",
      ipv4: ["10.77.0.100/24"],
      gateway: "10.77.0.1",
      dns: ["10.77.0.1"],
      wins: [],
      domain: "bench.example",
      lease: { server: "10.77.0.1", expires: "2026-01-01T01:00:00.850Z" },
      duplicate: null,
    });
  });

  it.each([
    ["off", { ipv4: [], gateway: null, dns: [], lease: null }],
    ["nak", { ipv4: [], gateway: null, dns: [], lease: null }],
    ["no-router", { ipv4: ["10.77.0.100/24"], gateway: null, dns: ["10.77.0.1"] }],
    ["no-dns", { ipv4: ["10.77.0.100/24"], gateway: "10.77.0.1", dns: [] }],
  ] as const)("with the server at %s ends well all the same", async (variant, state) => {
    const { perform, lan } = open({ lan: { dhcp: variant } });
    expect((await perform(dhcp)).ok).toBe(true);
    expect(lan()).toMatchObject(state);
  });

  it("asks again until a server is there", async () => {
    const { perform, world, clock, lan } = open({ lan: { dhcp: "off" } });
    await perform(dhcp);
    world.patch({ lan: { dhcp: "ok" } });
    await clock.advance(6000);
    expect(lan().ipv4).toEqual(["10.77.0.100/24"]);
  });

  it("renews at half the time", async () => {
    const { perform, clock, lan } = open();
    await perform(dhcp);
    await clock.advance(hour / 2);
    expect(lan().lease?.expires).toBe("2026-01-01T01:30:00.850Z");
  });

  it("keeps the lease of a silent server to its end, then has none", async () => {
    const { perform, world, clock, lan } = open();
    await perform(dhcp);
    world.patch({ lan: { dhcp: "off" } });
    await clock.advance(hour - 70_000);
    expect(lan().ipv4).toEqual(["10.77.0.100/24"]);
    await clock.advance(70_000);
    expect(lan()).toMatchObject({ ipv4: [], lease: null });
  });

  it.each(["renewal", "replug"])("moves with the subnet at the next %s, not before", async (occasion) => {
    const { perform, world, clock, lan } = open();
    await perform(dhcp);
    world.patch({ lan: { subnet: "192.168.9.0/24" } });
    await clock.advance(1000);
    expect(lan().ipv4).toEqual(["10.77.0.100/24"]);
    if (occasion === "replug") {
      world.patch({ lan: { cable: false } });
      world.patch({ lan: { cable: true } });
      await clock.advance(5000);
    } else {
      await clock.advance(hour / 2);
    }
    expect(lan()).toMatchObject({ ipv4: ["192.168.9.100/24"], gateway: "192.168.9.1" });
  });

  it("gets nothing without a cable, and an address by itself when it is back", async () => {
    const { perform, world, clock, lan } = open({ lan: { cable: false } });
    await perform(dhcp, 300);
    await clock.advance(hour);
    expect(lan()).toMatchObject({ carrier: false, speedMbps: null, duplex: null, ipv4: [] });
    world.patch({ lan: { cable: true } });
    await clock.advance(5000);
    expect(lan()).toMatchObject({ carrier: true, ipv4: ["10.77.0.100/24"] });
    world.patch({ lan: { cable: false } });
    expect(lan()).toMatchObject({ carrier: false, ipv4: [], lease: null });
  });

  it("renew asks anew", async () => {
    const { perform, world, lan } = open();
    await perform(dhcp);
    world.patch({ lan: { dhcp: "off" } });
    await perform({ kind: "renew", port: "lan" });
    expect(lan().ipv4).toEqual([]);
    expect(await perform({ kind: "renew", port: "wan" })).toMatchObject({ ok: false, error: { kind: "refused" } });
  });
});

describe("a fixed configuration on the bench", () => {
  it("is in force at once, cable or not, with the VLAN tag", async () => {
    const { perform, lan } = open({ lan: { cable: false } });
    expect((await perform({ ...dhcp, vlan: 4094, ipv4: fixed }, 300)).ok).toBe(true);
    const { method: _, address, prefixLength, ...rest } = fixed;
    expect(lan()).toMatchObject({
      vlan: 4094,
      method: "static",
      ipv4: [`${address}/${prefixLength}`],
      lease: null,
      ...rest,
    });
  });

  it.each([
    [{ address: "127.0.0.1" }, "invalid address 127.0.0.1/24"],
    [{ address: "10.77.0.0" }, "invalid address 10.77.0.0/24"],
    [{ address: "10.77.0.255" }, "invalid address 10.77.0.255/24"],
    [{ address: "224.0.0.5" }, "invalid address 224.0.0.5/24"],
    [{ address: "10.77.0.300" }, "invalid address 10.77.0.300/24"],
    [{ prefixLength: 31 }, "invalid address 10.77.0.20/31"],
    [{ gateway: "10.78.0.1" }, "Nexthop 10.78.0.1 has invalid gateway"],
    [{ gateway: "10.77.0.20" }, "Nexthop 10.77.0.20 has invalid gateway"],
  ])("%j is refused and changes nothing", async (wrong, detail) => {
    const { perform, backend } = open();
    await perform(dhcp);
    const before = backend.current();
    const result = await perform({ ...dhcp, ipv4: { ...fixed, ...wrong } });
    expect(result).toEqual({ ok: false, error: { kind: "refused", detail: expect.stringContaining(detail) } });
    expect(backend.current()).toEqual(before);
  });

  it("refuses a VLAN tag over 4094, and any on WAN", async () => {
    const { perform } = open();
    expect((await perform({ ...dhcp, vlan: 4095 })).ok).toBe(false);
    expect((await perform({ ...dhcp, port: "wan", vlan: 7 })).ok).toBe(false);
  });

  it("names the other machine that has the address", async () => {
    const { perform, world, lan, backend } = open();
    await perform({ ...dhcp, ipv4: fixed });
    let changes = 0;
    backend.watch(() => changes++);
    world.patch({ lan: { duplicate: true } });
    expect(lan()).toMatchObject({ duplicate: "02:be:2e:ff:ff:66", ipv4: ["10.77.0.20/24"] });
    world.patch({ lan: { duplicate: false } });
    expect(lan().duplicate).toBeNull();
    expect(changes).toBe(2);
  });
});

describe("IPv6-only mode on the bench", () => {
  it.each([
    ["ok", { ipv6: ["2001:db8:77:0:be:2eff:fe10:1/64"], gateway: "fe80::1", dns: ["2001:db8::5", "2001:db8:77::1"] }],
    ["off", { ipv6: [], gateway: null, dns: ["2001:db8::5"] }],
  ] as const)("router advertisement %s", async (routerAdvertisement, state) => {
    const { perform, lan } = open({ lan: { routerAdvertisement } });
    expect((await perform({ ...dhcp, mode: "ipv6-only", ipv6: { method: "auto", dns: ["2001:db8::5"] } })).ok).toBe(
      true,
    );
    expect(lan()).toMatchObject({ method: "auto6", ipv4: [], ...state });
  });

  it("a fixed address needs no router, and a gateway on the link", async () => {
    const { perform, lan } = open({ lan: { routerAdvertisement: "off" } });
    const ipv6 = {
      method: "static",
      address: "2001:db8:77::20",
      prefixLength: 64,
      gateway: "2001:db8:77::1",
      dns: [],
    } as const;
    await perform({ ...dhcp, mode: "ipv6-only", ipv6 });
    expect(lan()).toMatchObject({ method: "static6", ipv6: ["2001:db8:77::20/64"], gateway: "2001:db8:77::1" });
    expect((await perform({ ...dhcp, mode: "ipv6-only", ipv6: { ...ipv6, gateway: "2001:db8:5::1" } })).ok).toBe(false);
  });
});

describe("ports", () => {
  it("WAN is there once it is configured, and gone after its release", async () => {
    const { perform, backend } = open();
    expect(backend.current().wan).toBeNull();
    await perform({ ...dhcp, port: "wan" });
    expect(backend.current().wan).toMatchObject({ interface: "wan0", ipv4: ["10.78.0.100/24"], ipv6: [] });
    await perform({ kind: "release", port: "wan" });
    expect(backend.current().wan).toBeNull();
  });

  it("a forced mode gives that speed after a negotiation, and the lease comes back", async () => {
    const { perform, backend, ethernet, clock, lan } = open();
    await perform(dhcp);
    const forcing = backend.perform({ kind: "link", port: "lan", mode: "100/half" }, never);
    await clock.advance(500);
    expect(lan()).toMatchObject({ carrier: false, speedMbps: null, ipv4: [] });
    await clock.advance(5000);
    expect((await forcing).ok).toBe(true);
    expect(lan()).toMatchObject({
      carrier: true,
      speedMbps: 100,
      duplex: "half",
      link: "100/half",
      ipv4: ["10.77.0.100/24"],
    });
    expect(await ethernet.state("lan0")).toMatchObject({ speedMbps: 100, duplex: "half" });
    expect((await ethernet.state("eth7")).present).toBe(false);
    await expect(ethernet.setMode("eth7", "auto")).rejects.toMatchObject({ kind: "absent" });
  });

  it("one operation at a time; an aborted one rejects with the reason", async () => {
    const { backend, clock } = open({ lan: { dhcp: "off" } });
    const abort = new AbortController();
    const first = backend.perform(dhcp, abort.signal);
    await expect(backend.perform({ kind: "renew", port: "lan" }, never)).rejects.toThrow("one at a time");
    await clock.advance(1000);
    abort.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
  });

  it("a power cut leaves no timer behind", async () => {
    const { perform, world, power, clock } = open();
    await perform(dhcp);
    world.patch({ lan: { cable: false } });
    world.patch({ lan: { cable: true } });
    power.abort("power-cut");
    expect(clock.pending()).toEqual([]);
  });
});
