import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sleep } from "../../../hal/clock.ts";
import type { HalError } from "../../../hal/errors.ts";
import { type LinkMode, linkModes } from "../../../hal/ethernet.ts";
import { createEthernetPorts } from "../../../hal/linux/ethernet.ts";
import { createFiles } from "../../../hal/linux/files.ts";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { createScriptedProcesses, type ScriptedRun } from "../../../hal/mock/scripted-processes.ts";
import type { Argv, Exited, Processes } from "../../../hal/processes.ts";
import { createEthtoolModel, type ModelPort, portTypes } from "../../support/ethtool-model.ts";
import { hasTool } from "../../support/tools.ts";

function ports(script: readonly ScriptedRun[], attributes: Record<string, string> = {}) {
  const files = createMemoryFiles();
  for (const [name, value] of Object.entries(attributes)) files.put(`/net/lan0/${name}`, `${value}\n`);
  const processes = createScriptedProcesses(script);
  return { ethernet: createEthernetPorts({ files, processes, sysClassNet: "/net" }), files, done: processes.done };
}

describe("state of a port", () => {
  const mac = "00:1b:21:aa:bb:cc";
  it.each<[string, Record<string, string>, object]>([
    [
      "a port with a cable",
      { address: mac, carrier: "1", speed: "1000", duplex: "full" },
      { present: true, mac, carrier: true, speedMbps: 1000, duplex: "full" },
    ],
    [
      "a port without a cable",
      { address: mac, carrier: "0", speed: "-1", duplex: "unknown" },
      { present: true, mac, carrier: false, speedMbps: null, duplex: null },
    ],
    [
      "stale values of a driver without carrier",
      { address: mac, carrier: "0", speed: "100", duplex: "half" },
      { present: true, mac, carrier: false, speedMbps: null, duplex: null },
    ],
    [
      "a port whose driver cannot tell",
      { address: mac, carrier: "1", speed: "-1", duplex: "unknown" },
      { present: true, mac, carrier: true, speedMbps: null, duplex: null },
    ],
    [
      "a port that is down, whose carrier cannot be read",
      { address: mac },
      { present: true, mac, carrier: false, speedMbps: null, duplex: null },
    ],
    ["a missing port", {}, { present: false, mac: null, carrier: false, speedMbps: null, duplex: null }],
  ])("%s", async (_, attributes, expected) => {
    expect(await ports([], attributes).ethernet.state("lan0")).toEqual(expected);
  });

  it("takes the kernel's EINVAL for no carrier", async () => {
    const { ethernet, files } = ports([], { address: mac, carrier: "1" });
    files.fail({ kind: "io", path: "/net/lan0/carrier" });
    expect(await ethernet.state("lan0")).toMatchObject({ present: true, carrier: false });
  });

  it("reads this machine's loopback interface", async () => {
    const ethernet = createEthernetPorts({ files: createFiles(), processes: createProcesses() });
    expect(await ethernet.state("lo")).toMatchObject({ present: true, mac: "00:00:00:00:00:00" });
    expect(await ethernet.state("no-such-port")).toMatchObject({ present: false });
  });

  it.each(["", "..", "a/b", "-s", "a b", "x".repeat(16)])("takes the name %j for a bug", async (name) => {
    await expect(ports([]).ethernet.state(name)).rejects.toThrow(RangeError);
  });
});

/** Ports over the strict model of ethtool. Time stands still: only `clock.advance` lets a read-back be repeated. */
function modelled(port: ModelPort, { mayChange = true } = {}) {
  const model = createEthtoolModel({ lan0: port }, mayChange);
  const files = createMemoryFiles();
  files.put("/net/lan0/address", "00:1b:21:aa:bb:cc\n");
  const clock = createFakeClock();
  return { model, clock, ethernet: createEthernetPorts({ files, processes: model, sysClassNet: "/net", clock }) };
}

const { gigabit, fast, fibre, tenGigabit, virtual, mute } = portTypes;

