import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PinLock } from "../../../src/model/facts.ts";
import { keys, press } from "../../../src/model/key.ts";
import { takesText } from "../../../src/panel/panel.ts";
import { fault, geometries, homeFacts, type PanelBench, panelBench, words } from "./bench.ts";

const idle: PinLock = { checked: 0, right: false, waitUntilMs: 0 };
const lockedFacts = { ...homeFacts, lock: idle };

/** A locked panel at which the PIN was asked for. */
function asked(options = {}): PanelBench {
  const bench = panelBench(lockedFacts, undefined, options);
  bench.press("ENTER");
  return bench;
}

/** Enters a PIN, and answers for whoever looks at it. */
function entered(bench: PanelBench, pin: string, right: boolean, waitMs = 0): void {
  bench.type(`${pin}\n`);
  const { facts, nowMs } = bench.context();
  bench.facts({ lock: { checked: (facts.lock?.checked ?? 0) + 1, right, waitUntilMs: waitMs && nowMs + waitMs } });
}

describe("a panel with a PIN", { timeout: 60_000 }, () => {
  it.each(["ENTER", "DOWN"])("asks for it before the menus: %s", (key) => {
    const bench = panelBench(lockedFacts);
    expect(bench.frame().screen).toBe("home");
    const frame = bench.press(key);
    expect(frame).toMatchObject({ screen: "locked", lines: ["ENTER PIN    ↑↓↵", " ".repeat(16)] });
    expect(takesText(bench.state(), bench.context())).toBe(true);
  });

  it("shows what is wrong to anybody", () => {
    const bench = panelBench({ ...lockedFacts, phase: "network-error", fault: fault("LAN has no DNS servers") });
    expect(bench.press("RIGHT").screen).toBe("network-error/detail");
  });

  it("shows one digit at a time, by keys or typed", () => {
    const bench = asked();
    expect(bench.press("UP*2").lines[1]).toBe("1               ");
    expect(bench.press("RIGHT", "DOWN").lines[1]).toBe("*9              ");
    expect(bench.type("\u00151234").lines[1]).toBe("****            ");
    expect(words(bench.type("x").lines)).toBe("ENTER PIN ****");
  });

  it("has it looked at outside, and opens the main menu when it is right", () => {
    const bench = asked();
    expect(bench.type("1234\n")).toMatchObject({ screen: "locked", lines: ["CHECKING PIN   ↑", " ".repeat(16)] });
    expect(bench.effects()).toEqual([{ type: "check-pin", pin: "1234" }]);
    expect(bench.type("9999\n").screen).toBe("locked");
    expect(bench.effects()).toHaveLength(1);
    expect(bench.facts({ lock: { ...idle, checked: 1, right: true } }).screen).toBe("main/setup-network");
    expect(bench.press("UP").screen).toBe("home");
    expect(bench.press("ENTER").screen).toBe("main/setup-network");
  });

  it("says that it was wrong, and asks again", () => {
    const bench = asked();
    entered(bench, "9999", false);
    expect(words(bench.frame().lines)).toBe("WRONG PIN");
    expect(words(bench.press("UP").lines)).toBe("ENTER PIN 0");
    entered(bench, "", true);
    expect(bench.frame().screen).toBe("main/setup-network");
  });

  it("goes home by ENTER on a blank PIN", () => {
    expect(asked().press("ENTER").screen).toBe("home");
    expect(asked().type(" \n").screen).toBe("home");
  });

  it("counts down after too many, and takes none meanwhile", () => {
    const bench = asked();
    entered(bench, "9999", false, 61_000);
    expect(words(bench.frame().lines)).toBe("TOO MANY PINS, WAIT 1:01");
    expect(bench.wakeAt()).toBe(2000);
    expect(words(bench.later(1500).lines)).toBe("TOO MANY PINS, WAIT 1:00");
    expect(bench.type("1234").screen).toBe("locked");
    expect(bench.effects()).toHaveLength(1);
    expect(bench.press("ENTER").screen).toBe("home");
    expect(words(bench.press("ENTER").lines)).toBe("TOO MANY PINS, WAIT 1:00");
    expect(words(bench.later(60_000).lines)).toBe("ENTER PIN");
  });

  it("is locked again when nobody presses a key", () => {
    const bench = asked();
    entered(bench, "1234", true);
    bench.later(299_999);
    expect(bench.press("DOWN").screen).toBe("main/system-reboot");
    expect(bench.later(300_000).screen).toBe("home");
    expect(bench.press("ENTER").screen).toBe("locked");
  });

  it("is locked again at rest on the status screen, and where the panel never goes back by itself", () => {
    const home = asked();
    entered(home, "1234", true);
    home.press("UP");
    home.later(300_000);
    expect(home.press("ENTER").screen).toBe("locked");

    const menu = asked({ idleMs: 0 });
    entered(menu, "1234", true);
    expect(menu.wakeAt()).toBe(301_000);
    expect(menu.later(300_000).screen).toBe("home");
    expect(menu.press("ENTER").screen).toBe("locked");
  });

  it.each<[string, readonly string[]]>([
    ["a menu", []],
    ["a digit field", ["ENTER", "DOWN*2", "ENTER*2"]],
    ["a text field", ["ENTER", "DOWN*2", "ENTER*9"]],
  ])("Backspaces that do nothing at %s keep nobody from being locked out", (_, keys) => {
    const bench = panelBench({ ...lockedFacts, lock: idle }, undefined, { idleMs: 45_000 });
    bench.press("ENTER");
    entered(bench, "1234", true);
    bench.press(...keys);
    expect(bench.frame().screen).not.toMatch(/home|locked/);
    for (let ms = 0; ms < 60_000; ms += 3000) {
      bench.later(3000);
      bench.type("\b");
    }
    expect(bench.frame().screen).toBe("home");
    expect(bench.press("ENTER").screen).toBe("locked");
  });

  it("what is typed and changes something counts", () => {
    const bench = panelBench(homeFacts, undefined, { idleMs: 45_000 });
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
    bench.later(44_000);
    bench.type("1");
    expect(bench.later(44_000).screen).toBe("lan-static/address");
    expect(bench.later(1000).screen).toBe("home");
  });

  it("an old answer opens nothing", () => {
    const bench = asked();
    bench.type("1234\n");
    bench.press("UP");
    bench.facts({ lock: { ...idle, checked: 1, right: true } });
    expect(bench.press("ENTER").screen).toBe("locked");
  });

  it("shows nothing behind the PIN, whatever is pressed and however long one waits", () => {
    const event = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...keys).map((key) => ({ key })) },
      { weight: 3, arbitrary: fc.constantFrom(..."0123456789x").map((character) => ({ character })) },
      { weight: 2, arbitrary: fc.constantFrom(100, 60_000, 300_000).map((later) => ({ later })) },
      { weight: 1, arbitrary: fc.constant({ wrong: true }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(null, { what: "contacting" as const }).map((progress) => ({ progress })),
      },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(...geometries), (events, geometry) => {
        const bench = panelBench({ ...lockedFacts, notice: "NOT CHANGED" }, geometry);
        for (const one of events) {
          if ("key" in one) bench.input(press(one.key));
          else if ("character" in one) bench.type(one.character);
          else if ("later" in one) bench.later(one.later);
          else if ("progress" in one) bench.facts({ progress: one.progress });
          else entered(bench, "4711", false, 30_000);
          expect(bench.frame().screen).toMatch(/^(home|locked|contacting|change-notice)$/);
          for (const { type } of bench.effects()) expect(type).toBe("check-pin");
        }
      }),
      { numRuns: 300 },
    );
  });
});
