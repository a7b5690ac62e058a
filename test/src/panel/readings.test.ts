import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { bareFacts, fault, geometries, homeFacts, letters, panelBench, readOn, screens } from "./bench.ts";
import { worldOf } from "./worlds.ts";

const items = { information: 3, "last-errors": 5 };

/** Every page of a reading of the main menu, rows joined. */
function pages(facts: Facts, reading: keyof typeof items, geometry = { cols: 16, rows: 2 }): readonly string[] {
  const bench = panelBench({ ...facts, progress: null }, geometry);
  bench.press("ENTER", `DOWN*${items[reading]}`, "ENTER");
  bench.facts({ progress: facts.progress });
  const seen: string[] = [];
  for (let page = bench.frame(); ; page = bench.press("DOWN")) {
    const text = page.lines.map((line) => line.replace(/ *[←→↑↓↵↔↕]*$/, "")).join("|");
    if (seen.at(-1) === text) return seen;
    seen.push(text);
  }
}

const poll = {
  intervalSeconds: 180,
  lastAttempt: "2026-01-31T13:05:59.000Z",
  lastSuccess: "2026-01-30T09:00:00.000Z",
  next: "2026-01-31T13:08:00.000Z",
};

describe("INFORMATION", () => {
  it("tells a page each what the box is and uses", () => {
    expect(pages({ ...homeFacts, poll }, "information")).toEqual([
      "MODEL|QGSA-5120",
      "SERIAL|29001",
      "VERSION|0.1.0",
      "LAN MAC 02:|00:00:00:00:01",
      "LAN LINK|1000 Mbit/s full",
      "LAN IP|10.77.0.20",
      "LAN NETMASK|255.255.255.0",
      "LAN IPv6|2001:db8:3c4d:15",
      "LAN IPv6|:250:56ff:feb3:b",
      "LAN IPv6|89/64",
      "LAN GATEWAY|10.77.0.1",
      "LAN DNS1|10.77.0.2",
      "LAN DNS2|10.77.0.3",
      "WINS DOMAIN|lab.example",
      "LAN LEASE TO|01 Jan 01:00 UTC",
      "LAN DHCP|10.77.0.1",
      "LAST POLL|31 Jan 13:05 UTC",
      "LAST SUCCESS|30 Jan 09:00 UTC",
      "NEXT POLL|31 Jan 13:08 UTC",
    ]);
  });

  it("says what is missing", () => {
    const lan = { ...bareFacts.network.lan, mac: null, carrier: false, speedMbps: null, vlan: 20, wins: ["10.77.0.4"] };
    expect(pages({ ...bareFacts, network: { lan, wan: null, separated: false } }, "information").slice(3)).toEqual([
      "LAN MAC|unknown",
      "LAN LINK|down",
      "LAN VLAN|20",
      "LAN IP|none",
      "LAN GATEWAY|none",
      "LAN DNS|none",
      "LAN WINS1|10.77.0.4",
      "LAST POLL|none",
      "LAST SUCCESS|none",
      "NEXT POLL|none",
    ]);
  });

  it("tells WAN and the proxy where they are, and IPv6 alone in its mode", () => {
    const facts = worldOf("a split network");
    const wan = { ...facts.network.lan, ipv4: ["192.0.2.77/24"], domain: "isp.example" };
    const split = pages({ ...facts, network: { ...facts.network, wan } }, "information");
    expect(split).toContain("WAN IP|192.0.2.77");
    expect(split.filter((page) => /DHCP/.test(page))).toEqual(["LAN DHCP|10.77.0.1", "WAN DHCP|10.77.0.1"]);
    expect(split.filter((page) => /DOMAIN/.test(page))).toEqual(["WINS DOMAIN|lab.example"]);
    expect(pages(worldOf("a proxy"), "information")).toContain("PROXY|proxy.example");
    const ipv6 = pages({ ...bareFacts, settings: factorySettings("ipv6-only") }, "information");
    expect(ipv6).toContain("LAN IPv6|none");
    expect(ipv6.join()).not.toContain("LAN IP|");
  });

  it("holds more on a larger glass", () => {
    expect(pages(homeFacts, "information", { cols: 20, rows: 4 })).toContain(
      "LAN IPv6|2001:db8:3c4d:15:250|:56ff:feb3:b89/64|",
    );
  });

  it("numbers its pages and goes back to its item", () => {
    const bench = panelBench(homeFacts);
    expect(screens(bench, "ENTER DOWN DOWN DOWN ENTER DOWN DOWN UP ENTER").slice(3)).toEqual([
      "main/information",
      "information/1",
      "information/2",
      "information/3",
      "information/2",
      "main/information",
    ]);
    expect(screens(bench, "ENTER UP UP")).toEqual(["information/1", "main/information", "main/system-shutdown"]);
  });
});

