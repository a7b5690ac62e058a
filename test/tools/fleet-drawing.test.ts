import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { boxes, fleetPanels, mean } from "../../bench/fleet-curves.ts";
import { drawFleet } from "../../bench/fleet-drawing.ts";

describe("docs/fleet.svg", () => {
  const panels = fleetPanels();

  it("is what the schedule gives; npm run bench -- fleet draws it anew", () => {
    const file = new URL("../../docs/fleet.svg", import.meta.url);
    expect(readFileSync(file, "utf8") === drawFleet(panels), "docs/fleet.svg is stale: npm run bench -- fleet").toBe(
      true,
    );
  });

  it("shows no more than three times the mean, but where all have to try in the same instant", () => {
    const curves = panels.flatMap((panel) => panel.curves);
    const beyond = curves.filter(({ windows }) => Math.max(...windows) > 3 * mean);
    expect(beyond.map(({ name, bounded }) => [name, bounded])).toEqual([["in the same instant", false]]);
    expect(beyond[0]?.fullestSecond).toBeGreaterThanOrEqual(boxes);
  });
});
