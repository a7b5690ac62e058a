import { describe, expect, it } from "vitest";
import { createFactTable } from "../../../src/model/fact-table.ts";
import { type Facts, ledsOf } from "../../../src/model/facts.ts";
import { someFacts } from "../../support/some-facts.ts";

const initial = someFacts();

describe("fact table", () => {
  it("drops a write that changes nothing", () => {
    const table = createFactTable(initial);
    const seen: Facts[] = [];
    table.subscribe((now) => seen.push(now));
    table.set({ poll: { ...initial.poll } });
    expect(seen).toEqual([]);
    expect(table.get()).toBe(initial);
  });

  it("tells what was and what is, several keys at once", () => {
    const table = createFactTable(initial);
    const seen: [Facts, Facts][] = [];
    table.subscribe((now, before) => seen.push([now, before]));
    table.set({ phase: "contacting", progress: { what: "contacting" } });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.[0]).toMatchObject({ phase: "contacting", progress: { what: "contacting" } });
    expect(seen[0]?.[1]).toBe(initial);
  });

  it("delivers a write made by a listener after the one at hand has reached everybody", () => {
    const table = createFactTable(initial);
    const order: string[] = [];
    table.subscribe((now) => {
      order.push(`first ${now.phase}`);
      if (now.phase === "contacting") table.set({ phase: "ready" });
    });
    table.subscribe((now) => order.push(`second ${now.phase}`));
    table.set({ phase: "contacting" });
    expect(order).toEqual(["first contacting", "second contacting", "first ready", "second ready"]);
  });

  it("stops telling who has left", () => {
    const table = createFactTable(initial);
    const seen: Facts[] = [];
    const stop = table.subscribe((now) => seen.push(now));
    stop();
    table.set({ phase: "ready" });
    expect(seen).toEqual([]);
  });
});

describe("LEDs", () => {
  const scan = { id: "1", kind: "scan", state: "running", percent: 5 } as const;
  it.each([
    ["dark without jobs", { jobs: [] }, { s1: false, s2: false, s3: false }],
    ["S1 while a scan runs", { jobs: [scan] }, { s1: true, s2: false, s3: false }],
    [
      "S1 until a canceled scan has stopped",
      { jobs: [{ ...scan, state: "canceling" }] },
      { s1: true, s2: false, s3: false },
    ],
    ["dark after the scan", { jobs: [{ ...scan, state: "done" }] }, { s1: false, s2: false, s3: false }],
    ["S2 while an update runs", { jobs: [{ ...scan, kind: "update" }] }, { s1: false, s2: true, s3: false }],
    ["dark when the box goes down", { jobs: [scan], phase: "shutting-down" }, { s1: false, s2: false, s3: false }],
  ] as const)("are %s", (_name, change, leds) => {
    expect(ledsOf({ ...initial, ...change })).toEqual(leds);
  });
});
