import { averaged, type FleetScenario, seeded, simulateFleet } from "../test/support/fleet.ts";

export const boxes = 10_000;
export const intervalSeconds = 180;
/** Polls per second of a fleet that nothing has disturbed. */
export const mean = boxes / intervalSeconds;
/** The load is told in windows of so many seconds: a second alone has 56 polls, more or less by chance. */
export const windowSeconds = 10;
const shownSeconds = 900;
/** Before anything happens. */
const settledMs = 3_600_000;

export interface Curve {
  readonly name: string;
  /** Whether the load may be at most three times the mean; not where everybody has to try at once. */
  readonly bounded: boolean;
  /** Polls per second in each window from the event on. */
  readonly windows: readonly number[];
  /** The fullest second. */
  readonly fullestSecond: number;
}

export interface Panel {
  readonly title: string;
  /** The title in a word or two, in front of a curve's name. */
  readonly what: string;
  readonly curves: readonly Curve[];
}

type Event = Partial<Pick<FleetScenario, "start" | "outageMs" | "carrierUp">>;

function curve(name: string, event: Event, fromMs: number, bounded = true): Curve {
  const scenario: FleetScenario = {
    boxes,
    intervalMs: intervalSeconds * 1000,
    start: "staggered",
    outageMs: null,
    carrierUp: null,
    untilMs: fromMs + shownSeconds * 1000,
    ...event,
  };
  const load = simulateFleet(scenario, seeded(1)).slice(fromMs / 1000);
  return { name, bounded, windows: averaged(load, windowSeconds), fullestSecond: Math.max(...load) };
}

function outage(name: string, seconds: number, start: FleetScenario["start"] = "staggered"): Curve {
  const outageMs = { from: settledMs, to: settledMs + seconds * 1000 };
  return curve(name, { outageMs, start }, outageMs.to);
}

/** What becomes of ten thousand boxes, by the schedule that the product has. The same at every call. */
export function fleetPanels(): readonly Panel[] {
  return [
    {
      title: "The platform is back after an outage",
      what: "outage",
      curves: [outage("of 5 minutes", 300), outage("of 1 hour", 3600), outage("of 8 hours", 28_800)],
    },
    {
      title: "The same, of boxes that had all been started in the same second",
      what: "started together, outage",
      curves: [
        outage("of 5 minutes", 300, "together"),
        outage("of 1 hour", 3600, "together"),
        outage("of 8 hours", 28_800, "together"),
      ],
    },
    {
      title: "The worst outages: each box has two quick tries on the way when they end",
      what: "outage",
      curves: [outage("of 1 minute", 60), outage("of 2 1/2 minutes", 150)],
    },
    {
      title: "Power is back, and with it every box's cable: nobody waits for anybody",
      what: "all cables back",
      curves: [
        curve("within 90 seconds", { carrierUp: { fromMs: settledMs, spreadMs: 90_000 } }, settledMs),
        curve("in the same instant", { carrierUp: { fromMs: settledMs, spreadMs: 0 } }, settledMs, false),
      ],
    },
  ];
}
