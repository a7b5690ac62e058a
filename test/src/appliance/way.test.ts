import { describe, expect, it } from "vitest";
import { worthATry } from "../../../src/appliance/way.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { factorySettings } from "../../../src/model/settings.ts";
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
