import { describe, expect, it } from "vitest";
import type { Facts, Progress } from "../../../src/model/facts.ts";
import { press } from "../../../src/model/key.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { stepPanel } from "../../../src/panel/panel.ts";
import { bareFacts, fault, homeFacts, type PanelBench, panelBench, staticIpv4, withLan } from "./bench.ts";

const staticFacts = withLan(staticIpv4);
const screens = (bench: PanelBench, keys: string) => keys.split(" ").map((key) => bench.press(key).screen);

/** What the glass says, without indicators and padding. */
function words(lines: readonly string[]): string {
  return lines
    .join(" ")
    .replace(/[←→↑↓↵↔↕]/g, " ")
    .split(" ")
    .filter(Boolean)
    .join(" ");
}

/** Settings of a change that the panel asked for. */
function changed(bench: PanelBench): Settings {
  const [effect] = bench.effects();
  if (effect?.type !== "change-settings") throw new Error(`no change of settings: ${JSON.stringify(bench.effects())}`);
  return effect.settings;
}

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
    ["renew", homeFacts, ["ENTER*3"], { type: "renew-lease", port: "lan", progress: { what: "renew-dhcp-lan" } }],
    [
      "enable DHCP",
      staticFacts,
      ["ENTER*4"],
      { type: "change-settings", settings: homeFacts.settings, progress: { what: "dhcp-lan" } },
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

describe("static IP on LAN", () => {
  const opened = (facts: Facts) => {
    const bench = panelBench(facts);
    bench.press("ENTER*2", "DOWN", "ENTER*2");
    return bench;
  };

  it("takes every field from the lease when only ENTER is pressed", () => {
    const bench = opened(homeFacts);
    const seen: string[] = [];
    for (let step = 0; step < 9; step += 1) {
      const { screen, lines } = bench.frame();
      seen.push(`${screen} ${lines[1]?.trim()}`);
      bench.press("ENTER");
    }
    expect(seen).toEqual([
      "lan-static/address 010.077.000.020",
      "lan-static/netmask 255.255.255.000",
      "lan-static/gateway 010.077.000.001",
      "lan-static/dns1 010.077.000.002",
      "lan-static/dns2 010.077.000.003",
      "lan-static/wins1 000.000.000.000",
      "lan-static/wins2 000.000.000.000",
      "lan-static/domain lab.example",
      "confirm/static-lan STATIC NETWORK?",
    ]);
    expect(bench.frame().screen).toBe("home");
    expect(changed(bench).lan.ipv4).toEqual({ ...staticIpv4, wins: [] });
  });

  it("opens with the settings when they are static, whatever the port has", () => {
    const bench = opened({ ...staticFacts, network: bareFacts.network });
    bench.press("ENTER*9");
    expect(changed(bench)).toEqual(staticFacts.settings);
  });

  it("opens with zeros and /24 where nothing is known", () => {
    const bench = opened(bareFacts);
    expect(bench.frame()).toMatchObject({
      lines: ["LAN IP ADDR←→↑↓↵", "000.000.000.000 "],
      cursor: { row: 1, col: 0 },
    });
    expect(bench.type("192.0.2.7\n")).toMatchObject({ lines: ["LAN NETMASK  ↑↓↵", "255.255.255.000 "], cursor: null });
  });

  it("is typed on a console in one go", () => {
    const bench = opened(bareFacts);
    bench.press("ENTER");
    bench.press("ENTER");
    bench.type("192.0.2.7\n\n192.0.2.1\n192.0.2.53\n\n192.0.2.8\n192.0.2.9\nCORP.example\n");
    expect(bench.press("ENTER").screen).toBe("home");
    expect(changed(bench).lan).toEqual({
      ...homeFacts.settings.lan,
      ipv4: {
        method: "static",
        address: "192.0.2.7",
        prefixLength: 24,
        gateway: "192.0.2.1",
        dns: ["192.0.2.53"],
        wins: ["192.0.2.8", "192.0.2.9"],
        domain: "CORP.example",
      },
    });
  });

  it("is set with the arrows alone", () => {
    const bench = opened(bareFacts);
    bench.press("RIGHT", "UP", "RIGHT*10", "UP*2", "ENTER"); // 010.000.000.002
    bench.press("UP", "ENTER"); // /25
    bench.press("RIGHT", "UP", "RIGHT*10", "UP", "ENTER"); // 010.000.000.001
    bench.press("UP*9", "DOWN*8", "RIGHT*20", "UP", "ENTER"); // 100.000.000.001
    bench.press("ENTER*3", "UP", "RIGHT", "UP*2", "ENTER"); // domain "ab"
    bench.press("ENTER");
    expect(changed(bench).lan.ipv4).toEqual({
      method: "static",
      address: "10.0.0.2",
      prefixLength: 25,
      gateway: "10.0.0.1",
      dns: ["100.0.0.1"],
      wins: [],
      domain: "ab",
    });
  });

  it.each<[string, string, string, string]>([
    ["octet", "10.256.0.1\n", "lan-static/address/refused", "Number 2 is more than 255"],
    ["0/8", "0.1.2.3\n", "lan-static/address/refused", "0.x.x.x is no host address"],
    ["127/8", "127.0.0.1\n", "lan-static/address/refused", "127.x.x.x is this box itself"],
    ["224/4", "224.0.0.1\n", "lan-static/address/refused", "224 and above is not for hosts"],
    ["nothing", "\n", "lan-static/address/refused", "LAN IP ADDR is required"],
    ["wrong character", "1x", "lan-static/address/refused", "Only digits and dots here"],
    ["typing a netmask", "10.0.0.1\n2", "lan-static/netmask/refused", "Use UP and DOWN to choose"],
    ["network address", "10.0.0.0\n\n", "lan-static/netmask/refused", "This is the network address"],
    ["broadcast address", "10.0.0.255\n\n", "lan-static/netmask/refused", "Broadcast is no host address"],
    ["gateway outside", "10.0.0.2\n\n10.0.1.1\n", "lan-static/gateway/refused", "Gateway not in the subnet"],
    ["own address as gateway", "10.0.0.2\n\n10.0.0.2\n", "lan-static/gateway/refused", "Gateway is the box itself"],
    ["no DNS", "10.0.0.2\n\n10.0.0.1\n\n", "lan-static/dns1/refused", "LAN DNS1 is required"],
    ["WINS", "10.0.0.2\n\n10.0.0.1\n9.9.9.9\n\n0.0.0.1\n", "lan-static/wins1/refused", "0.x.x.x is no host address"],
    [
      "space inside",
      "10.0.0.2\n\n10.0.0.1\n9.9.9.9\n\n\n\na b\n",
      "lan-static/domain/refused",
      "No space inside a name",
    ],
  ])("refuses %s and keeps what was typed", (_, typed, screen, message) => {
    const bench = opened(bareFacts);
    const frame = bench.type(typed);
    expect(frame).toMatchObject({ screen, cursor: null });
    expect(words(frame.lines)).toBe(message);
    expect(frame.lines[0]).toMatch(/(←→↑↓↵|↔↕↵)$/);

    const back = bench.press("ENTER");
    expect(back.screen).toBe(screen.replace("/refused", ""));
    if (typed.endsWith("\n")) expect(bench.press("ENTER").screen).toBe(screen);
    else bench.type(typed.slice(-1));
    expect(bench.press("UP").screen).toBe("setup/static-lan");
    expect(bench.effects()).toEqual([]);
  });

  it("goes on typing after a wrong character", () => {
    const bench = opened(bareFacts);
    bench.type("10.x77.0.20");
    expect(bench.frame().lines[1]).toBe("010.077.000.200 ");
    expect(bench.press("ENTER").screen).toBe("lan-static/netmask");
  });

  it("forgets what was entered when it is cancelled", () => {
    const bench = opened(homeFacts);
    bench.type("10.77.0.99\n\n\n\n\n\n\n\n");
    expect(bench.frame().screen).toBe("confirm/static-lan");
    bench.press("UP", "ENTER", "ENTER");
    expect(bench.frame().lines[1]).toBe("010.077.000.020 ");
    expect(bench.effects()).toEqual([]);
  });

  it("edits a long domain in insert/delete mode", () => {
    const bench = opened(withLan({ ...staticIpv4, domain: "corp.example.com" }));
    bench.press("ENTER*7");
    expect(screens(bench, "RIGHT DOWN DOWN DOWN UP DOWN ENTER")).toEqual([
      "lan-static/domain",
      "lan-static/domain/delete",
      "lan-static/domain/insert",
      "lan-static/domain/done",
      "lan-static/domain",
      "lan-static/domain/delete",
      "lan-static/domain",
    ]);
    expect(bench.frame().lines[1]).toBe("orp.example.com ");
    expect(bench.press("DOWN", "DOWN", "ENTER").screen).toBe("confirm/static-lan");
    bench.press("ENTER");
    expect(changed(bench).lan.ipv4).toMatchObject({ domain: "orp.example.com" });
  });
});

describe("status screens", () => {
  it.each<[string, Partial<Facts>, string, readonly [string, string]]>([
    ["name and address", {}, "home", ["is_quays_ab    ↵", "10.77.0.20     P"]],
    [
      "the longest name",
      { registration: { state: "active", name: "is_fifteen_char", indicator: "P" } },
      "home",
      ["is_fifteen_char↵", "10.77.0.20     P"],
    ],
    [
      "a longer one pans",
      { registration: { state: "active", name: "is_a_much_longer_name", indicator: "P" } },
      "home",
      ["is_a_much_long↔↵", "10.77.0.20     P"],
    ],
    ["IPv6 pans", { settings: factorySettings("ipv6-only") }, "home", ["is_quays_ab   ↔↵", "2001:db8:3c4d: P"]],
    ["no address", { network: bareFacts.network }, "home", ["is_quays_ab    ↵", "no address     P"]],
    [
      "activation",
      { phase: "activation", registration: { state: "unactivated", code: "1234-5678-9012" } },
      "activation",
      ["ACTIVATION CODE↵", "1234-5678-9012  "],
    ],
    [
      "communication failure",
      { phase: "communication-failure" },
      "communication-failure",
      ["COMMUNICATION ↓↵", "FAILURE         "],
    ],
    [
      "with something to read",
      { phase: "communication-failure", fault: fault("LAN has no DNS servers") },
      "communication-failure",
      ["COMMUNICATION→↓↵", "FAILURE         "],
    ],
    [
      "network error",
      { phase: "network-error", fault: fault("no CARRIER on LAN interface") },
      "network-error",
      ["no CARRIER on→↓↵", "LAN interface   "],
    ],
  ])("%s", (_, change, screen, lines) => {
    expect(panelBench({ ...homeFacts, ...change }).frame()).toMatchObject({ screen, lines });
  });

  it("pans a long address to its end and back", () => {
    const bench = panelBench({ ...homeFacts, settings: factorySettings("ipv6-only") });
    const seen = ["RIGHT", "RIGHT", "RIGHT", "RIGHT", "LEFT", "LEFT", "LEFT"].map((key) => bench.press(key).lines[1]);
    expect(seen).toEqual([
      ":3c4d:15:250:5 P",
      ":250:56ff:feb3 P",
      ":56ff:feb3:b89 P",
      ":56ff:feb3:b89 P",
      "d:15:250:56ff: P",
      ":db8:3c4d:15:2 P",
      "2001:db8:3c4d: P",
    ]);
  });

  it.each<[Progress, string, string]>([
    [{ what: "boot", step: "welcome" }, "boot", "Welcome to Qualys"],
    [{ what: "boot", step: "starting" }, "boot", "Qualys Scanner is starting up..."],
    [{ what: "boot", step: "filesystem-check" }, "boot", "Filesystem check in progress..."],
    [{ what: "boot", step: "coming-up" }, "boot", "Qualys Scanner is coming up..."],
    [{ what: "contacting" }, "contacting", "CONTACTING QUALYS"],
    [{ what: "filesystem-check" }, "filesystem-check", "Filesystem check in progress..."],
    [{ what: "canceling-scan" }, "canceling-scan", "CANCELING THE ONGOING SCAN"],
    [{ what: "rebooting" }, "rebooting", "REBOOTING SYSTEM"],
    [{ what: "shutting-down" }, "shutting-down", "SHUTTING DOWN"],
    [{ what: "safe-to-unplug" }, "safe-to-unplug", "It's now safe to unplug the box"],
    [{ what: "dhcp-lan" }, "progress/dhcp-lan", "ENABLING DHCP ON LAN"],
    [{ what: "renew-dhcp-lan" }, "progress/renew-dhcp-lan", "RENEWING DHCP ON LAN"],
    [{ what: "static-lan" }, "progress/static-lan", "ENABLING STATIC IP ON LAN"],
  ])("%j says what goes on, and takes no key", (progress, screen, text) => {
    const bench = panelBench({ ...homeFacts, progress });
    const letters = (lines: readonly string[]) => lines.join("").replaceAll(" ", "");
    expect(bench.frame().screen).toBe(screen);
    expect(letters(bench.frame().lines)).toBe(text.replaceAll(" ", ""));
    expect(bench.press("ENTER", "DOWN", "UP", "LEFT", "RIGHT").screen).toBe(screen);
    expect(bench.facts({ progress: null }).screen).toBe("home");
  });

  it.each<[Facts["phase"], string]>([
    ["starting", "boot"],
    ["contacting", "contacting"],
    ["rebooting", "rebooting"],
    ["shutting-down", "shutting-down"],
  ])("phase %s has its message without a progress", (phase, screen) => {
    expect(panelBench({ ...homeFacts, phase }).frame().screen).toBe(screen);
  });

  it("turns the pages of a name that is too long for the boot screen, and asks to be woken for it", () => {
    const product = { ...homeFacts.product, name: "A Company With A Name" };
    const bench = panelBench({ ...homeFacts, product, progress: { what: "boot", step: "coming-up" } });
    const first = bench.frame().lines;
    expect(bench.wakeAt()).toBe(2000);
    expect(bench.later(999).lines).toEqual(first);
    expect(bench.later(1).lines).not.toEqual(first);
  });
});

describe("reading what is wrong", () => {
  const broken = (change: Partial<Facts>): Facts => ({
    ...homeFacts,
    phase: "network-error",
    fault: fault("LAN has no DNS servers"),
    ...change,
  });

  it("goes page by page and back", () => {
    const bench = panelBench(broken({}));
    const pages: string[] = [];
    for (let frame = bench.press("RIGHT"); !pages.includes(frame.lines.join("|")); frame = bench.press("DOWN")) {
      expect(frame.screen).toBe("network-error/detail");
      pages.push(frame.lines.join("|"));
    }
    expect(pages).toEqual([
      "platform.exa←↑↓↵|mple: connection",
      "refused by  ←↑↓↵|192.0.2.1 port  ",
      "443         ←↑↓↵|                ",
      "Check that  ←↑↓↵|the firewall    ",
      "lets the box ←↑↵|out to port 443.",
    ]);
    expect(screens(bench, "UP UP UP UP UP").at(-1)).toBe("network-error");
  });

  it.each(["LEFT", "ENTER"])("%s leaves from any page", (key) => {
    const bench = panelBench(broken({}));
    bench.press("RIGHT", "DOWN");
    expect(bench.press(key).screen).toBe("network-error");
  });

  it("begins with the legacy code, and in a communication failure with what was found", () => {
    const known = fault("LAN has no DNS servers", { legacyCode: "E05", detail: "no answer" });
    expect(panelBench(broken({ fault: known })).press("RIGHT").lines[0]).toBe("E05 no      ←↑↓↵");
    const lost = panelBench(broken({ phase: "communication-failure", fault: known }));
    expect(lost.press("RIGHT").lines).toEqual(["LAN has no  ←↑↓↵", "DNS servers     "]);
  });

  it("ends when the fault has gone", () => {
    const bench = panelBench(broken({}));
    bench.press("RIGHT");
    expect(bench.facts({ phase: "ready", fault: null }).screen).toBe("home");
  });

  it("never blocks the menu", () => {
    expect(panelBench(broken({})).press("ENTER").screen).toBe("main/setup-network");
    expect(panelBench(broken({ fault: null })).press("DOWN").screen).toBe("main/setup-network");
  });
});

describe("notice of the settings store", () => {
  it.each<[Facts["storage"], readonly string[]]>([
    [{ loaded: "factory", problem: null }, ["NOW ON DHCP, ←↑↵", "SETTINGS LOST   "]],
    [{ loaded: "previous", problem: null }, ["OLD SETTINGS ←↑↵", "IN USE, NEW LOST"]],
    [{ loaded: "reverted", problem: null }, ["CHANGE WAS   ←↑↵", "UNDONE AT START "]],
    [{ loaded: "current", problem: "disk full" }, ["CANNOT STORE←↑↓↵", "SETTINGS        "]],
  ])("%j is said before home", (storage, lines) => {
    const bench = panelBench({ ...homeFacts, storage });
    expect(bench.frame()).toMatchObject({ screen: "storage-notice", lines });
    expect(bench.later(10_000_000).screen).toBe("storage-notice");
    expect(bench.press("ENTER").screen).toBe("home");
    expect(bench.later(10_000_000).screen).toBe("home");
  });

  it("is not said of a new box", () => {
    expect(panelBench({ ...homeFacts, storage: { loaded: "new", problem: null } }).frame().screen).toBe("home");
  });

  it("waits for the end of the start, and does not disturb a procedure", () => {
    const storage = { loaded: "factory", problem: null } as const;
    const bench = panelBench({ ...homeFacts, storage, progress: { what: "contacting" } });
    expect(bench.frame().screen).toBe("contacting");
    expect(bench.facts({ progress: null }).screen).toBe("storage-notice");
    bench.press("ENTER", "ENTER");
    expect(bench.facts({ storage: { loaded: "factory", problem: "disk full" } }).screen).toBe("main/setup-network");
    expect(bench.press("UP").screen).toBe("storage-notice");
  });
});

describe("interruption and time", () => {
  it.each<[Progress["what"], boolean]>([
    ["contacting", false],
    ["filesystem-check", false],
    ["shutting-down", true],
    ["rebooting", true],
    ["canceling-scan", true],
    ["static-lan", true],
  ])("%s ends what a person was doing: %s", (what, ends) => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER*2", "DOWN", "ENTER*2");
    bench.facts({ progress: { what } as Progress });
    expect(bench.frame().screen === "lan-static/address").toBe(!ends);
    bench.facts({ progress: null });
    expect(bench.frame().screen).toBe(ends ? "home" : "lan-static/address");
  });

  it("leaves a procedure that the settings have overtaken", () => {
    const bench = panelBench(staticFacts);
    bench.press("ENTER*3");
    expect(bench.frame().screen).toBe("confirm/dhcp-lan");
    expect(bench.facts({ settings: homeFacts.settings }).screen).toBe("setup/dhcp-lan");
  });

  it("goes back to the status screen when nobody presses a key", () => {
    const bench = panelBench(homeFacts);
    expect(bench.wakeAt()).toBeNull();
    bench.press("ENTER*2", "DOWN", "ENTER*2");
    expect(bench.wakeAt()).toBe(301_000);
    expect(bench.later(299_999).screen).toBe("lan-static/address");
    bench.press("UP");
    expect(bench.wakeAt()).toBe(600_999);
    expect(bench.later(300_000).screen).toBe("home");
    expect(bench.wakeAt()).toBeNull();
    expect(bench.effects()).toEqual([]);
  });

  it("a key that comes too late acts on the status screen, not on the question that stood there", () => {
    const bench = panelBench(staticFacts);
    bench.press("ENTER*3");
    const context = { ...bench.context(), nowMs: 400_000 };
    expect(stepPanel(bench.state(), press("ENTER"), context)).toMatchObject({
      effects: [],
      state: { place: { at: "menu", menu: "main" } },
    });
  });

  it("shows the LEDs of the facts", () => {
    const jobs = [{ id: "1", kind: "scan", state: "running", percent: 5 }] as const;
    expect(panelBench({ ...homeFacts, jobs }).frame().leds).toEqual({ s1: true, s2: false, s3: false });
  });
});
