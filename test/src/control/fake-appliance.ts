import type { Controllable } from "../../../src/control/api.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import type { PanelInput } from "../../../src/model/key.ts";
import type { OrderReport } from "../../../src/model/order.ts";
import { someFacts, somePort } from "../../support/some-facts.ts";

export const lanState = somePort({ dns: ["10.77.0.53"], wins: ["10.77.0.54"], domain: "corp.example" });

export const readyFacts = someFacts({
  product: { name: "Qualys", version: "0.1.0", model: "Bezel 1", serial: "29001" },
  registration: { state: "active", name: "is_acme", indicator: "P" },
  poll: { intervalSeconds: 180, lastAttempt: null, lastSuccess: "2026-01-01T00:00:00.000Z", next: null },
  network: { lan: lanState, wan: null, separated: false },
  consoles: [{ device: "/dev/pts/3", state: "open" }],
});

export const homeFrame: Frame = {
  screen: "home",
  cols: 16,
  rows: 2,
  lines: ["is_acme        ↵", "10.77.0.20     P"],
  cursor: null,
  leds: { s1: false, s2: false, s3: false },
  blank: false,
};

export const keptReport: OrderReport = {
  revision: 7,
  outcome: "kept",
  reason: null,
  results: [{ id: "vlan-20", ok: true, message: "" }],
};

export interface FakeAppliance extends Controllable {
  readonly inputs: PanelInput[];
  readonly orders: unknown[];
  /** What becomes of orders from now on. */
  answerOrders(answer: () => OrderReport | Promise<OrderReport>): void;
  /** How often an order was taken back; the first time with success. */
  cancellations(): number;
  /** Makes these the facts or the picture, and tells the subscribers. */
  change(change: { facts?: Partial<Facts>; frame?: Partial<Frame> }): void;
  subscribers(): number;
}

/** Shows on its glass how many inputs it has seen. */
export function fakeAppliance(): FakeAppliance {
  let facts = readyFacts;
  let frame = homeFrame;
  const inputs: PanelInput[] = [];
  const orders: unknown[] = [];
  let answer: () => OrderReport | Promise<OrderReport> = () => keptReport;
  let cancellations = 0;
  const listeners = new Set<() => void>();
  const change: FakeAppliance["change"] = (changed) => {
    facts = { ...facts, ...changed.facts };
    frame = { ...frame, ...changed.frame };
    for (const listener of listeners) listener();
  };
  return {
    inputs,
    orders,
    facts: () => facts,
    frame: () => frame,
    input: (given) => {
      inputs.push(...given);
      change({ frame: { lines: [`${inputs.length} inputs`.padEnd(16), " ".repeat(16)] } });
      return frame;
    },
    takesText: () => true,
    order: async (document) => {
      orders.push(document);
      return answer();
    },
    answerOrders: (given) => {
      answer = given;
    },
    cancelOrder: () => {
      cancellations += 1;
      return cancellations === 1;
    },
    cancellations: () => cancellations,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change,
    subscribers: () => listeners.size,
  };
}
