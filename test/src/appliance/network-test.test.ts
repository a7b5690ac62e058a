import { describe, expect, it } from "vitest";
import {
  type Answer,
  answers,
  createScriptedPlatform,
  curlFails,
  refuses,
  unactivated,
} from "../../support/scripted-platform.ts";
import { someOrder, staticItem } from "../../support/some-orders.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

const noAnswer = curlFails(7, "Failed to connect");

/** At home, with TEST NETWORK chosen: the test has begun. */
async function testing(box: Bench): Promise<void> {
  await box.press("ENTER", "DOWN*4", "ENTER");
  expect(box.screen()).toBe("test-network");
}

const ended = ({ facts }: Bench) => facts().test !== null && facts().test?.state !== "running";

async function tested(prepare = (_: Bench) => {}): Promise<Bench> {
  const box = await startedBox();
  prepare(box);
  await testing(box);
  await box.until(ended);
  return box;
}

const spoilt = (fault: Answer) => (box: Bench) => {
  box.platform.fault = fault;
};

const rungs = (box: Bench) =>
  box.facts().test?.rungs.map(({ rung, port }) => (port === null ? rung : `${port} ${rung}`));
const contact = ["separation", "dns-servers", "dns", "connect", "tls", "http", "platform"];
const portRungs = (port: string) => ["carrier", "duplicate", "address", "gateway"].map((rung) => `${port} ${rung}`);

describe("a test of the network", () => {
  it("climbs every rung with its time, by one contact, and changes nothing", async () => {
    const box = await startedBox();
    const polls = box.platform.polls.length;
    const { poll, phase } = box.facts();
    await testing(box);
    await box.until(ended);
    expect(box.facts().test).toMatchObject({ state: "done", reason: null, climbing: null, fault: null });
    expect(rungs(box)).toEqual(["settings", "network", ...portRungs("lan"), ...contact]);
    const asked = box
      .facts()
      .test?.rungs.slice(-4)
      .map(({ rung, ok, ms }) => [rung, ok, ms]);
    expect(asked).toEqual([
      ["connect", true, 20],
      ["tls", true, 20],
      ["http", true, 20],
      ["platform", true, 20],
    ]);
    expect(box.glass()).toEqual(["NETWORK IS  ←↑↓↵", "FINE            "]);
    expect(box.platform.polls.length).toBe(polls + 1);
    expect(box.facts()).toMatchObject({ phase, poll, fault: null, progress: null });
    expect(box.log).toContain("info: network tested");
  });

  it("is followed on the glass while it goes on, and polls go on beside it", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    await testing(box);
    await box.until(({ facts }) => facts().test?.climbing?.rung === "connect");
    await box.advance(12_000);
    expect(box.glass()[0]).toBe("CONNECT     ←↑↓↵");
    expect(box.glass()[1]).toMatch(/^TESTING 1\d s {4}$/);
    const polls = box.platform.polls.length;
    // Carrier and lease come anew: a poll at once.
    box.world.patch({ lan: { cable: false } });
    await box.advance(1000);
    box.world.patch({ lan: { cable: true } });
    await box.advance(5000);
    expect(box.platform.polls.length).toBeGreaterThan(polls);
    expect(box.facts().test?.state).toBe("running");
    await box.until(ended);
    expect(box.facts().test?.fault?.message).toBe("Timeout was reached (28)");
    expect(box.glass()).toEqual(["Timeout was ←↑↓↵", "reached (28)    "]);
  });

  it.each<[string, (box: Bench) => void, string, string]>([
    [
      "a pulled cable",
      ({ world }) => world.patch({ lan: { cable: false } }),
      "no CARRIER on LAN interface",
      "lan carrier",
    ],
    ["a silent DNS server", ({ world }) => world.patch({ lan: { dns: "off" } }), "LAN DNS server not reachable", "dns"],
    ["a name unknown", ({ world }) => world.patch({ lan: { dns: "refuse" } }), "LAN DNS can't resolve QG URL", "dns"],
    ["a refused connection", spoilt(noAnswer), "Error connect to server (07)", "connect"],
    ["an HTTP error", spoilt(answers(500)), "Unexpected QG HTTP/500", "http"],
    ["a refusal", spoilt(refuses("disabled")), "This Scanner is disabled", "platform"],
  ])("names %s, at its rung", async (_, prepare, message, rung) => {
    const box = await tested(prepare);
    expect(box.facts().test).toMatchObject({ state: "done", fault: { message } });
    expect(rungs(box)?.at(-1)).toBe(rung);
    expect(
      box
        .facts()
        .test?.rungs.map(({ ok }) => ok)
        .lastIndexOf(true),
    ).toBe((rungs(box)?.length ?? 0) - 2);
  });

  it("climbs LAN, then WAN, in a split network", async () => {
    const box = await startedBox();
    await box.press("ENTER*2", "DOWN*3", "ENTER*2", "ENTER");
    await box.until(
      ({ facts }) => facts().phase === "ready" && facts().network.wan !== null && facts().progress === null,
    );
    await testing(box);
    await box.until(ended);
    expect(rungs(box)).toEqual(["settings", "network", ...portRungs("lan"), ...portRungs("wan"), ...contact]);
  });

  it("is begun anew at once, and the one before is given up", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    await testing(box);
    await box.until(({ facts }) => facts().test?.climbing?.rung === "connect");
    await box.advance(5000);
    box.platform.fault = null;
    await box.press("ENTER");
    await box.until(ended, 2000);
    expect(box.facts().test).toMatchObject({ state: "done", fault: null });
    expect(rungs(box)).toHaveLength(13);
  });

  it.each(["UP", "LEFT"])("ends when it is left by %s, and leaves nothing behind", async (key) => {
    const box = await startedBox();
    const { poll } = box.facts();
    box.platform.fault = "hangs";
    await testing(box);
    await box.until(({ facts }) => facts().test?.climbing?.rung === "connect");
    const before = box.screens.length;
    await box.press(key);
    expect(box.facts().test).toMatchObject({ state: "canceled", reason: null, climbing: null });
    box.platform.fault = null;
    await box.press("UP*5");
    expect(box.screen()).toBe("home");
    await box.advance(70_000);
    expect(box.facts()).toMatchObject({ phase: "ready", progress: null, fault: null, poll });
    expect(box.screens.slice(before)).not.toContain("contacting");
    expect(box.facts().test?.rungs.map(({ rung }) => rung)).not.toContain("connect");
  });

  it("starts no job, and leaves it to the next poll", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 60 } }];
    await testing(box);
    await box.until(ended);
    await box.advance(2000);
    expect(box.facts().jobs).toEqual([]);
    await box.until(({ facts }) => facts().jobs.length > 0, 200_000);
    expect(box.facts().jobs).toHaveLength(1);
  });

  it("ends a COMMUNICATION FAILURE whose cause has gone, by the poll that it asks for", async () => {
    const box = await startedBox();
    box.platform.fault = noAnswer;
    await box.until("communication-failure", 220_000);
    await box.advance(300_000);
    box.platform.fault = null;
    await testing(box);
    await box.until(({ facts }) => facts().phase === "ready", 2000);
    expect(box.facts().test).toMatchObject({ state: "done", fault: null });
    expect(box.screen()).toBe("test-network");
    await box.press("UP*6");
    expect(box.screen()).toBe("home");
  });

  it("asks for no poll when it finds what stands already", async () => {
    const box = await startedBox();
    box.platform.fault = noAnswer;
    await box.until("communication-failure", 220_000);
    await box.advance(300_000);
    const { poll } = box.facts();
    await testing(box);
    await box.until(ended);
    await box.advance(1000);
    expect(box.facts().poll).toEqual(poll);
  });

  it("lets a box at home know what it has found", async () => {
    const box = await tested(({ world }) => world.patch({ lan: { cable: false } }));
    await box.until(({ facts }) => facts().phase === "communication-failure", 20_000);
    expect(box.facts().fault?.message).toBe("no CARRIER on LAN interface");
  });

  it("takes the place of a poll that hangs on what is mended by now", async () => {
    const box = await tested(({ world }) => world.patch({ lan: { dns: "off" } }));
    await box.until(({ facts }) => facts().poll.next === null);
    box.world.patch({ lan: { dns: "ok" } });
    await box.press("ENTER");
    await box.until(ended);
    await box.advance(20_000);
    expect(box.screens).not.toContain("communication-failure");
    expect(box.facts()).toMatchObject({ phase: "ready", fault: null, faults: [] });
  });

  it("works for a box that waits for its activation", async () => {
    const box = await startBox({ platform: createScriptedPlatform(unactivated) });
    await box.until("activation");
    await testing(box);
    await box.until(ended);
    expect(box.facts().test?.fault).toBeNull();
  });
});

