import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import { noScanSettings, type ScanSettings } from "../../../src/model/scan.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { someRoute, someVlan } from "../../support/some-scans.ts";
import { anySettings } from "../../support/some-settings.ts";
import { changed, homeFacts, screens, staticIpv4, withLan, words } from "./bench.ts";
import { asked, atItem, progressOf } from "./flow.ts";
import { worldOf } from "./worlds.ts";

describe("WAN by DHCP, and off", () => {
  const inMenu = (facts: Facts, ...keys: readonly string[]) => {
    const bench = atItem(facts, "setup/wan");
    bench.press("ENTER", ...keys);
    return bench;
  };

  it("is enabled after a question, and two UP end in SETUP NETWORK", () => {
    const bench = inMenu(homeFacts, "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY ENABLE DHCP ON WAN?");
    expect(screens(bench, "UP UP")).toEqual(["wan/dhcp", "setup/wan"]);
    bench.press("ENTER*3");
    expect(changed(bench)).toEqual({ ...homeFacts.settings, wan: { link: "auto", ipv4: { method: "dhcp" } } });
    expect(progressOf(bench)).toBe("ENABLING DHCP ON WAN");
  });

  it("keeps the link of a WAN that changes from a static address", () => {
    const bench = inMenu(worldOf("a static WAN"), "ENTER", "ENTER");
    expect(changed(bench).wan).toEqual({ link: "100/full", ipv4: { method: "dhcp" } });
  });

  it("is renewed without a question", () => {
    const bench = inMenu(worldOf("a split network"), "ENTER");
    expect(asked(bench)).toEqual({
      type: "renew-lease",
      port: "wan",
      progress: { what: "change", id: "renew-dhcp-wan", text: "RENEWING DHCP ON WAN" },
    });
  });

  it("is switched off", () => {
    const bench = inMenu(worldOf("a split network"), "DOWN*2", "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY DISABLE WAN?");
    bench.press("ENTER");
    expect(changed(bench)).toEqual(homeFacts.settings);
  });
});

describe("reset and restore", () => {
  it("all settings go, the mode stays, and so goes every secret", () => {
    for (const name of ["a proxy", "a static WAN", "a static IPv6 address"]) {
      const facts = worldOf(name);
      const bench = atItem(facts, "setup/reset");
      expect(screens(bench, "ENTER ENTER UP ENTER")).toEqual([
        "reset/all",
        "confirm/reset-all",
        "reset/all",
        "confirm/reset-all",
      ]);
      expect(words(bench.frame().lines)).toBe("REALLY RESET ALL SETTINGS?");
      bench.press("ENTER");
      expect(asked(bench)).toEqual({
        type: "change-settings",
        settings: factorySettings(facts.settings.mode),
        secrets: "forget",
        progress: { what: "change", id: "reset-all", text: "RESETTING ALL SETTINGS" },
      });
    }
  });

  it.each([
    ["a proxy", "RESET TO IPv6 ONLY MODE?", "REALLY RESET TO IPv6 ONLY?", "ipv6-only"],
    ["IPv6 only", "RESET TO IPv4+v6 MODE?", "REALLY RESET TO IPv4+v6?", "ipv4+v6"],
  ] as const)("%s: %s asks once more", (name, label, prompt, mode) => {
    const bench = atItem(worldOf(name), "setup/reset");
    expect(words(bench.press("ENTER", "DOWN").lines)).toBe(label);
    expect(words(bench.press("ENTER").lines)).toBe(prompt);
    expect(screens(bench, "UP UP UP")).toEqual(["reset/mode", "reset/all", "setup/reset"]);
    bench.press("ENTER", "DOWN", "ENTER", "ENTER");
    expect(asked(bench)).toMatchObject({ settings: factorySettings(mode), secrets: "forget" });
  });

  it("brings the last settings that reached the platform back", () => {
    const facts = worldOf("other settings that were good");
    const bench = atItem(facts, "setup/restore");
    expect(words(bench.press("ENTER").lines)).toBe("REALLY RESTORE LAST GOOD?");
    bench.press("ENTER");
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: facts.lastGood,
      progress: { what: "change", id: "restore", text: "RESTORING LAST GOOD SETTINGS" },
    });
  });

  const scan: ScanSettings = { revision: 8, vlans: [someVlan(20)], routes: [someRoute(1, 20)] };
  const ordering = (facts: Facts): Facts => ({ ...facts, settings: { ...facts.settings, scan } });

  it("brings the last good settings back with what the platform orders now, not with what it ordered then", () => {
    const facts = ordering(worldOf("other settings that were good"));
    const bench = atItem(facts, "setup/restore");
    bench.press("ENTER", "ENTER");
    expect(facts.lastGood?.scan).toEqual(noScanSettings);
    expect(changed(bench)).toEqual({ ...facts.lastGood, scan });
  });

  it("is not offered when the platform's order alone is another one", () => {
    const facts = ordering({ ...homeFacts, lastGood: homeFacts.settings });
    expect(() => atItem(facts, "setup/restore")).toThrow("no item");
  });

  it("a reset forgets what the platform ordered, so that it comes again", () => {
    fc.assert(
      fc.property(anySettings, fc.boolean(), (settings, toOtherMode) => {
        const bench = atItem({ ...homeFacts, settings }, "setup/reset");
        bench.press("ENTER", ...(toOtherMode ? ["DOWN"] : []), "ENTER", "ENTER");
        expect(changed(bench).scan).toEqual({ revision: null, vlans: [], routes: [] });
      }),
    );
  });

  it("does not offer settings that are in force, or that would be refused today", () => {
    const bad = withLan({ ...staticIpv4, gateway: "10.88.0.1" }).settings;
    for (const lastGood of [null, homeFacts.settings, bad]) {
      expect(() => atItem({ ...homeFacts, lastGood }, "setup/restore")).toThrow("no item");
    }
  });
});
