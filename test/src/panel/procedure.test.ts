import { describe, expect, it } from "vitest";
import { changed, homeFacts, panelBench, screens } from "./bench.ts";
import { atItem } from "./flow.ts";
import { worldOf } from "./worlds.ts";

describe("a change while a scan runs", () => {
  const facts = worldOf("a scan");
  const done = facts.jobs.map((job) => ({ ...job, state: "done" as const }));

  it("asks before it cancels the scan, after the last question of its own", () => {
    const bench = atItem(facts, "setup/dhcp-lan");
    expect(screens(bench, "ENTER ENTER")).toEqual(["confirm/dhcp-lan", "confirm/cancel-scan"]);
    expect(bench.effects()).toEqual([]);
    expect(bench.press("ENTER").screen).toBe("home");
    expect(bench.effects()).toHaveLength(1);
  });

  it("UP goes back to the question, what was entered kept", () => {
    const bench = atItem(facts, "setup/static-lan");
    bench.press("ENTER", "ENTER");
    bench.type("10.77.0.99\n");
    bench.press("ENTER*7");
    expect(screens(bench, "ENTER UP ENTER ENTER")).toEqual([
      "confirm/cancel-scan",
      "confirm/static-lan",
      "confirm/cancel-scan",
      "home",
    ]);
    expect(changed(bench).lan.ipv4).toMatchObject({ address: "10.77.0.99" });
  });

  it("UP goes back to the menu where there is no other question", () => {
    const bench = atItem(facts, "setup/vlan");
    bench.press("ENTER");
    bench.type("7");
    expect(screens(bench, "ENTER UP")).toEqual(["confirm/cancel-scan", "setup/vlan"]);
    const renewal = atItem({ ...homeFacts, jobs: facts.jobs }, "setup/dhcp-lan");
    expect(screens(renewal, "ENTER UP")).toEqual(["confirm/cancel-scan", "setup/dhcp-lan"]);
  });

  it("the question goes with the scan", () => {
    const bench = atItem(facts, "setup/dhcp-lan");
    bench.press("ENTER", "ENTER");
    expect(bench.facts({ jobs: done }).screen).toBe("confirm/dhcp-lan");
    expect(bench.press("ENTER").screen).toBe("home");
  });

  it("is not asked before a reboot, nor of a scan that is being cancelled", () => {
    const bench = panelBench(facts);
    expect(screens(bench, "ENTER DOWN ENTER ENTER").at(-1)).toBe("home");
    const canceling = { ...facts, jobs: facts.jobs.map((job) => ({ ...job, state: "canceling" as const })) };
    expect(atItem(canceling, "setup/dhcp-lan").press("ENTER*2").screen).toBe("home");
  });
});
