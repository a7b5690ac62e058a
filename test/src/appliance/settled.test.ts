import { describe, expect, it } from "vitest";
import { settled } from "../../../src/appliance/settled.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { somePort } from "../../support/some-facts.ts";

const dhcp = factorySettings();
const split: Settings = { ...dhcp, wan: { link: "auto", ipv4: { method: "dhcp" } } };
const noAddress: Partial<PortState> = { ipv4: [] };

describe("waiting for the network", () => {
  it.each([
    ["an address is all it takes", dhcp, {}, null, 0, true],
    ["a lease is waited for", dhcp, noAddress, null, 14_999, false],
    ["but not for ever", dhcp, noAddress, null, 15_000, true],
    ["a link is waited for", dhcp, { carrier: false }, null, 4_999, false],
    ["but only as long as negotiation may take", dhcp, { carrier: false }, null, 5_000, true],
    ["a duplicate address will not go away", dhcp, { ...noAddress, duplicate: "02:00:00:00:00:09" }, null, 0, true],
    ["IPv6-only waits for an IPv6 address", factorySettings("ipv6-only"), {}, null, 0, false],
    ["and takes it", factorySettings("ipv6-only"), { ipv6: ["2001:db8::2/64"] }, null, 0, true],
    ["a split network waits for WAN", split, {}, noAddress, 0, false],
    ["and takes its address", split, noAddress, {}, 0, true],
  ] as const)("%s", (_name, settings, lan, wan, waitedMs, expected) => {
    const network = { lan: somePort(lan), wan: wan === null ? null : somePort(wan), separated: wan !== null };
    expect(settled(network, settings, waitedMs)).toBe(expected);
  });

  it.each([
    ["a split network that is not separated yet", split, false],
    ["a standard one that is separated still", dhcp, true],
  ])("%s has its addresses and is waited for, but not for ever", (_name, settings, separated) => {
    const network = { lan: somePort(), wan: somePort(), separated };
    expect([0, 14_999, 15_000].map((waitedMs) => settled(network, settings, waitedMs))).toEqual([false, false, true]);
    expect(settled({ ...network, separated: !separated }, settings, 0)).toBe(true);
  });
});
