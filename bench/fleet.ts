import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { boxes, fleetPanels, intervalSeconds, mean, windowSeconds } from "./fleet-curves.ts";
import { drawFleet } from "./fleet-drawing.ts";
import type { Figure } from "./measure.ts";

const most = 3;

/** The load that a fleet puts on its platform after an outage, by the product's schedule; draws docs/fleet.svg anew. */
export async function measureFleet(): Promise<Figure> {
  const panels = fleetPanels();
  const file = join(import.meta.dirname, "../docs/fleet.svg");
  await writeFile(file, drawFleet(panels));
  return {
    title: "Fleet: polls per second that reach the platform",
    notes: [
      `${boxes} simulated boxes with the product's schedule and a poll each ${intervalSeconds} s, seeded. Ours: the fullest ${windowSeconds} s (the fullest second)`,
      "of the quarter of an hour after the event. Against: the load of a fleet that nothing has disturbed. Drawn in docs/fleet.svg.",
    ],
    rows: panels.flatMap(({ what, curves }) =>
      curves.map(({ name, bounded, windows, fullestSecond }) => {
        const peak = Math.max(...windows);
        return {
          what: `${what} ${name}`,
          ours: `${peak.toFixed(1)}/s (${fullestSecond})`,
          against: `${mean.toFixed(1)}/s`,
          ratio: (peak / mean).toFixed(2),
          goal: bounded ? `<= ${most} x` : "",
          met: bounded ? peak <= most * mean : null,
        };
      }),
    ),
  };
}
