import { describe, expect, it } from "vitest";
import { changed, words } from "../bench.ts";
import { asked, atItem, progressOf, walk } from "../flow.ts";
import { worldOf } from "../worlds.ts";

describe("IPv6-only mode", () => {
  const auto = worldOf("IPv6 only");
  const fixed = worldOf("a static IPv6 address");

  it("a static address is entered in either notation", () => {
    const bench = atItem(auto, "setup/static6-lan");
    bench.press("ENTER");
    bench.type("\u00152001:470:8418:ffe:250:56ff:feb3:b89\n");
    expect(bench.frame()).toMatchObject({
      screen: "lan6-static/prefix",
      lines: ["IPv6 PREFLEN ↑↓↵", "64              "],
    });
    bench.press("DOWN", "ENTER");
    bench.type("\u0015fe80::1\n\u00152001:DB8::0053\n\n");
    expect(words(bench.frame().lines)).toBe("REALLY SETUP STATIC LAN IPV6?");
    bench.press("ENTER");
    expect(changed(bench).lan.ipv6).toEqual({
      method: "static",
      address: "2001:470:8418:ffe:250:56ff:feb3:b89",
      prefixLength: 63,
      gateway: "fe80::1",
      dns: ["2001:db8::53"],
    });
    expect(progressOf(bench)).toBe("ENABLING STATIC IPv6 ON LAN");
  });

  it("a static address opens with the one in force", () => {
    const bench = atItem(fixed, "setup/static6-lan");
    bench.press("ENTER*7");
    expect(changed(bench)).toEqual(fixed.settings);
  });

  it.each<[string, string, string]>([
    ["no address", "\u0015z", "z is not allowed here"],
    ["a group of hosts", "\u0015ff02::1\n", "ff00::/8 is not for hosts"],
    ["a gateway outside", "\u00152001:db8:1::2\n\n\u00152001:db8:2::1\n", "Gateway not in the subnet"],
    ["no DNS", "\n\n\n\u0015\n", "IPv6 DNS1 is required"],
  ])("refuses %s", (_, typed, message) => {
    const bench = atItem(fixed, "setup/static6-lan");
    bench.press("ENTER");
    expect(words(bench.type(typed).lines)).toBe(message);
  });

  it("RENEW AUTO shows what the router announced, and asks the routers again where nothing is changed", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER");
    expect(bench.frame().lines).toEqual(["Auto v6 ADDR←→↑↵", "2001:db8:3c4d:15"]);
    bench.press("RIGHT*4");
    expect(bench.frame().lines[1]).toBe("56ff:feb3:b89".padStart(16, "2001:db8:3c4d:15:250:56ff:feb3:b89".slice(-16)));
    expect(walk(bench).slice(1)).toEqual([
      "lan6-auto/prefix 64",
      "lan6-auto/gateway fe80::1",
      "lan6-auto/dns1",
      "lan6-auto/dns2",
      "confirm/auto6-lan AUTO LAN IPV6?",
    ]);
    expect(asked(bench)).toEqual({
      type: "renew-lease",
      port: "lan",
      progress: { what: "change", id: "renew-auto6-lan", text: "RENEWING AUTO IPv6 ON LAN" },
    });
  });

  it("RENEW AUTO takes servers that are asked first, and gives them up", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER*4");
    bench.type("2001:db8::53\n\n\n");
    const { settings } = { settings: changed(bench) };
    expect(settings.lan.ipv6).toEqual({ method: "auto", dns: ["2001:db8::53"] });

    const again = atItem({ ...auto, settings }, "setup/auto6-lan");
    again.press("ENTER*4");
    again.type("\u0015\n\n\n");
    expect(changed(again)).toEqual(auto.settings);
  });

  it.each([0, 1, 2, 3])("UP quits at field %d, until something was done to it", (enters) => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press(`ENTER*${enters + 1}`);
    expect(bench.press("UP").screen).toBe("setup/auto6-lan");
  });

  it("UP turns the character at Manual DNS1 once it was touched", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER*4");
    bench.type("2");
    expect(bench.press("UP").screen).toBe("lan6-auto/dns1");
  });

  it("ENABLE AUTO asks for the servers alone: nothing is announced yet", () => {
    const bench = atItem(fixed, "setup/auto6-lan");
    bench.press("ENTER");
    expect(walk(bench)).toEqual(["lan6-auto/dns1", "lan6-auto/dns2", "confirm/auto6-lan AUTO LAN IPV6?"]);
    expect(changed(bench).lan.ipv6).toEqual({ method: "auto", dns: [] });
    expect(progressOf(bench)).toBe("ENABLING AUTO IPv6 ON LAN");
  });

  it("says none where no router has been heard", () => {
    const network = { ...auto.network, lan: { ...auto.network.lan, ipv6: [], gateway: null } };
    const bench = atItem({ ...auto, network }, "setup/auto6-lan");
    bench.press("ENTER");
    expect(walk(bench).slice(0, 3)).toEqual([
      "lan6-auto/address none",
      "lan6-auto/prefix none",
      "lan6-auto/gateway none",
    ]);
  });
});
