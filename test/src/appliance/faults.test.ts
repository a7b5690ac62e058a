import { describe, expect, it } from "vitest";
import type { FileSystemState } from "../../../hal/file-systems.ts";
import { randomFate } from "../../../hal/mock/memory-files.ts";
import { curlFails } from "../../support/scripted-platform.ts";
import { type Bench, diskWithIdentity, startBox, startedBox, stateDirectory } from "./harness.ts";

const noAnswer = curlFails(28, "Connection timed out");
const roundMs = 180_000 * 1.1 + 20_000;

const told = ({ platform }: Bench) =>
  platform.polls.map(({ faults }) => faults.map(({ code, until }) => [code, until !== null]));
const remembered = ({ facts }: Bench) => facts().faults.map(({ code, until }) => [code, until !== null]);

/** A box that saw a general fault give way to a more specific one. */
async function troubledBox(): Promise<Bench> {
  const box = await startedBox();
  box.platform.fault = noAnswer;
  await box.until("communication-failure", roundMs);
  box.world.patch({ lan: { cable: false } });
  await box.until(({ facts }) => facts().fault?.code === "lan-no-carrier", roundMs);
  return box;
}

describe("the faults of a box, over a power cut", () => {
  const cutAndStart = async (box: Bench) => {
    const files = box.files.afterPowerCut(randomFate(1));
    await box.stop();
    return startBox({ files, world: box.world, platform: box.platform, clock: box.clock });
  };

  it("are read at LAST ERRORS, with what newer ones would have overwritten", async () => {
    const box = await troubledBox();
    await box.advance(15_000);
    const next = await cutAndStart(box);
    await next.until("network-error", roundMs);
    expect(remembered(next)).toEqual([
      ["lan-no-carrier", false],
      ["timeout", true],
    ]);
    // Found again: it goes on.
    expect(next.facts().fault?.since).toBe(box.facts().fault?.since);
    await next.press("ENTER", "DOWN*5", "ENTER");
    expect([next.screen(), next.glass()]).toEqual(["last-errors/1", ["no CARRIER ←→↑↓↵", "on LAN interface"]]);
    await next.press("DOWN*2");
    expect(next.glass()).toEqual(["Timeout was←→↑↓↵", "reached (28)    "]);
  });

  it("are told to the platform when it is reached again, each until it was heard, and its end", async () => {
    const box = await troubledBox();
    await box.advance(15_000);
    const next = await cutAndStart(box);
    next.world.patch({ lan: { cable: true } });
    next.platform.fault = noAnswer;
    await next.until("network-error", roundMs);
    const lost = next.platform.polls.length;
    next.platform.fault = null;
    await next.until("home", roundMs);
    await next.advance(roundMs);
    const polls = told(next).slice(lost - 1);
    expect(polls.slice(0, 3)).toEqual([
      polls[0],
      [
        ["timeout", false],
        ["lan-no-carrier", true],
        ["timeout", true],
      ],
      [["timeout", true]],
    ]);
    await next.advance(roundMs);
    expect(told(next).at(-1)).toEqual([]);
  });

  it("say one thing of a fault in the log, however many polls fail", async () => {
    const box = await troubledBox();
    await box.advance(600_000);
    box.platform.fault = null;
    box.world.patch({ lan: { cable: true } });
    await box.until("home", roundMs);
    const lines = box.log.filter((line) => !line.startsWith("debug"));
    expect(lines.filter((line) => line === "warn: fault begins")).toHaveLength(2);
    expect(lines.filter((line) => line === "info: fault ended")).toHaveLength(2);
  });
});

describe("a file system that failed", () => {
  const state = () => ({ state: "mount-failed" as FileSystemState["state"] });

  it("is on the glass above a good contact, told to the platform, and ends by itself", async () => {
    const fileSystem = state();
    const box = await startBox({ fileSystem });
    await box.until("network-error");
    expect(box.glass()).toEqual(["EFS mount    →↓↵", "fatal error     "]);
    expect(box.facts()).toMatchObject({ phase: "network-error", registration: { state: "active" } });
    await box.press("RIGHT");
    expect(box.glass()[0]).toMatch(/^failed:/);
    await box.press("ENTER", "ENTER");
    expect(box.screen()).toBe("main/setup-network");
    await box.press("UP");
    expect(box.screen()).toBe("network-error");

    // Polls go on, and a failure of theirs is written down without being shown.
    expect(told(box)[0]).toEqual([["efs-mount", false]]);
    box.platform.fault = noAnswer;
    await box.until(({ facts }) => facts().faults.length === 2, roundMs);
    expect([box.screen(), box.facts().fault?.code]).toEqual(["network-error", "efs-mount"]);
    box.platform.fault = null;
    await box.until(({ facts }) => facts().faults.every(({ code, until }) => code === "efs-mount" || until), roundMs);

    fileSystem.state = "fsck-failed";
    await box.until(({ facts }) => facts().fault?.code === "efs-fsck", 20_000);
    expect(box.glass()).toEqual(["EFS fsck     →↓↵", "fatal errors    "]);
    // Nobody can tell for a while: that is no reason to think it well.
    fileSystem.state = "unknown";
    await box.advance(30_000);
    expect(box.facts().fault?.code).toBe("efs-fsck");
    fileSystem.state = "sound";
    await box.until("home", 11_000);
    await box.advance(roundMs);
    expect(told(box).at(-1)).toEqual([
      ["efs-fsck", true],
      ["timeout", true],
      ["efs-mount", true],
    ]);
    expect(box.facts().fault).toBeNull();
  });

  it("that comes later is seen within a minute", async () => {
    const fileSystem = { state: "sound" as FileSystemState["state"] };
    const box = await startBox({ fileSystem });
    await box.until("home");
    fileSystem.state = "mount-failed";
    await box.until("network-error", 61_000);
  });

  it("gives way to the cause of a failed contact when it is well", async () => {
    const fileSystem = state();
    const box = await startBox({ fileSystem, files: await diskWithIdentity() });
    box.world.patch({ lan: { cable: false } });
    await box.until("network-error", roundMs);
    fileSystem.state = "sound";
    await box.until(({ facts }) => facts().fault?.code === "lan-no-carrier", 20_000);
    expect([box.screen(), box.glass()[0]]).toEqual(["network-error", "no CARRIER on→↓↵"]);
    expect(box.files.text(`${stateDirectory}/faults/history.json`)).toContain("efs-mount");
  });
});
