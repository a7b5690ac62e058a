import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { menus, offeredItems } from "../../../src/panel/menus.ts";
import { procedures } from "../../../src/panel/procedures.ts";
import { bareFacts, homeFacts, panelBench, screens, staticIpv4, withLan, words } from "./bench.ts";
import { worldOf, worlds } from "./worlds.ts";

const staticFacts = withLan(staticIpv4);

describe("menus", () => {
  it.each<[string, Facts, string, readonly string[]]>([
    ["ENTER opens the main menu", homeFacts, "ENTER", ["main/setup-network"]],
    ["DOWN does too", homeFacts, "DOWN", ["main/setup-network"]],
    ["UP, LEFT and RIGHT do nothing at home", homeFacts, "UP LEFT RIGHT", ["home", "home", "home"]],
    [
      "down the main menu, without wrapping",
      homeFacts,
      "ENTER DOWN DOWN DOWN DOWN DOWN DOWN DOWN",
      [
        "main/setup-network",
        "main/system-reboot",
        "main/system-shutdown",
        "main/information",
        "main/test-network",
        "main/last-errors",
        "main/exit",
        "main/exit",
      ],
    ],
    [
      "UP at the first item leaves",
      homeFacts,
      "ENTER DOWN UP UP",
      ["main/setup-network", "main/system-reboot", "main/setup-network", "home"],
    ],
    [
      "VLAN is reached by one DOWN, and UP at the first item of SETUP NETWORK goes one level back",
      homeFacts,
      "ENTER ENTER DOWN UP UP",
      ["main/setup-network", "setup/dhcp-lan", "setup/vlan", "setup/dhcp-lan", "main/setup-network"],
    ],
    [
      "UP at a last question goes to the item",
      homeFacts,
      "ENTER DOWN ENTER UP",
      ["main/setup-network", "main/system-reboot", "confirm/reboot", "main/system-reboot"],
    ],
    [
      "UP at the first question too",
      homeFacts,
      "ENTER ENTER DOWN DOWN ENTER UP",
      [
        "main/setup-network",
        "setup/dhcp-lan",
        "setup/vlan",
        "setup/static-lan",
        "begin/static-lan",
        "setup/static-lan",
      ],
    ],
    [
      "ENABLE DHCP asks",
      staticFacts,
      "ENTER ENTER ENTER LEFT DOWN UP",
      [
        "main/setup-network",
        "setup/dhcp-lan",
        "confirm/dhcp-lan",
        "confirm/dhcp-lan",
        "confirm/dhcp-lan",
        "setup/dhcp-lan",
      ],
    ],
    ["RENEW does not", homeFacts, "ENTER ENTER ENTER", ["main/setup-network", "setup/dhcp-lan", "home"]],
  ])("%s", (_, facts, keys, expected) => expect(screens(panelBench(facts), keys)).toEqual(expected));

  const below = (facts: Facts, ...keys: readonly string[]) => {
    const bench = panelBench(facts, { cols: 20, rows: 4 });
    const seen: string[] = [];
    for (let { screen, lines } = bench.press(...keys); ; { screen, lines } = bench.press("DOWN")) {
      const item = `${screen}: ${words(lines)}`;
      if (seen.at(-1) === item) return seen;
      seen.push(item);
    }
  };
  const last = ["setup/reset: RESET NETWORK SETTINGS", "setup/exit: EXIT THIS MENU"];
  const ports = "setup/ports: ETHERNET PORT SETTINGS";

  it.each<[string, readonly string[]]>([
    [
      "a lease",
      [
        "setup/dhcp-lan: RENEW DHCP ON LAN",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static-lan: ENABLE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "a static address",
      [
        "setup/dhcp-lan: ENABLE DHCP ON LAN",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static-lan: CHANGE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "a VLAN on a lease",
      [
        "setup/dhcp-lan: RENEW DHCP ON LAN",
        "setup/vlan: CHANGE VLAN ON LAN",
        "setup/static-lan: ENABLE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "a VLAN on a static address",
      [
        "setup/vlan: CHANGE VLAN ON LAN",
        "setup/static-lan: CHANGE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "a proxy",
      [
        "setup/dhcp-lan: RENEW DHCP ON LAN",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static-lan: ENABLE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: CHANGE PROXY PARAMS",
        "setup/disable-proxy: DISABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "other settings that were good",
      [
        "setup/dhcp-lan: RENEW DHCP ON LAN",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static-lan: ENABLE STATIC IP ON LAN",
        "setup/wan: ENABLE WAN INTERFACE",
        "setup/proxy: ENABLE PROXY",
        ports,
        "setup/reset: RESET NETWORK SETTINGS",
        "setup/restore: RESTORE LAST GOOD",
        "setup/exit: EXIT THIS MENU",
      ],
    ],
    [
      "IPv6 only",
      [
        "setup/auto6-lan: RENEW AUTO IPv6 ON LAN?",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static6-lan: ENABLE STATIC IPv6 ON LAN?",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
    [
      "a static IPv6 address",
      [
        "setup/auto6-lan: ENABLE AUTO IPv6 ON LAN?",
        "setup/vlan: ENABLE VLAN ON LAN",
        "setup/static6-lan: CHANGE STATIC IPv6 ON LAN?",
        "setup/proxy: ENABLE PROXY",
        ports,
        ...last,
      ],
    ],
  ])("SETUP NETWORK with %s", (name, items) => expect(below(worldOf(name), "ENTER*2")).toEqual(items));

  const toWan = ["ENTER*2", "DOWN*3", "ENTER"];
  it.each<[string, readonly string[], readonly string[]]>([
    ["a lease", toWan, ["wan/dhcp: ENABLE DHCP ON WAN", "wan/static: ENABLE STATIC IP ON WAN"]],
    [
      "a split network",
      toWan,
      ["wan/dhcp: RENEW DHCP ON WAN", "wan/static: ENABLE STATIC IP ON WAN", "wan/disable: DISABLE WAN INTERFACE"],
    ],
    [
      "a static WAN",
      toWan,
      ["wan/dhcp: ENABLE DHCP ON WAN", "wan/static: CHANGE STATIC IP ON WAN", "wan/disable: DISABLE WAN INTERFACE"],
    ],
  ])("the WAN menu with %s", (name, keys, items) => {
    expect(below(worldOf(name), ...keys)).toEqual([...items, "wan/exit: EXIT THIS MENU"]);
  });

  it.each<[string, readonly string[], string]>([
    ["a lease", ["ENTER*2", "DOWN*6", "ENTER"], "reset/mode: RESET TO IPv6 ONLY MODE?"],
    ["IPv6 only", ["ENTER*2", "DOWN*5", "ENTER"], "reset/mode: RESET TO IPv4+v6 MODE?"],
  ])("RESET NETWORK SETTINGS with %s", (name, keys, mode) => {
    expect(below(worldOf(name), ...keys)).toEqual(["reset/all: RESET ALL SETTINGS", mode]);
  });

  it("WAN needs a configured LAN first, but one that is there can be changed without", () => {
    const bare = panelBench(bareFacts);
    expect(bare.press(...toWan)).toMatchObject({
      screen: "setup/wan/refused",
      lines: ["CONFIGURE    ←↑↵", "LAN FIRST       "],
    });
    expect(bare.press("ENTER").screen).toBe("setup/wan");
    const split = worldOf("a split network");
    expect(
      panelBench({ ...split, network: { ...split.network, lan: bareFacts.network.lan } }).press(...toWan).screen,
    ).toBe("wan/dhcp");
    expect(panelBench({ ...bareFacts, settings: withLan(staticIpv4).settings }).press(...toWan).screen).toBe(
      "wan/dhcp",
    );
  });

  it("shows the option that took the place of one that went", () => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER", "ENTER", "DOWN*2");
    expect(bench.facts({ settings: staticFacts.settings })).toMatchObject({
      screen: "setup/static-lan",
      lines: ["CHANGE STATIC↑↓↵", "IP ON LAN       "],
    });
    expect(bench.facts({ settings: factorySettings("ipv6-only") }).screen).toBe("setup/static6-lan");
  });

  it("the way up from a submenu whose entrance has another name", () => {
    const bench = panelBench(worldOf("a split network"));
    expect(screens(bench, "ENTER ENTER DOWN DOWN DOWN ENTER UP").at(-1)).toBe("setup/wan");
    expect(words(bench.frame().lines)).toBe("CHANGE WAN INTERFACE");
  });
});

describe("effects", () => {
  it.each<[string, Facts, readonly string[], unknown]>([
    ["reboot", homeFacts, ["ENTER", "DOWN", "ENTER", "ENTER"], { type: "reboot" }],
    ["shutdown", homeFacts, ["ENTER", "DOWN*2", "ENTER", "ENTER"], { type: "shutdown" }],
    [
      "renew",
      homeFacts,
      ["ENTER*3"],
      {
        type: "renew-lease",
        port: "lan",
        progress: { what: "change", id: "renew-dhcp-lan", text: "RENEWING DHCP ON LAN" },
      },
    ],
    [
      "enable DHCP",
      staticFacts,
      ["ENTER*4"],
      {
        type: "change-settings",
        settings: homeFacts.settings,
        progress: { what: "change", id: "dhcp-lan", text: "ENABLING DHCP ON LAN" },
      },
    ],
  ])("%s", (_, facts, keys, effect) => {
    const bench = panelBench(facts);
    expect(bench.press(...keys).screen).toBe("home");
    expect(bench.effects()).toEqual([effect]);
  });

  it("are not caused by a key that is held", () => {
    const bench = panelBench(staticFacts);
    bench.press("ENTER*3");
    for (let repeat = 1; repeat < 10; repeat += 1) bench.input({ type: "key", key: "ENTER", repeat });
    expect(bench.frame().screen).toBe("confirm/dhcp-lan");
    expect(bench.effects()).toEqual([]);
  });
});

describe("the tables", () => {
  const names = Object.keys(menus) as (keyof typeof menus)[];

  it("offer every identifier once, and a way out at the end of those that are longer than a question", () => {
    for (const facts of Object.values(worlds)) {
      for (const name of names) {
        const items = offeredItems(name, facts);
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
        if (name !== "reset") expect(items.at(-1)?.target).toEqual({ to: "exit" });
      }
    }
  });

  it("offer every procedure and every menu somewhere", () => {
    const targets = Object.values(worlds).flatMap((facts) =>
      names.flatMap((name) => offeredItems(name, facts).map(({ target }) => target)),
    );
    // WAN's link stands below LAN's.
    for (const procedure of Object.keys(procedures).filter((name) => name !== "wan-link")) {
      expect(targets).toContainEqual({ to: "procedure", procedure });
    }
    for (const menu of names.filter((name) => name !== "main")) expect(targets).toContainEqual({ to: "menu", menu });
  });
});
