import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { type Contact, createContact } from "../../../src/appliance/contact.ts";
import { createFactTable, type FactTable } from "../../../src/model/fact-table.ts";
import { silentLog } from "../../../src/model/log.ts";
import type { PollOutcome } from "../../../src/uplink/exchange.ts";
import { someFacts } from "../../support/some-facts.ts";

const good: PollOutcome = {
  kind: "ok",
  reply: {
    nonce: "",
    time: "2026-01-01T00:00:00Z",
    registration: { state: "active", name: "is_box", indicator: "P", pollIntervalSeconds: 180 },
    settings: null,
    jobs: [],
    cancellations: [],
    update: null,
  },
};

function wired(): {
  contact: Contact;
  facts: FactTable;
  answered: () => number;
  clock: ReturnType<typeof createFakeClock>;
} {
  const clock = createFakeClock();
  const facts = createFactTable(someFacts({ phase: "starting" }));
  let count = 0;
  const contact = createContact({
    facts,
    clock,
    log: silentLog,
    history: {
      judged: (_, fault) => ({ fault: fault === null ? null : { ...fault, since: "", until: null }, faults: [] }),
    },
    ladder: { climb: () => Promise.reject(new Error("nothing failed")) },
    platformHost: "platform.example",
    curl: () => null,
    kick: () => {},
    ask: () => {},
    answered: () => {
      count += 1;
    },
  });
  return { contact, facts, answered: () => count, clock };
}

describe("what a poll says", () => {
  it("does not count when it began before the network was changed", async () => {
    const { contact, facts, answered, clock } = wired();
    const ending = new AbortController();
    const running = contact.run(ending.signal);
    contact.prepare();
    const began = clock.monotonic();
    await clock.advance(1000);
    const judged = contact.contact(ending.signal);
    contact.ended(good, began);
    expect([facts.get().phase, answered()]).toEqual(["contacting", 0]);

    contact.ended(good, clock.monotonic());
    await judged;
    expect([facts.get().phase, answered()]).toEqual(["ready", 1]);
    ending.abort();
    await running;
  });

  it("does not count while the network is being changed", async () => {
    const { contact, facts, answered, clock } = wired();
    const ending = new AbortController();
    const running = contact.run(ending.signal);
    contact.prepare();
    contact.ended(good, clock.monotonic());
    expect([facts.get().phase, answered()]).toEqual(["contacting", 0]);
    ending.abort();
    await running;
  });
});
