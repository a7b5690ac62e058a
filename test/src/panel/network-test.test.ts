import { describe, expect, it } from "vitest";
import type { NetworkTest } from "../../../src/model/network-test.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { someTest, splitRows, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { fault, homeFacts, letters, type PanelBench, panelBench, readOn } from "./bench.ts";

/** A panel on which TEST NETWORK was chosen; the test has come so far. The time is 1000 ms. */
function testing(test: NetworkTest | null, glass: Glass = { cols: 16, rows: 2 }): PanelBench {
  const bench = panelBench(homeFacts, glass);
  bench.press("ENTER", "DOWN*4", "ENTER");
  bench.facts({ test });
  return bench;
}

/** The pages from the one that is seen on, rows joined, without indicators. */
function pages(bench: PanelBench): readonly string[] {
  const seen: string[] = [];
  for (let frame = bench.frame(); ; frame = bench.press("DOWN")) {
    const text = frame.lines.map((line) => line.replace(/[←→↑↓↵↔↕]*$/, "").trimEnd()).join("|");
    if (seen.includes(text)) return seen;
    seen.push(text);
  }
}

const dead = fault("Timeout was reached (28)", { detail: "platform.example: timed out", next: "Ask." });

describe("TEST NETWORK", () => {
  it("asks for a test when it is opened, and again by ENTER, wherever it stands", () => {
    const bench = testing(null);
    expect(bench.frame()).toMatchObject({ screen: "test-network", lines: ["TESTING      ←↑↵", "NETWORK         "] });
    bench.press("ENTER");
    bench.facts({ test: testAt("dns", 1000) });
    bench.press("ENTER");
    bench.facts({ test: someTest() });
    bench.press("DOWN*3", "ENTER");
    expect(bench.effects()).toEqual(new Array(4).fill({ type: "test-network" }));
    expect(bench.frame().lines).toEqual(["NETWORK IS  ←↑↓↵", "FINE            "]);
  });

  it("follows the rung that is climbed, and counts its seconds", () => {
    const bench = testing(testAt("carrier", 1000));
    expect(bench.frame().lines).toEqual(["LAN CABLE    ←↑↵", "TESTING 0 s     "]);
    bench.later(200);
    expect(bench.facts({ test: testAt("dns", 1200) }).lines).toEqual(["DNS         ←↑↓↵", "TESTING 0 s     "]);
    expect(bench.wakeAt()).toBe(2200);
    expect(bench.later(11_999).lines[1]).toBe("TESTING 11 s    ");
    expect(bench.later(1).lines[1]).toBe("TESTING 12 s    ");
    expect(bench.wakeAt()).toBe(14_200);
    expect(bench.facts({ test: testAt("connect", 13_200) }).lines).toEqual(["CONNECT     ←↑↓↵", "TESTING 0 s     "]);
    expect(bench.facts({ test: someTest() }).lines).toEqual(["NETWORK IS  ←↑↓↵", "FINE            "]);
    // The panel's own time, after which it goes back to the status screen.
    expect(bench.wakeAt()).toBe(301_000);
  });

  it("stays where a person has turned to, goes on with the test from the newest page, and ends with the verdict", () => {
    const bench = testing(testAt("connect", 1000));
    expect(bench.press("DOWN").lines[0]).toBe("LAN CABLE  ←→↑↓↵");
    expect(bench.press("DOWN").lines[0]).toBe("LAN ADDRESS←→↑↓↵");
    expect(bench.facts({ test: testAt("tls", 1000) }).lines[0]).toBe("LAN ADDRESS←→↑↓↵");
    expect(bench.press("UP").lines[0]).toBe("LAN CABLE  ←→↑↓↵");
    expect(bench.press("DOWN*6").lines[0]).toBe("TLS         ←↑↓↵");
    expect(bench.facts({ test: testAt("http", 1000) }).lines[0]).toBe("HTTP        ←↑↓↵");
    bench.press("DOWN*2");
    expect(bench.facts({ test: testBrokenAt("http", 30_001, dead) }).lines).toEqual([
      "Timeout was ←↑↓↵",
      "reached (28)    ",
    ]);
    expect(bench.effects()).toHaveLength(1);
  });

  it("tells what was found rung by rung", () => {
    expect(pages(testing(someTest()))).toEqual([
      "NETWORK IS|FINE",
      "LAN CABLE|ok 1000 Mbit/s",
      "LAN ADDRESS|ok 10.77.0.20",
      "LAN GATEWAY|ok 10.77.0.1",
      "DNS SERVERS|ok 10.77.0.2",
      "DNS|ok 12 ms",
      "CONNECT|ok 9 ms",
      "TLS|ok 31 ms Example",
      "HTTP|ok 1.4 s",
      "PLATFORM|ok 2 ms is_box",
    ]);
  });

  it("tells the verdict in full, then how far the way is good", () => {
    expect(pages(testing(testBrokenAt("connect", 30_001, { ...dead, legacyCode: "E06" })))).toEqual([
      "Timeout was|reached (28)",
      "E06|platform.example",
      ": timed out|",
      "Ask.|",
      ...["LAN CABLE|ok 1000 Mbit/s", "LAN ADDRESS|ok 10.77.0.20", "LAN GATEWAY|ok 10.77.0.1"],
      ...["DNS SERVERS|ok 10.77.0.2", "DNS|ok 12 ms", "CONNECT|FAIL 30.0 s"],
    ]);
  });

  it("has a page for what only the box itself has to say when that is wrong", () => {
    const taken = fault("Duplicate IP detected", { detail: "LAN 10.77.0.20 is used by 02:00:00:00:00:09" });
    expect(pages(testing(testBrokenAt("duplicate", 0, taken))).slice(-2)).toEqual([
      "LAN CABLE|ok 1000 Mbit/s",
      "LAN ADDRESS|FAIL LAN",
    ]);
  });

  it("gives the prefix length up for an address that has no room beside it", () => {
    const test = someTest();
    const lan = (detail: string) => ({ rung: "address" as const, port: "lan" as const, ok: true, ms: 0, detail });
    const shown = (detail: string) => pages(testing({ ...test, rungs: [lan(detail)] })).at(-1);
    expect(shown("10.77.0.20/24")).toBe("LAN ADDRESS|ok 10.77.0.20/24");
    expect(shown("10.77.0.200/24 from 10.77.0.1")).toBe("LAN ADDRESS|ok 10.77.0.200");
    expect(shown("HTTP/200 and much more than that")).toBe("LAN ADDRESS|ok HTTP/200 and");
  });

  it("shows LAN before WAN in a split network", () => {
    const bench = testing(testAt("connect", 1000, splitRows));
    bench.press("DOWN");
    expect(pages(bench).map((page) => page.split("|")[0])).toEqual([
      ...["LAN CABLE", "LAN ADDRESS", "LAN GATEWAY", "WAN CABLE", "WAN ADDRESS", "WAN GATEWAY"],
      ...["DNS SERVERS", "DNS", "CONNECT"],
    ]);
  });

  it.each<[string, Partial<NetworkTest>, string]>([
    ["refused", { state: "refused", reason: "a change is being made" }, "NOT TESTED: a change is being made"],
    ["ended by something else", { state: "canceled", reason: "going down" }, "TEST ENDED: going down"],
    ["ended by a person", { state: "canceled" }, "TEST ENDED"],
  ])("says that it was %s", (_, change, text) => {
    expect(readOn(testing(someTest({ ...change, rungs: [] })))).toBe(letters(text));
  });

  it("opens all of what a page has no room for", () => {
    const bench = testing(someTest());
    bench.press("DOWN*5");
    expect(bench.frame().lines).toEqual(["DNS        ←→↑↓↵", "ok 12 ms        "]);
    expect(bench.press("RIGHT").screen).toBe("test-network/detail");
    expect(readOn(bench)).toBe(letters("DNS ok 12 ms platform.example is 203.0.113.9, says 10.77.0.2"));
    expect(bench.press("LEFT").lines).toEqual(["DNS        ←→↑↓↵", "ok 12 ms        "]);
    bench.press("UP*2");
    expect(bench.press("RIGHT")).toMatchObject({
      screen: "test-network",
      lines: ["LAN GATEWAY ←↑↓↵", "ok 10.77.0.1    "],
    });
    expect(bench.effects()).toHaveLength(1);
  });

  it("holds more on a larger glass", () => {
    const bench = testing(someTest(), { cols: 20, rows: 4 });
    expect(bench.press("DOWN*5").lines).toEqual([
      "DNS            ←→↑↓↵",
      "ok 12 ms            ",
      "platform.example is ",
      "203.0.113.9, says   ",
    ]);
  });

  it("needs no LEFT and RIGHT", () => {
    const bench = testing(someTest(), { cols: 16, rows: 2, keys: 4 });
    expect(bench.press("DOWN*5").lines).toEqual(["DNS          ↑↓↵", "ok 12 ms        "]);
    expect(bench.press("ENTER").screen).toBe("test-network/detail");
    expect(bench.press("UP").screen).toBe("test-network");
    bench.press("UP*5");
    expect(bench.effects()).toHaveLength(1);
    bench.press("ENTER");
    expect(bench.effects()).toHaveLength(2);
    expect(bench.press("UP").screen).toBe("main/test-network");
  });

  it("tells of the ports that the settings have, in IPv6-only mode too", () => {
    const bench = testing(testAt("address", 1000));
    bench.facts({ settings: factorySettings("ipv6-only") });
    expect(bench.frame().lines[0]).toBe("LAN ADDRESS ←↑↓↵");
  });
});

