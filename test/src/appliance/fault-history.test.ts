import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { enroll, reported } from "../../../platform/appliance.ts";
import { createFaultFile } from "../../../src/appliance/fault-file.ts";
import { type FaultHistory, openFaultHistory } from "../../../src/appliance/fault-history.ts";
import { createFactTable, type FactTable } from "../../../src/model/fact-table.ts";
import type { Fault } from "../../../src/model/fault.ts";
import { createDurableFolder } from "../../../src/settings/durable.ts";
import { type PollRequest, pollRequestSchema } from "../../../src/uplink/protocol.ts";
import { pollReport } from "../../../src/uplink/report.ts";
import { someFacts } from "../../support/some-facts.ts";
import { createSomeLog } from "../../support/some-log.ts";

const carrier: Fault = {
  code: "lan-no-carrier",
  message: "no CARRIER on LAN interface",
  legacyCode: null,
  detail: "LAN (lan0)",
  next: "Check the cable.",
};
const timeout: Fault = { ...carrier, code: "timeout", message: "Timeout was reached (28)", legacyCode: "E06" };
const mount: Fault = { ...carrier, code: "efs-mount", message: "EFS mount fatal error", detail: "data.mount" };

/** A disk and a clock; each start is a new life on them. */
function someBox() {
  const clock = createFakeClock();
  let files = createMemoryFiles();
  return {
    clock,
    start: async () => {
      const { log, records } = createSomeLog();
      const facts: FactTable = createFactTable(someFacts());
      const folder = createDurableFolder(files, "/var/lib/bezel/faults");
      const history = await openFaultHistory({ file: createFaultFile({ folder, clock, log }), facts, clock, log });
      const ending = new AbortController();
      const running = history.run(ending.signal);
      return {
        history,
        records,
        faults: () => facts.get().faults,
        fault: () => facts.get().fault,
        /** What is found, a second later. */
        judge: async (source: Parameters<FaultHistory["judged"]>[0], fault: Fault | null) => {
          facts.set(history.judged(source, fault));
          await clock.advance(1000);
        },
        stop: async () => {
          ending.abort();
          await running;
          files = files.afterPowerCut();
          await clock.advance(60_000);
        },
      };
    },
  };
}
const shown = (faults: readonly { code: string; since: string; until: string | null }[]) =>
  faults.map(({ code, since, until }) => [code, since.slice(11, 19), until?.slice(11, 19) ?? null]);

