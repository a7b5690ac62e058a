import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../src/config/load.ts";
import { lanPorts, rulesetOf, scanRulesetOf, strictest } from "../../../src/helper/ruleset.ts";
import { vlanInterface } from "../../../src/model/vlan-interface.ts";

describe("the packet filter", () => {
  it("is as it was judged", async () => {
    await expect(rulesetOf({ lan: "eth0", wan: "eth1", ping: true })).toMatchFileSnapshot("golden/machine.nft");
    await expect(scanRulesetOf({ ping: true })).toMatchFileSnapshot("golden/scan.nft");
  });

  it("names no protocol that has to be looked up in a file that a box may lack", () => {
    for (const text of [rulesetOf(strictest), scanRulesetOf(strictest)]) {
      const [, names = ""] = /l4proto \{ (.*) \}/.exec(text) ?? [];
      expect(names.split(", ")).toEqual(["icmp", "icmpv6"]);
      // With its number, as all other ports here, and not with a name of /etc/services.
      for (const [, port] of text.matchAll(/[sd]port (\S+)/g)) expect(port).toMatch(/^\d+$/);
    }
  });

  it("answers no ping where that is not wanted, and is the same otherwise", () => {
    for (const text of [rulesetOf, scanRulesetOf]) {
      const quiet = text({ lan: "eth0", wan: "eth1", ping: false });
      expect(quiet).not.toMatch(/echo-request .*accept/);
      const withPing = text({ lan: "eth0", wan: "eth1", ping: true });
      expect(withPing.split("\n").filter((line) => !/echo-request .*accept/.test(line))).toEqual(quiet.split("\n"));
    }
  });

  it("at its strictest names the configuration's default ports", () => {
    const { lan, wan } = defaultConfig().network;
    expect(strictest).toEqual({ lan, wan, ping: false });
  });

  it("knows each tagged network of LAN by its interface, and no neighbour of LAN's name", () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9]{0,14}$/).filter((name) => !name.startsWith("vlan"));
    const matches = (lan: string, name: string) =>
      lanPorts(lan).some((port) => (port.endsWith("*") ? name.startsWith(port.slice(0, -1)) : name === port));
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 4094 }), (lan, tag) => {
        expect(matches(lan, lan)).toBe(true);
        expect(matches(lan, vlanInterface(lan, tag))).toBe(true);
        expect(matches(lan, `${lan}0`)).toBe(false);
      }),
    );
    for (let length = 1; length <= 15; length++) {
      const lan = "x".repeat(length);
      for (const tag of [1, 10, 100, 1000])
        expect(matches(lan, vlanInterface(lan, tag)), `${length} ${tag}`).toBe(true);
    }
    expect(lanPorts("lan0")).toEqual(["lan0", "lan0.*"]);
    expect(lanPorts("enp0s31f6np0")).toEqual(["enp0s31f6np0", "enp0s31f6np0.*", "vlan*"]);
    expect(lanPorts("fifteen-letters")).toEqual(["fifteen-letters", "vlan*"]);
  });
});
