import { describe, expect, it } from "vitest";
import { press } from "../../../src/model/key.ts";
import { failed, ok } from "../../../src/model/result.ts";
import type { NetworkBackend, Operation } from "../../../src/network/backend.ts";
import { curlFails } from "../../support/scripted-platform.ts";
import { type Bench, startBox, startedBox, stateDirectory } from "./harness.ts";

/** From the lease's 10.77.0.100 to 10.77.0.20, and a second DNS server; all else as the lease has it. */
const address = ["RIGHT*9", "DOWN", "RIGHT", "UP*2", "ENTER"];
const secondDns = ["RIGHT", "UP", "RIGHT*3", "UP*7", "RIGHT", "UP*7", "RIGHT*6", "UP*2", "ENTER"];
const toLastQuestion = [
  "ENTER", // the main menu
  "ENTER", // SETUP NETWORK
  "DOWN*2", // past RENEW DHCP ON LAN and ENABLE VLAN ON LAN
  "ENTER",
  "ENTER", // CFG LAN STATIC NETWORK PARAMS?
  ...address,
  "ENTER", // netmask
  "ENTER", // gateway
  "ENTER", // DNS1
  ...secondDns,
  "ENTER", // WINS1
  "ENTER", // WINS2
  "ENTER", // domain
];

const chosen = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.1", "10.77.0.2"],
  wins: [],
  domain: "bench.example",
} as const;

async function staticBox(): Promise<Bench> {
  const box = await startedBox();
  await box.press(...toLastQuestion, "ENTER");
  await box.until("home");
  return box;
}

describe("a static IP on LAN by keys", () => {
  it("leads through every prompt, takes effect, and stays over a restart", async () => {
    const box = await startedBox();
    const before = box.screens.length;
    await box.press(...toLastQuestion.slice(0, 9));
    // The glass shows the padded field, its cursor on the digit that was turned last.
    expect(box.glass()).toEqual(["LAN IP ADDR←→↑↓↵", "010.077.000.020 "]);
    expect(box.controls.glass().cursor).toEqual({ row: 1, col: 13 });
    await box.press(...toLastQuestion.slice(9));
    expect(box.glass()).toEqual(["REALLY SET LAN↑↵", "STATIC NETWORK? "]);
    await box.press("ENTER");
    await box.until("home");
    expect(box.screens.slice(before)).toEqual([
      "main/setup-network",
      "setup/dhcp-lan",
      "setup/vlan",
      "setup/static-lan",
      "begin/static-lan",
      "lan-static/address",
      "lan-static/netmask",
      "lan-static/gateway",
      "lan-static/dns1",
      "lan-static/dns2",
      "lan-static/wins1",
      "lan-static/wins2",
      "lan-static/domain",
      "confirm/static-lan",
      "progress/static-lan",
      "contacting",
      "home",
    ]);
    expect(box.glass()).toEqual(["is_box         ↵", "10.77.0.20     P"]);
    expect(box.facts().settings.lan.ipv4).toEqual(chosen);
    expect(box.kernel.current().lan).toMatchObject({
      method: "static",
      ipv4: ["10.77.0.20/24"],
      gateway: "10.77.0.1",
      dns: ["10.77.0.1", "10.77.0.2"],
      lease: null,
    });
    expect(box.platform.polls.at(-1)?.network.lan.ipv4).toEqual(["10.77.0.20/24"]);

    await box.stop();
    const next = await startedBox({ files: box.files.afterPowerCut() });
    expect(next.glass()).toEqual(["is_box         ↵", "10.77.0.20     P"]);
    expect(next.facts()).toMatchObject({
      settings: { lan: { ipv4: chosen } },
      storage: { loaded: "current", problem: null },
    });
  });

  it.each([
    ["at the opening question", toLastQuestion.slice(0, 4), "setup/static-lan"],
    ["at the last question", toLastQuestion, "setup/static-lan"],
  ])("UP %s changes nothing", async (_name, keys, screen) => {
    const box = await startedBox();
    const operations = box.files.operations().length;
    const polls = box.platform.polls.length;
    await box.press(...keys, "UP");
    expect(box.screen()).toBe(screen);
    await box.press("UP*4");
    expect(box.screen()).toBe("home");
    expect(box.facts().settings.lan.ipv4).toEqual({ method: "dhcp" });
    expect(box.kernel.current().lan.method).toBe("dhcp");
    expect([box.files.operations().length, box.platform.polls.length]).toEqual([operations, polls]);
  });

  it.each([
    [
      "the platform does not answer",
      (box: Bench) => {
        box.platform.fault = curlFails(28, "timed out");
      },
      "Timeout was reached (28)",
    ],
    ["DNS is silent", (box: Bench) => box.world.patch({ lan: { dns: "off" } }), "LAN DNS server not reachable"],
    ["there is no cable", (box: Bench) => box.world.patch({ lan: { cable: false } }), "no CARRIER on LAN interface"],
    [
      "another machine has the address",
      (box: Bench) => box.world.patch({ lan: { duplicate: true } }),
      "Duplicate IP detected",
    ],
  ])("is kept although %s", async (_name, spoil, message) => {
    const box = await startedBox();
    await box.press(...toLastQuestion);
    spoil(box);
    await box.press("ENTER");
    await box.until("network-error");
    expect(box.facts()).toMatchObject({ fault: { message }, notice: null, settings: { lan: { ipv4: chosen } } });
    const next = await startBox({ files: box.files.afterPowerCut(), world: box.world });
    await next.until(({ facts }) => facts().settings.lan.ipv4.method === "static");
  });

  it("is given up for DHCP after REALLY ENABLE DHCP ON LAN?", async () => {
    const box = await staticBox();
    await box.press("ENTER", "ENTER");
    expect(box.glass()).toEqual(["ENABLE DHCP  ↑↓↵", "ON LAN          "]);
    await box.press("ENTER");
    expect(box.screen()).toBe("confirm/dhcp-lan");
    await box.press("UP");
    expect([box.screen(), box.facts().settings.lan.ipv4.method]).toEqual(["setup/dhcp-lan", "static"]);
    await box.press("ENTER", "ENTER");
    expect(box.screen()).toBe("progress/dhcp-lan");
    await box.until("home");
    expect(box.facts().settings.lan.ipv4).toEqual({ method: "dhcp" });
    expect(box.glass()[1]).toBe("10.77.0.100    P");
  });
});