describe("the history of faults", () => {
  it("has those of before a restart; what stood ended with it where it is not found again", async () => {
    const box = someBox();
    const first = await box.start();
    await first.judge("contact", timeout);
    await first.judge("contact", carrier);
    await first.stop();

    const second = await box.start();
    // Nothing is known of it yet: neither that it stands nor that it is over.
    expect([second.fault(), shown(second.faults())[0]]).toEqual([null, ["lan-no-carrier", "00:00:01", null]]);
    await box.clock.advance(20_000);
    await second.judge("contact", null);
    expect(shown(second.faults())).toEqual([
      ["lan-no-carrier", "00:00:01", "00:01:02"],
      ["timeout", "00:00:00", "00:00:01"],
    ]);
    await second.judge("contact", carrier);
    expect(shown(second.faults())[0]).toEqual(["lan-no-carrier", "00:01:23", null]);
  });

  it("lets what is found again after a restart go on", async () => {
    const box = someBox();
    const first = await box.start();
    await first.judge("contact", carrier);
    await first.stop();
    const second = await box.start();
    await second.judge("file-system", null);
    await second.judge("contact", carrier);
    expect(shown(second.faults())).toEqual([["lan-no-carrier", "00:00:00", null]]);
    expect(second.fault()?.since).toBe(first.fault()?.since);
    await second.judge("contact", null);
    expect(shown(second.faults())).toEqual([["lan-no-carrier", "00:00:00", "00:01:03"]]);
  });

  it("keeps its order when the clock is set back", async () => {
    const box = someBox();
    const first = await box.start();
    await first.judge("contact", timeout);
    await first.stop();
    box.clock.setWall(0);
    const second = await box.start();
    await second.judge("contact", carrier);
    expect(second.faults().map(({ number, code, since, until }) => [number, code, since, until])).toEqual([
      [2, "lan-no-carrier", "1970-01-01T00:00:00.000Z", null],
      [1, "timeout", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
    ]);
  });

  it("shows what is wrong with the file systems before all that is wrong with the contact", async () => {
    const box = await someBox().start();
    await box.judge("contact", timeout);
    await box.judge("file-system", mount);
    await box.judge("contact", carrier);
    expect([box.fault()?.code, shown(box.faults())]).toEqual([
      "efs-mount",
      [
        ["lan-no-carrier", "00:00:02", null],
        ["efs-mount", "00:00:01", null],
        ["timeout", "00:00:00", "00:00:02"],
      ],
    ]);
    await box.judge("file-system", null);
    expect(box.fault()?.code).toBe("lan-no-carrier");
  });

  it("says in the log once that a fault began, and once that it ended", async () => {
    const box = someBox();
    const first = await box.start();
    for (let polls = 0; polls < 5; polls++) await first.judge("contact", timeout);
    const fields = JSON.stringify({
      code: "timeout",
      message: "Timeout was reached (28)",
      legacyCode: "E06",
      detail: "LAN (lan0)",
      next: "Check the cable.",
      since: "2026-01-01T00:00:00.000Z",
    });
    expect(first.records).toEqual([`warn: fault begins ${fields}`]);
    await first.stop();
    const second = await box.start();
    await second.judge("contact", timeout);
    await second.judge("contact", null);
    await second.judge("contact", null);
    expect(second.records).toEqual([
      `warn: fault goes on since before the restart ${fields}`,
      `info: fault ended ${fields}`,
    ]);
  });
});

describe("what the platform has not heard", () => {
  const numbers = (history: FaultHistory) => history.untold().map(({ number, until }) => [number, until !== null]);

  it("is told until it is heard, and once more when it has ended; over a restart too", async () => {
    const box = someBox();
    const first = await box.start();
    await first.judge("contact", timeout);
    await first.judge("contact", carrier);
    for (const told of [first.history, first.history]) {
      expect(numbers(told)).toEqual([
        [2, false],
        [1, true],
      ]);
    }
    first.history.heard();
    expect(numbers(first.history)).toEqual([]);
    await first.stop();

    const second = await box.start();
    expect(numbers(second.history)).toEqual([]);
    await second.judge("contact", null);
    expect(numbers(second.history)).toEqual([[2, true]]);
    await second.stop();
    const third = await box.start();
    expect(numbers(third.history)).toEqual([[2, true]]);
    third.history.heard();
    expect(numbers(third.history)).toEqual([]);
  });

  it("is what was offered, not what came while the reply was under way", async () => {
    const box = await someBox().start();
    await box.judge("contact", timeout);
    expect(numbers(box.history)).toEqual([[1, false]]);
    await box.judge("contact", carrier);
    box.history.heard();
    expect(numbers(box.history)).toEqual([
      [2, false],
      [1, true],
    ]);
  });

  it("is all there in the end, each once, whatever is lost and however often the box restarts", async () => {
    type Step = "poll" | "lost reply" | "restart" | readonly ["contact" | "file-system", Fault | null];
    const anyStep = fc.constantFrom<Step>(
      "poll",
      "lost reply",
      "restart",
      ["contact", timeout],
      ["contact", carrier],
      ["contact", null],
      ["file-system", mount],
      ["file-system", null],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
        const box = someBox();
        let life = await box.start();
        let appliance = enroll("0".repeat(64), "AAAA-BBBB-CCCC");
        const heard: string[] = [];
        const poll = (replyArrives: boolean) => {
          const report = pollReport(someFacts(), null, life.history.untold());
          const request: PollRequest = pollRequestSchema.parse({ nonce: "A".repeat(22), ...report });
          appliance = reported(appliance, request);
          if (!replyArrives) return;
          life.history.heard();
          heard.push(...request.faults.map((fault) => JSON.stringify([fault.number, fault.until])));
        };
        for (const step of steps) {
          if (step === "poll") poll(true);
          else if (step === "lost reply") poll(false);
          else if (step === "restart") {
            await life.stop();
            life = await box.start();
          } else await life.judge(step[0] as "contact", step[1] as Fault | null);
        }
        poll(true);
        expect(life.history.untold()).toEqual([]);
        const whole = (faults: readonly { number: number; until: string | null }[]) =>
          faults.map(({ number, until }) => [number, until]).sort();
        expect(whole(appliance.faults)).toEqual(whole(life.faults()));
        expect(new Set(heard).size).toBe(heard.length);
      }),
      { numRuns: 200 },
    );
  });
});