describe("modes of a port", () => {
  it.each<[string, ModelPort, readonly LinkMode[]]>([
    ["gigabit copper", gigabit, linkModes],
    ["100 Mbit copper", fast, ["auto", "100/full", "100/half", "10/full", "10/half"]],
    [
      "2.5 gigabit copper",
      { ...gigabit, supported: ["100baseT/Full", "1000baseT/Full", "2500baseT/Full"] },
      ["auto", "1000/full", "100/full"],
    ],
    ["gigabit fibre, whose one mode is what auto does", fibre, ["auto"]],
    ["10 gigabit fibre that does not negotiate", tenGigabit, ["auto"]],
    ["a virtual port", virtual, ["auto"]],
    ["a port whose driver says nothing", mute, ["auto"]],
  ])("%s", async (_, port, modes) => {
    const { ethernet } = modelled(port);
    expect(await ethernet.modes("lan0")).toEqual(modes);
    expect(await ethernet.mode("lan0")).toBe("auto");
  });

  const all = [gigabit, fast].flatMap((port) => [true, false].map((carrier) => ({ ...port, carrier })));
  it.each(all)(
    "each that is offered can be set and read back, from each other ($supported, carrier $carrier)",
    async (port) => {
      const { ethernet } = modelled(port);
      const offered = await ethernet.modes("lan0");
      for (const from of offered) {
        for (const to of offered) {
          await ethernet.setMode("lan0", from);
          await ethernet.setMode("lan0", to);
          expect(await ethernet.mode("lan0")).toBe(to);
        }
      }
    },
  );

  it.each<[LinkMode, readonly string[]]>([
    ["1000/full", ["speed", "1000", "duplex", "full", "autoneg", "on"]],
    ["100/half", ["speed", "100", "duplex", "half", "autoneg", "off"]],
    ["10/full", ["speed", "10", "duplex", "full", "autoneg", "off"]],
  ])("%s is ordered once by %j, and taken back by autoneg on", async (mode, order) => {
    const { ethernet, model } = modelled(gigabit);
    await ethernet.setMode("lan0", "auto");
    await ethernet.setMode("lan0", mode);
    await ethernet.setMode("lan0", mode);
    await ethernet.setMode("lan0", "auto");
    expect(model.orders).toEqual([
      ["ethtool", "-s", "lan0", ...order],
      ["ethtool", "-s", "lan0", "autoneg", "on"],
    ]);
  });

  it.each<[string, ModelPort, LinkMode, string]>([
    ["100 Mbit copper", fast, "1000/full", "1000/full, only auto, 100/full, 100/half, 10/full, 10/half"],
    ["gigabit fibre", fibre, "100/full", "100/full, only auto"],
    ["a virtual port", virtual, "10/half", "10/half, only auto"],
  ])("%s refuses what it lacks and names what it has", async (_, port, mode, words) => {
    const { ethernet, model } = modelled(port);
    await expect(ethernet.setMode("lan0", mode)).rejects.toMatchObject({
      kind: "unsupported",
      device: "lan0",
      message: `lan0: the port does not offer ${words}`,
    });
    expect(model.orders).toEqual([]);
  });

  it("is unknown where a driver names a forced speed only with carrier", async () => {
    const port: ModelPort = { ...gigabit, carrier: false, silentWithoutCarrier: true };
    const { ethernet } = modelled(port);
    await ethernet.setMode("lan0", "100/full");
    expect(await ethernet.mode("lan0")).toBeNull();
    port.carrier = true;
    expect(await ethernet.mode("lan0")).toBe("100/full");
    port.carrier = false;
    await ethernet.setMode("lan0", "1000/full");
    expect(await ethernet.mode("lan0")).toBe("1000/full");
  });

  it("is auto where the port negotiates for less than it can, but more than one mode", async () => {
    const half = "Settings for lan0:\n\tSupported link modes:   10baseT/Half 100baseT/Half\n\t   1000baseT/Full\n";
    const stdout = `${half}\tSupports auto-negotiation: Yes\n\tAdvertised link modes:  10baseT/Half 100baseT/Half\n\tAuto-negotiation: on\n`;
    const { ethernet } = ports([{ expect: ["ethtool", "lan0"], reply: { stdout } }], { address: "" });
    expect(await ethernet.mode("lan0")).toBe("auto");
  });

  it("waits for a driver that shows the old speed for a while", async () => {
    const { ethernet, clock } = modelled({ ...gigabit, lag: 3 });
    const setting = ethernet.setMode("lan0", "100/full");
    await clock.advance(1500);
    await setting;
    expect(await ethernet.mode("lan0")).toBe("100/full");
    expect(clock.pending()).toEqual([]);
  });

  it.each<[LinkMode]>([["1000/full"], ["10/half"]])("catches a driver that takes %s and does nothing", async (mode) => {
    const { ethernet, clock } = modelled({ ...gigabit, ignores: true });
    const setting = expect(ethernet.setMode("lan0", mode)).rejects.toMatchObject({
      kind: "io",
      message: `lan0: the driver took ${mode}, but the port is set to auto`,
    });
    await clock.advance(10_000);
    await setting;
  });

  /** The model with an ethtool that takes so long for each call, and is ended as the real one. */
  const slowly = (port: ModelPort, takesMs: number) => {
    const model = createEthtoolModel({ lan0: port });
    const files = createMemoryFiles();
    files.put("/net/lan0/address", "00:1b:21:aa:bb:cc\n");
    const clock = createFakeClock();
    const processes: Processes = {
      run: async (argv, options) => {
        const { timeoutMs, signal } = options;
        const ended = await sleep(clock, "ethtool", Math.min(takesMs, timeoutMs), signal).catch(
          () => "aborted" as const,
        );
        if (ended === "aborted") return { kind: ended, stdout: "", stderr: "" };
        return takesMs > timeoutMs ? { kind: "timeout", stdout: "", stderr: "" } : model.run(argv, options);
      },
    };
    return { clock, ethernet: createEthernetPorts({ files, processes, sysClassNet: "/net", clock }) };
  };

  it.each<[takesMs: number, ModelPort, outcome: string, endsAfterMs: number]>([
    [100, gigabit, "set", 300],
    [100, { ...gigabit, lag: 4 }, "set", 700 + 4 * 500],
    [2900, gigabit, "set", 3 * 2900],
    [2900, { ...gigabit, lag: 4 }, "lan0: 100/full was not set and read back within 12000 ms", 12_000],
    [3001, gigabit, "lan0: ethtool did not end within 3000 ms", 3000],
    [9900, gigabit, "lan0: ethtool did not end within 3000 ms", 3000],
  ])("are set in a bounded time by an ethtool that takes %d ms a call", async (takesMs, port, outcome, endsAfterMs) => {
    const { clock, ethernet } = slowly(port, takesMs);
    const seen: [string, number][] = [];
    const note = (what: string) => void seen.push([what, clock.monotonic()]);
    const setting = ethernet.setMode("lan0", "100/full").then(
      () => note("set"),
      (error: HalError) => note(error.kind === "timeout" ? error.message : error.kind),
    );
    await clock.advance(60_000);
    await setting;
    expect(seen).toEqual([[outcome, endsAfterMs]]);
    expect(clock.pending()).toEqual([]);
  });

  it("cannot be told by an ethtool that hangs, and nobody waits long for it", async () => {
    const { clock, ethernet } = slowly(gigabit, 60_000);
    const mode = ethernet.mode("lan0");
    await clock.advance(3000);
    expect(await mode).toBeNull();
    expect(clock.pending()).toEqual([]);
  });

  it("needs rights to be set, and none to be read", async () => {
    const { ethernet } = modelled(gigabit, { mayChange: false });
    expect(await ethernet.mode("lan0")).toBe("auto");
    await expect(ethernet.setMode("lan0", "10/full")).rejects.toMatchObject({ kind: "denied" });
  });

  it("cannot be told of a port that is down and answers only when it is up, until it is up", async () => {
    const port: ModelPort = { ...gigabit, needsUp: true };
    const { ethernet } = modelled(port);
    expect(await ethernet.mode("lan0")).toBeNull();
    const down = { kind: "io", message: expect.stringContaining("is the port down?") };
    await expect(ethernet.modes("lan0")).rejects.toMatchObject(down);
    await expect(ethernet.setMode("lan0", "10/full")).rejects.toMatchObject(down);
    port.up = true;
    expect(await ethernet.mode("lan0")).toBe("auto");
    await ethernet.setMode("lan0", "10/full");
    expect(await ethernet.mode("lan0")).toBe("10/full");
  });

  it("cannot be told without ethtool, and who sets one hears why", async () => {
    const missing = { expect: ["ethtool", "lan0"], reply: { kind: "notFound", program: "ethtool" } } as const;
    const { ethernet } = ports([missing, missing], { address: "" });
    expect(await ethernet.mode("lan0")).toBeNull();
    await expect(ethernet.setMode("lan0", "auto")).rejects.toThrow('install the package "ethtool"');
  });

  it("of a missing port are a missing port", async () => {
    const { ethernet } = modelled(gigabit);
    await expect(ethernet.mode("wan0")).rejects.toMatchObject({ kind: "absent", device: "wan0" });
    await expect(ethernet.modes("wan0")).rejects.toMatchObject({ kind: "absent" });
    await expect(ethernet.setMode("wan0", "auto")).rejects.toMatchObject({ kind: "absent" });
  });

  it.each([
    [{ code: 1, stderr: "netlink error: Operation not permitted\n" }, "denied"],
    [{ code: 75, stderr: "netlink error: Operation not supported\n" }, "unsupported"],
    [{ code: 81, stderr: "Cannot set new settings: Invalid argument\n" }, "io"],
    [{ kind: "notFound", program: "ethtool" }, "unsupported"],
    [{ kind: "timeout", stdout: "", stderr: "" }, "timeout"],
  ] as const)("%j rejects with kind %s", async (reply, kind) => {
    const { ethernet } = ports([{ expect: ["ethtool", "lan0"], reply }], { address: "" });
    await expect(ethernet.modes("lan0")).rejects.toMatchObject({ name: "HalError", kind });
  });

  it.skipIf(!hasTool("ethtool"))("of the loopback interface, by the real ethtool (needs ethtool)", async () => {
    const ethernet = createEthernetPorts({ files: createFiles(), processes: createProcesses() });
    expect(await ethernet.modes("lo")).toEqual(["auto"]);
    expect(await ethernet.mode("lo")).toBe("auto");
    await ethernet.setMode("lo", "auto");
    await expect(ethernet.setMode("lo", "100/full")).rejects.toMatchObject({ kind: "unsupported" });
    await expect(ethernet.modes("no-such-port")).rejects.toMatchObject({ kind: "absent" });
  });
});