describe("a test of the network beside a change", () => {
  const order = (box: Bench, address: string) =>
    box.appliance.order(someOrder([staticItem("lan", address)], { revision: 7 }));

  it("is refused with the reason, and may be tried again behind it", async () => {
    const box = await tested();
    // The platform is lost with this address, and looked for.
    const ordered = order(box, "10.99.0.20");
    await box.advance(20_000);
    await box.press("ENTER");
    expect(box.facts().test).toMatchObject({ state: "refused", reason: expect.stringMatching(/./), rungs: [] });
    expect(box.glass().join("")).toContain("NOT TESTED:");
    await box.until(({ facts }) => facts().lastOrder !== null);
    expect((await ordered).outcome).toBe("reverted");
    await box.until(({ facts }) => facts().phase === "ready");
    await box.press("ENTER");
    await box.until(ended);
    expect(box.facts().test).toMatchObject({ state: "done", fault: null });
  });

  it("is ended by the change", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    await testing(box);
    await box.until(({ facts }) => facts().test?.climbing?.rung === "connect");
    box.platform.fault = null;
    const ordered = order(box, "10.77.0.30");
    await box.advance(100);
    expect(box.facts().test).toMatchObject({ state: "canceled", reason: "the network is being changed" });
    await box.until(({ facts }) => facts().lastOrder !== null);
    expect((await ordered).outcome).toBe("kept");
  });

  it("is ended when the system goes down", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    await testing(box);
    await box.until(({ facts }) => facts().test?.climbing?.rung === "connect");
    await box.pressPowerButton();
    await box.until("safe-to-unplug");
    expect(box.facts().test).toMatchObject({ state: "canceled", reason: "the system is going down", climbing: null });
  });
});
