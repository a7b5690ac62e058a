import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factorySettings, type Settings } from "../../../../src/model/settings.ts";
import { scanWishOf } from "../../../../src/network/scan/wish.ts";
import { someRoute, someVlan } from "../../../support/some-scans.ts";
import { anySettings } from "../../../support/some-settings.ts";

const withVlan = (vlan: number, scan: Partial<Settings["scan"]>): Settings => {
  const settings = factorySettings();
  return { ...settings, lan: { ...settings.lan, vlan }, scan: { ...settings.scan, ...scan } };
};

describe("what the namespace of the scans is to hold", () => {
  const byLan = someRoute(3, 30, { gateway: "10.77.0.1", via: "lan" });
  const byWan = someRoute(4, 30, { gateway: "10.88.0.1", via: "wan" });
  const scan = { vlans: [someVlan(30), someVlan(31)], routes: [someRoute(1, 30), byLan, someRoute(2, 31), byWan] };

  it("is every VLAN, and the routes by them; those by a port are the port's", () => {
    expect(scanWishOf(withVlan(0, scan))).toEqual({ vlans: scan.vlans, routes: [someRoute(1, 30), someRoute(2, 31)] });
  });

  it("is not the VLAN that the panel has, nor what hangs on it", () => {
    expect(scanWishOf(withVlan(30, scan))).toEqual({ vlans: [someVlan(31)], routes: [someRoute(2, 31)] });
  });

  it("is no route by a VLAN that is not there", () => {
    expect(scanWishOf(withVlan(0, { vlans: [], routes: [someRoute(1, 30)] }))).toEqual({ vlans: [], routes: [] });
  });

  it("never has a tag twice on the port", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { vlans, routes } = scanWishOf(settings);
        const tags: readonly (number | string)[] = vlans.map(({ tag }) => tag);
        expect(tags).not.toContain(settings.lan.vlan);
        expect(routes.every(({ via }) => tags.includes(via))).toBe(true);
      }),
    );
  });
});