const rootAndTools = process.getuid?.() === 0 && hasTool("ethtool") && hasTool("ip");

describe.skipIf(!rootAndTools)("a virtual port of the kernel (needs root, ip and ethtool)", { timeout: 60_000 }, () => {
  const space = `bezel-ethtool-${process.pid}`;
  const processes = createProcesses();
  const ip = async (...args: string[]) => {
    expect(await processes.run(["ip", ...args], { timeoutMs: 30_000 })).toMatchObject({ code: 0, stderr: "" });
  };
  const inside: Processes = {
    run: (argv, options) => processes.run(["ip", "netns", "exec", space, ...argv], options),
  };

  beforeAll(async () => {
    await ip("netns", "add", space);
    await ip("-n", space, "link", "add", "lan0", "type", "veth", "peer", "name", "far0");
  });
  afterAll(() => ip("netns", "delete", space));

  it("has no choice, and refuses one with those that it has", async () => {
    const files = createMemoryFiles();
    files.put("/net/lan0/address", "00:1b:21:aa:bb:cc\n");
    const ethernet = createEthernetPorts({ files, processes: inside, sysClassNet: "/net" });
    expect(await ethernet.modes("lan0")).toEqual(["auto"]);
    expect(await ethernet.mode("lan0")).toBe("auto");
    await ethernet.setMode("lan0", "auto");
    await expect(ethernet.setMode("lan0", "100/full")).rejects.toMatchObject({
      kind: "unsupported",
      message: "lan0: the port does not offer 100/full, only auto",
    });
  });

  it.each<{ argv: Argv }>(
    [
      ["ethtool", "lan0"],
      ["ethtool", "-s", "lan0", "speed", "100", "duplex", "full", "autoneg", "off"],
      ["ethtool", "-s", "lan0", "autoneg", "on"],
      ["ethtool", "-s", "lan0", "speed", "fast"],
      ["ethtool", "-s", "lan0", "duplex", "5"],
      ["ethtool", "-s", "lan0", "autoneg"],
      ["ethtool", "-s", "lan0", "colour", "red"],
      ["ethtool", "-s", "wan0", "autoneg", "on"],
      ["ethtool", "wan0"],
    ].map(([program = "", ...args]) => ({ argv: [program, ...args] })),
  )("the model answers as the kernel does: $argv", async ({ argv }) => {
    const model = createEthtoolModel({ lan0: virtual });
    const outcome = (ended: Exited) => ended.kind === "exited" && [ended.code, ended.stderr.split("\n", 1)[0]];
    const [real, modelled] = await Promise.all([inside, model].map((side) => side.run(argv, { timeoutMs: 30_000 })));
    if (real === undefined || modelled === undefined) throw new Error("both sides ran");
    expect(outcome(modelled)).toEqual(outcome(real));
  });
});
