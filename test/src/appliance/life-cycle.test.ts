import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Life, type LifeEvent, newborn, stepLife } from "../../../src/appliance/life-cycle.ts";
import type { Phase } from "../../../src/model/facts.ts";

const active: LifeEvent = { type: "contacted", registration: { state: "active", name: "is_box", indicator: "P" } };
const unactivated: LifeEvent = { type: "contacted", registration: { state: "unactivated", code: "1234" } };
const failure: LifeEvent = { type: "contact-failed", scansRunning: false };
const failureDuringScan: LifeEvent = { type: "contact-failed", scansRunning: true };

const rows: readonly [name: string, events: readonly LifeEvent[], phase: Phase][] = [
  ["the first contact of a new box", [{ type: "contacting" }, unactivated], "activation"],
  ["activation while in contact", [{ type: "contacting" }, unactivated, active], "ready"],
  ["removal from the account while in contact", [{ type: "contacting" }, active, unactivated], "activation"],
  ["a first contact that fails", [{ type: "contacting" }, failure], "network-error"],
  ["every further failure of a first contact", [{ type: "contacting" }, failure, failure], "network-error"],
  ["recovery from a network error", [{ type: "contacting" }, failure, active], "ready"],
  ["a failed poll after contact", [{ type: "contacting" }, active, failure], "communication-failure"],
  ["a failed poll before activation", [{ type: "contacting" }, unactivated, failure], "communication-failure"],
  ["the next good poll", [{ type: "contacting" }, active, failure, active], "ready"],
  ["a failed poll during a scan", [{ type: "contacting" }, active, failureDuringScan], "ready"],
  [
    "the end of that scan",
    [{ type: "contacting" }, active, failureDuringScan, { type: "scans-ended" }],
    "communication-failure",
  ],
  [
    "a good poll before that scan ends",
    [{ type: "contacting" }, active, failureDuringScan, active, { type: "scans-ended" }],
    "ready",
  ],
  ["the end of a scan without a failure", [{ type: "contacting" }, active, { type: "scans-ended" }], "ready"],
  ["a change of the settings", [{ type: "contacting" }, active, failure, { type: "contacting" }], "contacting"],
  [
    "a change that does not reach the platform",
    [{ type: "contacting" }, active, { type: "contacting" }, failure],
    "network-error",
  ],
  [
    "a shutdown that the power manager refuses",
    [{ type: "contacting" }, active, { type: "shutdown" }, { type: "stayed-up" }],
    "contacting",
  ],
];

const anyEvent = fc.constantFrom<LifeEvent>(
  { type: "contacting" },
  active,
  unactivated,
  failure,
  failureDuringScan,
  { type: "scans-ended" },
  { type: "reboot" },
  { type: "shutdown" },
);

describe("life cycle", () => {
  it.each(rows)("%s", (_name, events, phase) => {
    expect(events.reduce(stepLife, newborn).phase).toBe(phase);
  });

  it("never comes back from going down", () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent),
        fc.constantFrom<LifeEvent>({ type: "reboot" }, { type: "shutdown" }),
        fc.array(anyEvent),
        (before, down, after) => {
          const going: Life = stepLife(before.reduce(stepLife, newborn), down);
          expect(after.reduce(stepLife, going).phase).toBe(going.phase);
          expect(["rebooting", "shutting-down"]).toContain(going.phase);
        },
      ),
    );
  });

  it("shows a held back failure only once", () => {
    const held = [{ type: "contacting" } as const, active, failureDuringScan, { type: "scans-ended" } as const].reduce(
      stepLife,
      newborn,
    );
    expect(held).toEqual({ phase: "communication-failure", failureHeldBack: false });
  });
});
