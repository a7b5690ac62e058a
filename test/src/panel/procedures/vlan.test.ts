import { describe, expect, it } from "vitest";
import type { Facts } from "../../../../src/model/facts.ts";
import { changed, homeFacts, words } from "../bench.ts";
import { atItem, progressOf } from "../flow.ts";
import { worldOf } from "../worlds.ts";

describe("VLAN on LAN", () => {
  it.each<[string, Facts, string, number]>([
    ["enabled", homeFacts, "0020", 20],
    ["the last one", homeFacts, "4094", 4094],
    ["changed", worldOf("a VLAN on a lease"), "0007", 7],
    ["disabled", worldOf("a VLAN on a static address"), "0000", 0],
  ])("is %s by ENTER, without a question", (_, facts, typed, vlan) => {
    const bench = atItem(facts, "setup/vlan");
    bench.press("ENTER");
    expect(bench.frame()).toMatchObject({ screen: "vlan/id", cursor: { row: 1, col: 0 } });
    expect(bench.type(`${typed}\n`).screen).toBe("home");
    expect(changed(bench)).toEqual({ ...facts.settings, lan: { ...facts.settings.lan, vlan } });
    expect(progressOf(bench)).toBe("SETTING VLAN ON LAN");
  });

  it("opens with 0000, or the one that is set, and refuses more than 4094", () => {
    expect(words(atItem(homeFacts, "setup/vlan").press("ENTER").lines)).toBe("VLAN 0-4094 0000");
    const bench = atItem(worldOf("a VLAN on a lease"), "setup/vlan");
    expect(words(bench.press("ENTER").lines)).toBe("VLAN 0-4094 0020");
    expect(words(bench.type("4095\n").lines)).toBe("VLAN is 0 to 4094");
    expect(bench.press("UP").screen).toBe("setup/vlan");
    expect(bench.effects()).toEqual([]);
  });

  it("is set with the arrows", () => {
    const bench = atItem(homeFacts, "setup/vlan");
    bench.press("ENTER", "RIGHT*2", "UP*2", "RIGHT", "DOWN", "ENTER");
    expect(changed(bench).lan.vlan).toBe(29);
  });
});
