import { describe, expect, it } from "vitest";
import { curlFails } from "../../support/scripted-platform.ts";
import { type Bench, startedBox } from "./harness.ts";

const intervalMs = 180_000;
/** An interval with its jitter, and the time that a failing poll takes. */
const roundMs = intervalMs * 1.1 + 20_000;

const noAnswer = curlFails(7, "Failed to connect");

describe("contact that is lost later", () => {
  it("is a COMMUNICATION FAILURE from the next failed poll to the next good one", async () => {
    const box = await startedBox();
    box.platform.fault = noAnswer;
    await box.advance(10_000);
    expect(box.screen()).toBe("home");
    await box.until("communication-failure", roundMs);
    expect(box.glass()).toEqual(["COMMUNICATION→↓↵", "FAILURE         "]);
    expect(box.facts().fault?.message).toBe("Error connect to server (07)");

    // What was found is one key away, page by page; the menu another.
    await box.press("RIGHT");
    expect(box.glass()).toEqual(["Error connect←↕↵", "to server (07)  "]);
    await box.press("ENTER", "ENTER");
    expect(box.screen()).toBe("main/setup-network");
    await box.press("UP");

    // The cause is gone, and the message stays to the next good poll.
    box.platform.fault = null;
    const polls = box.platform.polls.length;
    await box.until(({ platform }) => platform.polls.length > polls, roundMs);
    expect(box.frames.at(-2)?.screen).toBe("communication-failure");
    await box.until("home", 1000);
    expect(box.glass()).toEqual(["is_box         ↵", "10.77.0.100    P"]);
    expect(box.facts().fault).toBeNull();
  });

  it("shows a pulled cable at the next poll, and polls at once when it is back", async () => {
    const box = await startedBox();
    box.world.patch({ lan: { cable: false } });
    await box.until("communication-failure", roundMs);
    expect(box.facts().fault?.message).toBe("no CARRIER on LAN interface");
    const polls = box.platform.polls.length;
    box.world.patch({ lan: { cable: true } });
    await box.until("home", 5000);
    expect(box.platform.polls.length).toBe(polls + 1);
  });

  it("is found out at once when the settings are changed", async () => {
    const box = await startedBox();
    box.platform.fault = noAnswer;
    await box.until("communication-failure", roundMs);
    // Failed polls come seldom by now.
    await box.advance(400_000);
    box.platform.fault = null;
    await box.press("ENTER*2", "DOWN", "ENTER");
    await box.type("0020\n");
    await box.until("home", 10_000);
    expect(box.facts()).toMatchObject({ phase: "ready", fault: null, settings: { lan: { vlan: 20 } } });
  });

  it("polls at once with a new lease", async () => {
    const box = await startedBox();
    const polls = box.platform.polls.length;
    box.world.patch({ lan: { cable: false, subnet: "10.99.0.0/24" } });
    await box.advance(3000);
    expect(box.platform.polls.length).toBe(polls);
    box.world.patch({ lan: { cable: true } });
    await box.until(({ platform }) => platform.polls.length > polls, 5000);
    expect(box.platform.polls.at(-1)?.network.lan.ipv4).toEqual(["10.99.0.100/24"]);
    expect(box.glass()[1]).toBe("10.99.0.100    P");
  });
});

describe("contact that is lost while a scan runs", () => {
  const scan = (seconds: number) => [{ id: "scan-1", kind: "scan" as const, parameters: { seconds } }];

  async function boxWithScan(seconds: number): Promise<Bench> {
    const box = await startedBox();
    box.platform.jobs = scan(seconds);
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.platform.fault = noAnswer;
    return box;
  }

  it("is told only when the scan has ended", async () => {
    const box = await boxWithScan(400);
    await box.advance(300_000);
    expect(box.platform.polls.length).toBeGreaterThan(3);
    expect([box.screen(), box.controls.leds().s1]).toEqual(["home", true]);
    await box.advance(100_000);
    expect([box.screen(), box.controls.leds().s1]).toEqual(["communication-failure", false]);
  });

  it("is told only when the last of several scans has ended, and the menu says it then too", async () => {
    const box = await startedBox();
    box.platform.jobs = [...scan(300), { id: "scan-2", kind: "scan", parameters: { seconds: 600 } }];
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.platform.fault = noAnswer;
    await box.advance(400_000);
    expect(
      box
        .facts()
        .jobs.map(({ state }) => state)
        .sort(),
    ).toEqual(["done", "running"]);
    expect([box.screen(), box.controls.leds().s1]).toEqual(["home", true]);
    await box.press("ENTER");
    await box.advance(200_000);
    expect(box.controls.leds().s1).toBe(false);
    await box.press("UP*2");
    expect(box.screen()).toBe("communication-failure");
    expect(box.facts().fault?.message).toBe("Error connect to server (07)");
  });

  it("is not told at all when contact comes back before", async () => {
    const box = await boxWithScan(400);
    await box.advance(250_000);
    box.platform.fault = null;
    await box.advance(200_000);
    expect(box.screens).not.toContain("communication-failure");
    expect(box.screen()).toBe("home");
  });
});
