import { describe, expect, it } from "vitest";
import { linkModes } from "../../../../hal/ethernet.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import { changed, homeFacts, screens, words } from "../bench.ts";
import { asked, atItem } from "../flow.ts";
import { wanIpv4, worldOf } from "../worlds.ts";

describe("port links", () => {
  const labels = ["AUTO", "1GbaseT/Full", "100baseT/Full", "100baseT/Half", "10baseT/Full", "10baseT/Half"];
  const open = (facts: Facts) => {
    const bench = atItem(facts, "setup/ports");
    bench.press("ENTER");
    return bench;
  };

  it.each(linkModes.map((mode, index) => [mode, labels[index] ?? "", index] as const))(
    "%s is %s after %d RIGHT, and asked for",
    (mode, label, index) => {
      const bench = open(homeFacts);
      if (index > 0) bench.press(`RIGHT*${index}`);
      expect(words(bench.frame().lines)).toBe(`LAN PORT LINK ${label}`);
      expect(words(bench.press("ENTER").lines)).toBe(`REALLY SET LAN TO ${label}`);
      expect(bench.frame().screen).toBe("confirm/lan-link");
      bench.press("ENTER");
      expect(changed(bench).lan).toEqual({ ...homeFacts.settings.lan, link: mode });
    },
  );

  it("go round by LEFT too, and UP quits", () => {
    const bench = open(homeFacts);
    expect(words(bench.press("LEFT").lines)).toBe("LAN PORT LINK 10baseT/Half");
    expect(screens(bench, "DOWN UP UP")).toEqual(["ports/lan", "setup/ports", "setup/proxy"]);
  });

  it("WAN's stands below LAN's in a split network, with the setting in effect", () => {
    const bench = open(worldOf("a static WAN"));
    expect(bench.frame().lines[0]).toBe("LAN PORT LINK↔↕↵");
    expect(bench.press("DOWN")).toMatchObject({ screen: "ports/wan", lines: ["WAN PORT LINK↔↑↵", "100baseT/Full   "] });
    expect(screens(bench, "UP UP")).toEqual(["ports/lan", "setup/ports"]);
    bench.press("ENTER", "DOWN", "RIGHT", "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY SET WAN TO 100baseT/Half");
    bench.press("ENTER");
    expect(changed(bench).wan).toEqual({ link: "100/half", ipv4: wanIpv4 });
  });

  it("ENTER asks the guide's question, also where LAN's is left as it is", () => {
    expect(screens(open(worldOf("a split network")), "ENTER UP ENTER DOWN ENTER")).toEqual([
      "confirm/lan-link",
      "setup/ports",
      "ports/lan",
      "ports/wan",
      "confirm/wan-link",
    ]);
  });

  it("WAN's follows ENTER on four keys where LAN's is left as it is", () => {
    const bench = atItem(worldOf("a split network"), "setup/ports", { cols: 16, rows: 2, keys: 4 });
    expect(screens(bench, "ENTER ENTER ENTER")).toEqual(["ports/lan", "ports/wan", "confirm/wan-link"]);
  });

  it("LAN's stands again when it was set, as the guide goes on from there to WAN's", () => {
    const facts = worldOf("a split network");
    const bench = open(facts);
    bench.press("RIGHT", "ENTER", "ENTER");
    const effect = asked(bench);
    if (effect?.type !== "change-settings") throw new Error("no change");
    expect(bench.facts({ progress: effect.progress })).toMatchObject({
      screen: "progress/lan-link",
      lines: ["SETTING LAN PORT", "LINK            "],
    });
    expect(screens(bench, "ENTER DOWN UP")).toEqual(["progress/lan-link", "progress/lan-link", "progress/lan-link"]);
    bench.facts({ settings: effect.settings });
    expect(bench.facts({ progress: { what: "contacting" } })).toMatchObject({
      screen: "ports/lan",
      lines: ["LAN PORT LINK↔↕↵", "1GbaseT/Full    "],
    });
    expect(bench.press("DOWN").screen).toBe("ports/wan");
    expect(bench.facts({ progress: { what: "rebooting" } }).screen).toBe("rebooting");
    expect(bench.facts({ progress: null }).screen).toBe("home");
  });

  it("WAN's is left when WAN goes", () => {
    const bench = open(worldOf("a split network"));
    bench.press("DOWN");
    expect(bench.facts({ settings: homeFacts.settings }).screen).toBe("setup/ports");
  });
});
