import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { createSimulatedBackend } from "../../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../../sim/network/ethernet.ts";
import { createWorld, type WorldPatch } from "../../../sim/network/world.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { silentLog } from "../../../src/model/log.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { plan } from "../../../src/network/plan.ts";
import { createNetworkService } from "../../../src/network/service.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { createModelScans } from "../../support/model-scans.ts";
import { someStatic, someStaticSettings } from "../../support/some-settings.ts";

const interfaces = { lan: "lan0", wan: "wan0" };
const factory = factorySettings();

/** A box on the bench, started. */
async function someBox(weather: WorldPatch = {}) {
  const clock = createFakeClock();
  const world = createWorld();
  world.patch(weather);
  const power = new AbortController();
  const ethernet = createSimulatedEthernet({ world, clock, interfaces, signal: power.signal });
  const backend = createSimulatedBackend({ world, clock, ethernet, interfaces, signal: power.signal });
  const store = await openSettingsStore({ files: createMemoryFiles(), directory: "/state", clock, log: silentLog });
  const facts: Partial<Facts> = {};
  const publish = (change: Partial<Facts>) => Object.assign(facts, change);
  const service = createNetworkService({
    ...{ backend, store, clock, log: silentLog, publish },
    scan: createModelScans(),
    limits: { mostVlans: 4094 },
  });
  const started = service.start();
  await clock.advance(120_000);
  await started;
  const change = async (settings: Settings) => {
    const ended = service.change(settings);
    await clock.advance(240_000);
    return ended;
  };
  return { clock, world, backend, facts, change };
}

const weathers: readonly [string, WorldPatch][] = [
  ["fair weather", {}],
  ["no cable", { lan: { cable: false } }],
  ["no DHCP server", { lan: { dhcp: "off" } }],
  ["a refusing DHCP server", { lan: { dhcp: "nak" } }],
  ["a duplicate address", { lan: { duplicate: true } }],
  ["no router", { lan: { dhcp: "no-router", routerAdvertisement: "off" } }],
];

describe("the network service on the simulated network", () => {
  it.each(weathers)("keeps what a person enters in %s, and has nothing left to do", async (_, weather) => {
    const { backend, facts, change } = await someBox(weather);
    const wishes: readonly Settings[] = [
      someStaticSettings(),
      { ...factory, lan: { ...factory.lan, vlan: 20 } },
      {
        ...factory,
        lan: { ...factory.lan, link: "100/full", ipv4: someStatic() },
        wan: { link: "auto", ipv4: { method: "dhcp" } },
      },
      { ...factory, mode: "ipv6-only" },
      factory,
    ];
    for (const wish of wishes) {
      expect(await change(wish)).toEqual({ kind: "kept" });
      expect(facts.settings).toEqual(wish);
      expect(facts.network).toEqual(backend.current());
      expect(plan(wish, backend.current(), wish)).toEqual([]);
    }
  });

  it("says when the cable is pulled and plugged", async () => {
    const { clock, world, facts } = await someBox();
    expect(facts.network?.lan.ipv4).toHaveLength(1);
    world.patch({ lan: { cable: false } });
    await clock.advance(1000);
    expect(facts.network?.lan.carrier).toBe(false);
    world.patch({ lan: { cable: true } });
    await clock.advance(30_000);
    expect(facts.network?.lan).toMatchObject({ carrier: true, ipv4: [expect.stringMatching(/^10\.77\.0\./)] });
  });
});
