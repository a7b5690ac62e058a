import { describe, expect, it } from "vitest";
import { wayOf, worthATry } from "../../../src/appliance/way.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { somePort } from "../../support/some-facts.ts";

const settings = factorySettings();
const on = (change: Partial<PortState>) => ({
  settings,
  network: { lan: somePort(change), wan: null, separated: false },
});
const bare = { ipv4: [], dns: [], gateway: null };

describe("a change of the network is worth a poll", () => {
  it.each<[string, boolean, Partial<PortState>, Partial<PortState>]>([
    ["nothing has changed", false, {}, {}],
    ["the cable has come", true, {}, { carrier: false }],
    ["the cable has gone", false, { carrier: false }, {}],
    ["an address has come", true, {}, bare],
    ["the address has gone", false, bare, {}],
    ["another address", true, { ipv4: ["10.77.0.21/24"] }, {}],
    ["another router", true, { gateway: "10.77.0.2" }, {}],
    ["other servers", true, { dns: ["10.77.0.2"] }, {}],
    ["servers have come", true, {}, { dns: [] }],
    ["the servers have gone", false, { dns: [] }, {}],
    ["a lease was renewed", false, { lease: null }, {}],
  ])("%s: %s", (_, expected, now, before) => expect(worthATry(on(now), on(before))).toBe(expected));
});

describe("a machine that does not keep management to its port", () => {
  const split: Settings = { ...settings, wan: { link: "auto", ipv4: { method: "dhcp" } } };
  const lan = somePort({ dns: ["10.77.0.53"] });
  const wan = somePort({ interface: "wan0", ipv4: ["192.0.2.20/24"], dns: ["192.0.2.53"] });
  const kept = (wish: Settings, separated: boolean) => ({ settings: wish, network: { lan, wan, separated } });

  it.each([
    ["WAN", split, true, { servers: ["192.0.2.53"], source: "192.0.2.20" }],
    ["LAN", settings, false, { servers: ["10.77.0.53"], source: "10.77.0.20" }],
  ] as const)("has no way by %s, whatever its addresses, until it does", (_, wish, right, way) => {
    expect(wayOf(kept(wish, !right), null)).toBeNull();
    expect(wayOf(kept(wish, right), null)).toMatchObject(way);
    expect(worthATry(kept(wish, right), kept(wish, !right))).toBe(true);
    expect(worthATry(kept(wish, !right), kept(wish, right))).toBe(false);
    expect(worthATry(kept(wish, right), kept(wish, right))).toBe(false);
  });
});
