import { describe, expect, it } from "vitest";
import { messages } from "../../../src/connectivity/messages.ts";
import type { Facts, Progress } from "../../../src/model/facts.ts";
import { press } from "../../../src/model/key.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { stepPanel } from "../../../src/panel/panel.ts";
import { bareFacts, fault, geometries, homeFacts, letters, panelBench, readOn, screens } from "./bench.ts";

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

  it("pans a long activation code and leaves its label whole", () => {
    const change = {
      phase: "activation",
      registration: { state: "unactivated", code: "1234-5678-9012-3456-7890" },
    } as const;
    const bench = panelBench({ ...homeFacts, ...change });
    expect(bench.frame().lines).toEqual(["ACTIVATION CODE↔", "1234-5678-9012-3"]);
    expect(bench.press("RIGHT").lines).toEqual(["ACTIVATION CODE↔", "8-9012-3456-7890"]);
    const wide = panelBench({ ...homeFacts, ...change }, { cols: 20, rows: 2 });
    expect(wide.frame().lines).toEqual(["ACTIVATION CODE   ↔↵", "1234-5678-9012-3456-"]);
    expect(wide.press("RIGHT").lines).toEqual(["ACTIVATION CODE   ↔↵", "-5678-9012-3456-7890"]);
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
    [{ what: "change", id: "dhcp-lan", text: "ENABLING DHCP ON LAN" }, "progress/dhcp-lan", "ENABLING DHCP ON LAN"],
    [
      { what: "change", id: "renew-dhcp-lan", text: "RENEWING DHCP ON LAN" },
      "progress/renew-dhcp-lan",
      "RENEWING DHCP ON LAN",
    ],
    [
      { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" },
      "progress/static-lan",
      "ENABLING STATIC IP ON LAN",
    ],
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
      "platform.exa←↑↓↵|mple:           ",
      "connection  ←↑↓↵|refused by      ",
      "192.0.2.1   ←↑↓↵|port 443        ",
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

  const glasses: readonly Glass[] = [...geometries, ...geometries.map((one) => ({ ...one, keys: 4 as const }))];

  it.each(glasses)("is one key away whatever the message, and whole: $cols x $rows, keys $keys", (glass) => {
    const long = `proxy ${"a-name-that-is-longer-than-a-row.".repeat(3)}example:8080 ${Array.from({ length: 30 }, (_, index) => `word${index}`).join(" ")}`;
    for (const { message, next } of Object.values(messages)) {
      const advice = typeof next === "string" ? next : next.viaProxy;
      for (const detail of ["lan0 has no link", long]) {
        for (const [phase, said] of [
          ["network-error", ""],
          ["communication-failure", message],
        ] as const) {
          const standing = fault(message, { legacyCode: "E06", detail, next: advice });
          const bench = panelBench(broken({ phase, fault: standing }), glass);
          bench.press(glass.keys === 4 ? "UP" : "RIGHT");
          expect(bench.frame().screen).toBe("network-error/detail");
          expect(readOn(bench)).toBe(letters(said, "E06", detail, advice));
          expect(bench.press("ENTER").screen).toBe(phase);
        }
      }
    }
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

describe("notice of a change that did not stand", () => {
  const notice = "CHANGE UNDONE: no carrier";

  it("comes when the work is over, and again with the next change", () => {
    const bench = panelBench(homeFacts);
    bench.facts({ progress: { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" } });
    expect(bench.facts({ notice, progress: { what: "contacting" } }).screen).toBe("contacting");
    expect(bench.facts({ progress: null })).toMatchObject({
      screen: "change-notice",
      lines: ["CHANGE      ←↑↓↵", "UNDONE:         "],
    });
    expect(bench.press("LEFT").screen).toBe("home");
    bench.facts({ notice: null, progress: { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" } });
    expect(bench.facts({ notice, progress: null }).screen).toBe("change-notice");
  });

  it("stands before that of the settings store", () => {
    const bench = panelBench({ ...homeFacts, notice, storage: { loaded: "current", problem: "disk full" } });
    expect(screens(bench, "ENTER ENTER")).toEqual(["storage-notice", "home"]);
    expect(bench.facts({ storage: { loaded: "current", problem: null } }).screen).toBe("home");
    expect(bench.facts({ storage: { loaded: "current", problem: "disk full" } }).screen).toBe("storage-notice");
  });
});

describe("a notice with nobody there", () => {
  const full = { loaded: "current", problem: "disk full" } as const;
  const notice = "CHANGE UNDONE: no carrier";

  it("goes by itself after 20 s, one after the other, and does not come again", () => {
    const bench = panelBench({ ...homeFacts, notice, storage: full });
    expect(bench.wakeAt()).toBe(21_000);
    expect(bench.later(19_999).screen).toBe("change-notice");
    expect(bench.later(1).screen).toBe("storage-notice");
    expect(bench.wakeAt()).toBe(41_000);
    expect(bench.later(19_999).screen).toBe("storage-notice");
    expect(bench.later(1).screen).toBe("home");
    expect(bench.wakeAt()).toBeNull();
    expect(bench.later(10_000_000).screen).toBe("home");
  });

  it("has its time while it is on the glass only", () => {
    const bench = panelBench({ ...homeFacts, notice });
    bench.later(15_000);
    bench.facts({ progress: { what: "contacting" } });
    expect(bench.wakeAt()).toBeNull();
    expect(bench.later(60_000).screen).toBe("contacting");
    expect(bench.facts({ progress: null }).screen).toBe("change-notice");
    expect(bench.later(19_999).screen).toBe("change-notice");
    expect(bench.later(1).screen).toBe("home");
  });

  it("does not run out behind a menu", () => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER");
    bench.facts({ notice });
    expect(bench.later(60_000).screen).toBe("main/setup-network");
    expect(bench.press("UP").screen).toBe("change-notice");
    expect(bench.later(20_000).screen).toBe("home");
  });

  it("stays while a person pages through it", () => {
    const bench = panelBench({ ...homeFacts, storage: full });
    bench.later(15_000);
    bench.press("DOWN");
    expect(bench.wakeAt()).toBe(36_000);
    expect(bench.later(19_999).screen).toBe("storage-notice");
    expect(bench.later(1).screen).toBe("home");
  });

  it("begins its time again with another text", () => {
    const bench = panelBench({ ...homeFacts, storage: full });
    bench.later(19_000);
    bench.facts({ storage: { ...full, problem: "read-only file system" } });
    expect(bench.later(19_999).screen).toBe("storage-notice");
    expect(bench.later(1).screen).toBe("home");
  });

  it("a key that comes too late acts on the status screen", () => {
    const bench = panelBench({ ...homeFacts, notice });
    const context = { ...bench.context(), nowMs: 21_000 };
    expect(stepPanel(bench.state(), press("ENTER"), context).state.place).toMatchObject({ at: "menu", menu: "main" });
  });

  it.each(["by itself", "by a key"])("is said again when it comes back after it went %s", (how) => {
    const bench = panelBench({ ...homeFacts, notice, storage: full });
    const away = () => (how === "by a key" ? bench.press("ENTER") : bench.later(20_000));
    expect([away().screen, away().screen]).toEqual(["storage-notice", "home"]);
    bench.facts({ notice: null, storage: { ...full, problem: null } });
    expect(bench.facts({ notice }).screen).toBe("change-notice");
    expect(away().screen).toBe("home");
    expect(bench.facts({ storage: full }).screen).toBe("storage-notice");
    expect(away().screen).toBe("home");
  });
});
