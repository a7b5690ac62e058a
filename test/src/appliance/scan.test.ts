import { describe, expect, it } from "vitest";
import { type Bench, startedBox } from "./harness.ts";

const roundMs = 220_000;
const dark = { s1: false, s2: false, s3: false };

async function boxWithScan(): Promise<Bench> {
  const box = await startedBox();
  box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 1000, cancelSeconds: 5 } }];
  await box.until(({ controls }) => controls.leds().s1, roundMs);
  return box;
}

const stateOf = ({ facts }: Bench) => facts().jobs.map(({ id, state }) => `${id} ${state}`);

describe("a scan ordered by a poll", () => {
  it("lights S1 until it has ended, is started once, and reported", async () => {
    const box = await boxWithScan();
    expect(box.controls.leds()).toEqual({ ...dark, s1: true });
    await box.advance(roundMs);
    expect(box.platform.polls.at(-1)?.jobs).toMatchObject([{ id: "scan-1", state: "running" }]);
    await box.until(({ controls }) => !controls.leds().s1, 1_000_000);
    expect(stateOf(box)).toEqual(["scan-1 done"]);
    await box.advance(roundMs);
    expect(stateOf(box)).toEqual(["scan-1 done"]);
    expect(box.platform.polls.at(-1)?.jobs).toEqual([{ id: "scan-1", state: "done", percent: 100 }]);
  });

  it("an update lights S2", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "update-1", kind: "update", parameters: { seconds: 30 } }];
    await box.until(({ controls }) => controls.leds().s2, roundMs);
    expect(box.controls.leds()).toEqual({ ...dark, s2: true });
    await box.until(({ controls }) => !controls.leds().s2, 60_000);
  });

  it("is canceled by the platform", async () => {
    const box = await boxWithScan();
    box.platform.cancellations = ["scan-1"];
    await box.until(({ facts }) => facts().jobs[0]?.state === "canceling", roundMs);
    expect(box.controls.leds().s1).toBe(true);
    await box.until(({ controls }) => !controls.leds().s1, 10_000);
    expect([stateOf(box), box.screen()]).toEqual([["scan-1 canceled"], "home"]);
  });

  it("is canceled by a change of the network, which waits for its end", async () => {
    const box = await boxWithScan();
    box.platform.jobs = [];
    await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    expect(box.glass()).toEqual(["SCAN RUNNING: ↑↵", "CANCEL IT?      "]);
    expect(stateOf(box)).toEqual(["scan-1 running"]);
    await box.press("ENTER");
    expect(box.glass()).toEqual(["CANCELING THE   ", "ONGOING SCAN    "]);
    expect(box.controls.leds().s1).toBe(true);
    await box.until("progress/renew-dhcp-lan", 10_000);
    expect([stateOf(box), box.controls.leds().s1]).toEqual([["scan-1 canceled"], false]);
    await box.until("home");
    expect(box.screens.slice(-4)).toEqual(["canceling-scan", "progress/renew-dhcp-lan", "contacting", "home"]);
  });

  it("goes on when the question is answered with UP", async () => {
    const box = await boxWithScan();
    await box.press("ENTER", "ENTER", "ENTER", "UP");
    expect(box.screen()).toBe("setup/dhcp-lan");
    expect(stateOf(box)).toEqual(["scan-1 running"]);
  });

  it("that does not stop holds a change up for half a minute, not for ever", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 1000, cancelSeconds: 60 } }];
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.platform.jobs = [];
    await box.press("ENTER", "ENTER", "ENTER", "ENTER");
    await box.advance(25_000);
    expect(box.screen()).toBe("canceling-scan");
    await box.until("home", 20_000);
    expect(stateOf(box)).toEqual(["scan-1 canceling"]);
  });

  it("is not begun while the network is being changed", async () => {
    const box = await boxWithScan();
    const polls = box.platform.polls.length;
    await box.until(({ facts, clock }) => Date.parse(facts().poll.next ?? "") - clock.now() < 3000, roundMs);
    await box.press("ENTER", "ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    box.platform.jobs = [{ id: "scan-2", kind: "scan", parameters: { seconds: 60 } }];
    await box.until("progress/renew-dhcp-lan", 10_000);
    expect([box.platform.polls.length, stateOf(box)]).toEqual([polls + 1, ["scan-1 canceled"]]);
    await box.until("home");
    expect(stateOf(box)).toEqual(["scan-2 running", "scan-1 canceled"]);
  });
});
