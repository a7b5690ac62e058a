import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApplianceChange } from "../../platform/appliance.ts";
import { createFleet } from "../../platform/fleet.ts";
import { type PollRequest, pollReplySchema, refusalReasonSchema } from "../../src/uplink/protocol.ts";
import { emptyReport } from "../support/some-report.ts";

const keys = ["a", "b", "c"].map((digit) => digit.repeat(64));
const request: PollRequest = {
  nonce: "AAAAAAAAAAAAAAAAAAAAAA",
  ...emptyReport,
};
const fleetOf = () => createFleet({ now: () => 0, save: () => {} });

const key = fc.constantFrom(...keys);
const loose = fc.oneof(fc.string({ maxLength: 20 }), fc.stringMatching(/^[!-~]{1,15}$/));
const change = fc.record<ApplianceChange>(
  {
    state: fc.constantFrom("unactivated", "active", "disabled", "expired", "removed"),
    name: loose,
    indicator: loose,
    pollIntervalSeconds: fc.integer({ min: 0, max: 5000 }),
    wantedVersion: fc.option(loose),
  },
  { requiredKeys: [] },
);
const operation = fc.oneof(
  fc.record({ type: fc.constant("poll" as const), key, running: fc.nat(80) }),
  fc.record({ type: fc.constant("change" as const), key, change }),
  fc.record({ type: fc.constant("activate" as const), index: fc.nat(2), change }),
  fc.record({ type: fc.constant("queue" as const), key, parameters: fc.dictionary(fc.string(), fc.jsonValue()) }),
  fc.record({ type: fc.constant("cancel" as const), key }),
  fc.record({ type: fc.constant("push" as const), key, id: loose, value: fc.dictionary(fc.string(), fc.jsonValue()) }),
);

describe("a fleet", () => {
  it("says only what the protocol allows, whatever its operator asks for", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const fleet = fleetOf();
        for (const step of operations) {
          const known = fleet.appliances();
          switch (step.type) {
            case "poll": {
              const mine = known.find(({ fingerprint }) => fingerprint === step.key)?.jobs ?? [];
              const jobs = mine.slice(0, Math.min(64, step.running)).map(({ id }) => ({
                id,
                state: "running" as const,
                percent: 1,
              }));
              const reply = fleet.poll(step.key, { ...request, jobs }, null);
              const schema = typeof reply === "string" ? refusalReasonSchema : pollReplySchema;
              expect(schema.safeParse(reply)).toMatchObject({ success: true });
              break;
            }
            case "change":
              fleet.change(step.key, step.change);
              break;
            case "activate":
              fleet.activate(known[step.index]?.code ?? "", step.change);
              break;
            case "queue":
              fleet.queueJob(step.key, { kind: "scan", parameters: step.parameters });
              break;
            case "cancel":
              for (const { id } of known[0]?.jobs ?? []) fleet.cancelJob(step.key, id);
              break;
            case "push":
              fleet.pushSettings(step.key, [{ id: step.id, kind: "vlan", value: step.value }]);
              break;
          }
        }
      }),
    );
  });

  it("never holds more open jobs of an appliance than a reply can carry", () => {
    const fleet = fleetOf();
    fleet.activateOnSight({});
    fleet.poll(keys[0] ?? "", request, null);
    const outcomes = Array.from({ length: 70 }, () => fleet.queueJob(keys[0] ?? "", { kind: "scan" }).ok);
    expect(outcomes.filter(Boolean)).toHaveLength(64);
  });

  it("refuses what would make a reply too long", () => {
    const fleet = fleetOf();
    fleet.poll(keys[0] ?? "", request, null);
    const text = "x".repeat(1000);
    const items = Array.from({ length: 1000 }, (_, index) => ({ id: `${index}`, kind: "vlan", value: { text } }));
    expect(fleet.pushSettings(keys[0] ?? "", items)).toMatchObject({ ok: false });
    expect(fleet.queueJob(keys[0] ?? "", { kind: "scan", parameters: { text: text.repeat(5) } })).toMatchObject({
      ok: false,
    });
  });

  it.each([
    ["a code that nobody shows", () => fleetOf().activate("CCCC-CCCC-CCCC")],
    ["an empty code", () => fleetOf().activate("")],
    ["an unknown appliance", () => fleetOf().change(keys[0] ?? "", {})],
    ["a job of an unknown appliance", () => fleetOf().queueJob(keys[0] ?? "", { kind: "scan" })],
  ])("refuses %s with a reason", (_what, ask) => {
    expect(ask()).toMatchObject({ ok: false, problem: expect.stringMatching(/^No appliance/) });
  });

  it("is stored when something is to be remembered, not at each poll", () => {
    let saves = 0;
    const fleet = createFleet({
      now: () => 0,
      save: () => {
        saves++;
      },
    });
    fleet.poll(keys[0] ?? "", request, null);
    fleet.poll(keys[0] ?? "", request, null);
    expect(saves).toBe(1);
    fleet.change(keys[0] ?? "", { state: "active" });
    fleet.change(keys[0] ?? "", { state: "active" });
    expect(saves).toBe(2);
  });
});
