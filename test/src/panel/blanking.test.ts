import { describe, expect, it } from "vitest";
import { parseText } from "../../../src/control/keys.ts";
import type { PanelInput } from "../../../src/model/key.ts";
import { press } from "../../../src/model/key.ts";
import { viewPanel, wakePanel } from "../../../src/panel/panel.ts";
import { homeFacts, panelBench } from "./bench.ts";

const dark = () => {
  const bench = panelBench(homeFacts, undefined, { blankMs: 60_000, idleMs: 0 });
  bench.press("ENTER*2", "DOWN*2", "ENTER*2", "UP");
  bench.later(60_000);
  return bench;
};

describe("a display that goes dark", () => {
  it("does so after so long without a key, and keeps its picture", () => {
    const bench = panelBench(homeFacts, undefined, { blankMs: 60_000 });
    expect(bench.wakeAt()).toBe(61_000);
    const before = bench.later(59_999);
    expect(before.blank).toBe(false);
    expect(bench.later(1)).toEqual({ ...before, blank: true });
    expect(bench.wakeAt()).toBeNull();
  });

  it("never does when it is not told to", () => {
    expect(panelBench().later(1e9).blank).toBe(false);
  });

  it.each<[string, readonly PanelInput[]]>([
    ["a key", [press("UP")]],
    ["and its repeats", [press("UP"), { type: "key", key: "UP", repeat: 1 }]],
    ["the chord that it is half of", [press("LEFT"), press("LEFT+RIGHT")]],
  ])("is lit by %s, which does nothing else", (_, inputs) => {
    const bench = dark();
    const { blank, ...picture } = bench.frame();
    expect(blank).toBe(true);
    for (const input of inputs) expect(bench.input(input)).toEqual({ ...picture, blank: false });
    expect(bench.press("UP").lines).not.toEqual(picture.lines);
  });

  it.each<[string, string, string]>([
    ["text, from its first character on", "10.9.9.9", "010.009.009.9   "],
    ["Ctrl-U before it", "\u001510.9.9.9", "010.009.009.9   "],
    ["a character that is refused", "x", "and dots here   "],
  ])("is lit by what is typed into a field, which counts: %s", (_, typed, row) => {
    const bench = dark();
    expect(bench.type(typed)).toMatchObject({ blank: false, lines: [expect.any(String), row] });
  });

  it("takes a Backspace in a field", () => {
    const bench = dark();
    bench.type("123");
    const { lines } = bench.later(60_000);
    expect(bench.type("\b").lines).not.toEqual(lines);
    expect(bench.frame().blank).toBe(false);
  });

  it("takes text that comes whole, as over the control API", () => {
    const text = parseText("10.9.9.9");
    if (!text.ok) throw new Error(text.error);
    const bench = dark();
    for (const input of text.value) bench.input(input);
    expect(bench.frame()).toMatchObject({ blank: false, lines: [expect.any(String), "010.009.009.9   "] });
  });

  it.each(["7", "\b"])("is lit by %j where nothing takes it, which is no input for idleness", (typed) => {
    const bench = panelBench(homeFacts, undefined, { blankMs: 60_000, idleMs: 300_000 });
    bench.press("ENTER");
    bench.later(299_999);
    expect(bench.type(typed)).toMatchObject({ screen: "main/setup-network", blank: false });
    expect(bench.later(1).screen).toBe("home");
  });

  it("goes home meanwhile, and the waking key acts there no more than elsewhere", () => {
    const bench = panelBench(homeFacts, undefined, { blankMs: 60_000, idleMs: 300_000 });
    bench.press("ENTER");
    expect(bench.later(60_000)).toMatchObject({ screen: "main/setup-network", blank: true });
    expect(bench.later(300_000)).toMatchObject({ screen: "home", blank: true });
    expect(bench.press("ENTER")).toMatchObject({ screen: "home", blank: false });
  });

  it("is lit while the box is busy with what was asked for, and for as long again after it", () => {
    const bench = dark();
    bench.facts({ progress: { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" } });
    expect(bench.later(120_000)).toMatchObject({ screen: "progress/static-lan", blank: false });
    bench.facts({ progress: null, notice: "NOT CHANGED: the disk is full" });
    expect(bench.later(59_999).blank).toBe(false);
    expect(bench.later(1).blank).toBe(true);
  });

  it("is lit by a console that is opened or drawn again", () => {
    const bench = dark();
    expect(viewPanel(wakePanel(bench.state(), bench.context()), bench.context()).blank).toBe(false);
  });
});