describe("a confirmed change", () => {
  it("is followed by its poll at once: no message and no schedule keeps it waiting", async () => {
    const box = await startedBox();
    await box.press(...toLastQuestion);
    const confirmedMs = box.clock.now();
    box.appliance.input([press("ENTER")]);
    await box.advance(1000);
    // The modelled daemon takes 250 ms, and the transfer 80.
    const { lastAttempt, lastSuccess } = box.facts().poll;
    expect(Date.parse(lastAttempt ?? "") - confirmedMs).toBe(250);
    expect(Date.parse(lastSuccess ?? "") - confirmedMs).toBe(330);
    // What is done is said for long enough to be read all the same.
    await box.until("home");
    const shown = ["progress/static-lan", "contacting", "home"].map(
      (wanted) => box.frames.findLast(({ screen }) => screen === wanted)?.atMs ?? 0,
    );
    expect(shown.map((atMs, index) => atMs - (shown[index - 1] ?? atMs))).toEqual([0, 700, 700]);
  });
});

describe("a change that the machine does not take", () => {
  const isStatic = (operation: Operation) => operation.kind === "configure" && operation.ipv4.method === "static";
  const rows: readonly [name: string, perform: NetworkBackend["perform"], notice: RegExp][] = [
    [
      "refused by the kernel",
      async () => failed({ kind: "refused", detail: "RTNETLINK answers: Invalid argument" }),
      /^CHANGE UNDONE: .*Invalid argument/,
    ],
    [
      "never answered",
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      /^CHANGE UNDONE: .*no result within 60 s/,
    ],
    ["taken, but not done", async () => ok(null), /^CHANGE UNDONE: LAN is dhcp, not static/],
  ];

  it.each(rows)("%s: the settings before stand, and it is said", async (_name, perform, notice) => {
    const box = await startedBox({
      tamper: (backend) => ({
        ...backend,
        perform: (operation, signal) => (isStatic(operation) ? perform : backend.perform)(operation, signal),
      }),
    });
    const { settings } = box.facts();
    await box.press(...toLastQuestion, "ENTER");
    expect(box.glass()).toEqual(["ENABLING STATIC ", "IP ON LAN       "]);
    await box.until("change-notice");
    expect(box.facts().notice).toMatch(notice);
    expect([box.facts().settings, box.facts().phase, box.kernel.current().lan.method]).toEqual([
      settings,
      "ready",
      "dhcp",
    ]);
    await box.press("ENTER");
    expect(box.screen()).toBe("home");
    const next = await startedBox({ files: box.files.afterPowerCut() });
    expect(next.facts()).toMatchObject({ settings, storage: { problem: null } });
  });
});

describe("RENEW DHCP ON LAN", () => {
  it("asks nothing, brings a new lease and stores nothing", async () => {
    const box = await startedBox();
    const stored = box.files.text(`${stateDirectory}/settings/settings.json`);
    box.world.patch({ lan: { subnet: "10.99.0.0/24" } });
    await box.press("ENTER", "ENTER", "ENTER");
    expect(box.screens.slice(-3)).toEqual(["main/setup-network", "setup/dhcp-lan", "progress/renew-dhcp-lan"]);
    await box.until("home");
    expect(box.glass()[1]).toBe("10.99.0.100    P");
    expect(box.files.text(`${stateDirectory}/settings/settings.json`)).toBe(stored);
  });
});
