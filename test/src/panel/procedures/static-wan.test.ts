import { describe, expect, it } from "vitest";
import type { Facts } from "../../../../src/model/facts.ts";
import { changed, staticIpv4, withLan } from "../bench.ts";
import { atItem, progressOf, walk } from "../flow.ts";
import { wanIpv4, worldOf } from "../worlds.ts";

describe("static IP on WAN", () => {
  const open = (facts: Facts) => {
    const bench = atItem(facts, "setup/wan");
    bench.press("ENTER", "DOWN", "ENTER");
    return bench;
  };

  it("asks for what management needs, and not for WINS and domain", () => {
    const bench = open(worldOf("a static WAN"));
    expect(walk(bench)).toEqual([
      "begin/static-wan NETWORK PARAMS?",
      "wan-static/address 192.000.002.020",
      "wan-static/netmask 255.255.255.128",
      "wan-static/gateway 192.000.002.001",
      "wan-static/dns1 192.000.002.053",
      "wan-static/dns2 000.000.000.000",
      "confirm/static-wan STATIC NETWORK?",
    ]);
    expect(changed(bench)).toEqual(worldOf("a static WAN").settings);
    expect(progressOf(bench)).toBe("ENABLING STATIC IP ON WAN");
  });

  it("opens with what WAN's lease brought", () => {
    const bench = open(worldOf("a split network"));
    bench.press("ENTER*7");
    expect(changed(bench).wan).toEqual({
      link: "auto",
      ipv4: { ...wanIpv4, address: "192.0.2.77", prefixLength: 24 },
    });
  });

  it("turns WAN on, LAN as it was", () => {
    const bench = open(withLan(staticIpv4));
    bench.press("ENTER");
    bench.type("192.0.2.20\n");
    bench.press("UP");
    bench.type("\n192.0.2.1\n192.0.2.53\n\n\n");
    expect(changed(bench)).toEqual({ ...withLan(staticIpv4).settings, wan: { link: "auto", ipv4: wanIpv4 } });
  });
});