describe("LAST ERRORS", () => {
  it("tells the newest first, with time and the code of the older models", () => {
    expect(pages(worldOf("an error"), "last-errors")).toEqual([
      "LAN has no|DNS servers",
      "2026-01-31|13:05 UTC E05",
      "Error connect|to server (07)",
      "2026-01-01|00:00 UTC",
    ]);
  });

  it.each(["RIGHT", "ENTER"])("opens by %s what was found, what to do, and when it was over", (key) => {
    const bench = panelBench(worldOf("an error"));
    bench.press("ENTER", "DOWN*5", "ENTER", "DOWN*2");
    expect(bench.frame()).toMatchObject({ screen: "last-errors/3", lines: ["Error connect↔↕↵", "to server (07)  "] });
    bench.press(key);
    expect(readOn(bench)).toBe(
      letters(
        "platform.example: connection refused by 192.0.2.1 port 443",
        "Check that the firewall lets the box out to port 443.",
        "UNTIL 2026-01-01 00:03 UTC",
      ),
    );
    expect(bench.press("LEFT").screen).toBe("last-errors/3");
    bench.press("UP", key);
    expect(readOn(bench)).toMatch(/^E05platform.example:.*NOTOVERYET$/);
    expect(bench.press("ENTER").screen).toBe("last-errors/2");
  });

  it("keeps what was opened when another error comes, and is left for good by LEFT", () => {
    const bench = panelBench(worldOf("an error"));
    const { lines } = bench.press("ENTER", "DOWN*5", "ENTER*2");
    const newer = fault("Duplicate IP detected", { detail: "another one" });
    expect(bench.facts({ faults: [newer, ...worldOf("an error").faults] }).lines).toEqual(lines);
    expect(bench.press("LEFT", "LEFT").screen).toBe("main/last-errors");
  });

  it("opens nothing where there is none", () => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER", "DOWN*5", "ENTER");
    expect(bench.press("RIGHT").screen).toBe("last-errors/1");
    expect(bench.press("ENTER").screen).toBe("main/last-errors");
  });

  it("says that there are none", () => expect(pages(homeFacts, "last-errors")).toEqual(["NO ERRORS|"]));

  it("holds fifty", () => {
    const faults = Array.from({ length: 50 }, () => fault("LAN has no DNS servers"));
    const bench = panelBench({ ...homeFacts, faults });
    bench.press("ENTER", "DOWN*5", "ENTER", "DOWN*200");
    expect(bench.frame().screen).toBe("last-errors/100");
  });
});

it.each(geometries)("headings leave room for all indicators on $cols x $rows", (geometry) => {
  for (const facts of [worldOf("a static WAN"), worldOf("IPv6 only"), { ...homeFacts, poll }]) {
    const bench = panelBench(facts, geometry);
    bench.press("ENTER", "DOWN*3", "ENTER");
    for (let page = 0; page < 40; page += 1) {
      expect(bench.frame().lines[0]).toMatch(/ ?←↑↓?↵$/);
      expect(bench.frame().lines[0]).toHaveLength(geometry.cols);
      bench.press("DOWN");
    }
  }
});
