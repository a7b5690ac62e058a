import { describe, expect, it } from "vitest";
import type { Progress } from "../../../src/model/facts.ts";
import { press } from "../../../src/model/key.ts";
import { stepPanel, takesText } from "../../../src/panel/panel.ts";
import { bareFacts, homeFacts, panelBench, staticIpv4, withLan } from "./bench.ts";

const staticFacts = withLan(staticIpv4);

describe("interruption and time", () => {
  it.each<[Progress, boolean]>([
    [{ what: "contacting" }, false],
    [{ what: "filesystem-check" }, false],
    [{ what: "shutting-down" }, true],
    [{ what: "rebooting" }, true],
    [{ what: "canceling-scan" }, true],
    [{ what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" }, true],
  ])("$what ends what a person was doing: %s", (progress, ends) => {
    const bench = panelBench(homeFacts);
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
    bench.facts({ progress });
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
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
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

  it("says when typed characters belong to a field", () => {
    const bench = panelBench(bareFacts);
    const open = () => takesText(bench.state(), bench.context());
    expect(open()).toBe(false);
    bench.press("ENTER*2", "DOWN*2", "ENTER");
    expect(open()).toBe(false);
    bench.press("ENTER");
    expect(open()).toBe(true);
    expect(bench.type("x").screen).toBe("lan-static/address/refused");
    expect(open()).toBe(true);
    bench.facts({ progress: { what: "shutting-down" } });
    expect(open()).toBe(false);
  });
});
