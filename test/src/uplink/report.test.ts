import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts, Job } from "../../../src/model/facts.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { pollRequestSchema } from "../../../src/uplink/protocol.ts";
import { pollReport, registrationOf } from "../../../src/uplink/report.ts";
import { somePort } from "../../support/some-facts.ts";

const port = somePort({ mac: "02:00:0A:4D:00:14" });
const facts: Pick<Facts, "product" | "settings" | "network" | "scanNetworks" | "jobs"> = {
  product: { name: "Qualys", version: "0.1.0", model: "Bezel 1", serial: "29001" },
  settings: factorySettings(),
  network: { lan: port, wan: null, separated: false },
  scanNetworks: { state: "settled", detail: null, failures: [] },
  jobs: [{ id: "scan-1", kind: "scan", state: "running", percent: 10 }],
};
const nonce = "AAAAAAAAAAAAAAAAAAAAAA";

describe("a report", () => {
  it("tells the facts in the protocol's words", () => {
    const fault = {
      number: 7,
      code: "timeout",
      message: "Timeout was reached (28)",
      legacyCode: "E06" as const,
      detail: "müller.example",
      next: "Check that no firewall rule blocks it.",
      since: "2026-01-01T00:00:00.000Z",
      until: null,
    };
    const { next: _, ...told } = fault;
    expect(pollReport(facts, null, [fault])).toEqual({
      serial: "29001",
      model: "Bezel 1",
      versions: { software: "0.1.0", scanner: null, signatures: null },
      network: { mode: "ipv4+v6", lan: { mac: "02:00:0a:4d:00:14", ipv4: ["10.77.0.20/24"], ipv6: [] }, wan: null },
      settings: { revision: null, results: [] },
      jobs: [{ id: "scan-1", state: "running", percent: 10 }],
      health: null,
      faults: [{ ...told, detail: "m?ller.example" }],
    });
  });

  it("is a good request whatever the machine calls itself and however many addresses it has", () => {
    const text = fc.string({ unit: "binary", maxLength: 100 });
    const addresses = fc.array(fc.ipV6(), { maxLength: 40 });
    const job = fc.record<Job>({
      id: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
      kind: fc.constantFrom("scan", "update"),
      state: fc.constantFrom("running", "canceling", "done", "canceled", "failed"),
      percent: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        addresses,
        fc.array(job, { maxLength: 20 }),
        (model, serial, version, ipv6, jobs) => {
          const product = { name: "Qualys", version, model, serial };
          const network = { lan: { ...port, mac: null, ipv6 }, wan: { ...port, ipv6 }, separated: true };
          const report = pollReport({ ...facts, product, network, jobs }, null, []);
          expect(pollRequestSchema.safeParse({ nonce, ...report })).toMatchObject({ success: true });
        },
      ),
    );
  });
});

it("a registration is the reply's, without what concerns the poller alone", () => {
  const reply = { nonce, time: "2026-01-01T00:00:00Z", settings: null, jobs: [], cancellations: [], update: null };
  expect(
    registrationOf({
      ...reply,
      registration: { state: "unactivated", code: "KTPW-HRXN-CDMF", pollAfterSeconds: 10 },
    }),
  ).toEqual({ state: "unactivated", code: "KTPW-HRXN-CDMF" });
  expect(
    registrationOf({
      ...reply,
      registration: { state: "active", name: "is_quays_ab", indicator: "P", pollIntervalSeconds: 60 },
    }),
  ).toEqual({ state: "active", name: "is_quays_ab", indicator: "P" });
});