describe("leaving TEST NETWORK", () => {
  it.each(["UP", "LEFT"])("by %s ends a test that goes on", (key) => {
    const bench = testing(testAt("connect", 1000));
    expect(bench.press(key).screen).toBe("main/test-network");
    expect(bench.effects().slice(1)).toEqual([{ type: "end-test" }]);
  });

  it("by LEFT ends it from a page that was turned to, by UP from the first one", () => {
    const bench = testing(testAt("connect", 1000));
    bench.press("DOWN*2", "UP");
    expect(bench.effects()).toHaveLength(1);
    expect(bench.press("UP").screen).toBe("main/test-network");
    expect(bench.effects().slice(1)).toEqual([{ type: "end-test" }]);
    const other = testing(testAt("connect", 1000));
    other.press("DOWN*2");
    expect(other.press("LEFT").screen).toBe("main/test-network");
    expect(other.effects().slice(1)).toEqual([{ type: "end-test" }]);
  });

  it("ends nothing that has ended", () => {
    const bench = testing(someTest());
    expect(bench.press("UP").screen).toBe("main/test-network");
    expect(bench.effects()).toHaveLength(1);
  });

  it("happens by itself after a while without a key, and never while the display would go dark on a test", () => {
    const bench = panelBench(homeFacts, { cols: 16, rows: 2 }, { blankMs: 10_000 });
    bench.press("ENTER", "DOWN*4", "ENTER");
    bench.facts({ test: testAt("connect", 1000) });
    expect(bench.later(60_000).blank).toBe(false);
    bench.facts({ test: someTest() });
    expect(bench.later(9_000).blank).toBe(false);
    expect(bench.later(1_000).blank).toBe(true);
    expect(bench.later(300_000).screen).toBe("home");
  });
});
