import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { menus, offeredItems } from "../../../src/panel/menus.ts";
import { procedures } from "../../../src/panel/procedures.ts";
import { homeFacts, panelBench, screens, staticIpv4, withLan, words } from "./bench.ts";

const staticFacts = withLan(staticIpv4);

describe("menus", () => {
  it.each<[string, Facts, string, readonly string[]]>([
    ["ENTER opens the main menu", homeFacts, "ENTER", ["main/setup-network"]],
    ["DOWN does too", homeFacts, "DOWN", ["main/setup-network"]],
    ["UP, LEFT and RIGHT do nothing at home", homeFacts, "UP LEFT RIGHT", ["home", "home", "home"]],
    [
      "down the main menu, without wrapping",
      homeFacts,
      "ENTER DOWN DOWN DOWN DOWN",
      ["main/setup-network", "main/system-reboot", "main/system-shutdown", "main/exit", "main/exit"],
    ],
    [
      "EXIT THIS MENU leaves",
      homeFacts,
      "ENTER DOWN DOWN DOWN ENTER",
      ["main/setup-network", "main/system-reboot", "main/system-shutdown", "main/exit", "home"],
    ],
    [
      "UP at the first item leaves",
      homeFacts,
      "ENTER DOWN UP UP",
      ["main/setup-network", "main/system-reboot", "main/setup-network", "home"],
    ],
    [
      "down SETUP NETWORK",
      homeFacts,
      "ENTER ENTER DOWN DOWN DOWN",
      ["main/setup-network", "setup/dhcp-lan", "setup/static-lan", "setup/exit", "setup/exit"],
    ],
    [
      "UP at its first item goes one level back",
      homeFacts,
      "ENTER ENTER UP",
      ["main/setup-network", "setup/dhcp-lan", "main/setup-network"],
    ],
    [
      "EXIT there too",
      homeFacts,
      "ENTER ENTER DOWN DOWN ENTER",
      ["main/setup-network", "setup/dhcp-lan", "setup/static-lan", "setup/exit", "main/setup-network"],
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
      "ENTER ENTER DOWN ENTER UP",
      ["main/setup-network", "setup/dhcp-lan", "setup/static-lan", "begin/static-lan", "setup/static-lan"],
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
    [
      "IPv4 items are not offered in IPv6-only mode",
      { ...homeFacts, settings: factorySettings("ipv6-only") },
      "ENTER ENTER",
      ["main/setup-network", "setup/exit"],
    ],
  ])("%s", (_, facts, keys, expected) => expect(screens(panelBench(facts), keys)).toEqual(expected));

  it.each<[string, Facts, readonly string[]]>([
    ["with DHCP", homeFacts, ["RENEW DHCP ON LAN", "ENABLE STATIC IP ON LAN"]],
    ["with a static address", staticFacts, ["ENABLE DHCP ON LAN", "CHANGE STATIC IP ON LAN"]],
  ])("names the options %s", (_, facts, [first, second]) => {
    const bench = panelBench(facts, { cols: 20, rows: 4 });
    expect(words(bench.press("ENTER", "ENTER").lines)).toBe(first);
    expect(words(bench.press("DOWN").lines)).toBe(second);
  });

  it("shows the option that took the place of one that went", () => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER", "ENTER", "DOWN");
    expect(bench.facts({ settings: staticFacts.settings })).toMatchObject({
      screen: "setup/static-lan",
      lines: ["CHANGE STATIC↑↓↵", "IP ON LAN       "],
    });
    expect(bench.facts({ settings: factorySettings("ipv6-only") }).screen).toBe("setup/exit");
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
  const worlds = [homeFacts, staticFacts, { ...homeFacts, settings: factorySettings("ipv6-only") }];
  const names = Object.keys(menus) as (keyof typeof menus)[];

  it("offer every identifier once, and a way out at the end of every menu", () => {
    for (const facts of worlds) {
      for (const name of names) {
        const items = offeredItems(name, facts);
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
        expect(items.at(-1)?.target).toEqual({ to: "exit" });
      }
    }
  });

  it("offer every procedure and every menu somewhere", () => {
    const targets = worlds.flatMap((facts) =>
      names.flatMap((name) => offeredItems(name, facts).map(({ target }) => target)),
    );
    for (const procedure of Object.keys(procedures)) expect(targets).toContainEqual({ to: "procedure", procedure });
    for (const menu of names.filter((name) => name !== "main")) expect(targets).toContainEqual({ to: "menu", menu });
  });
});
