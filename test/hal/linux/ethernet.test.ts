import { describe, expect, it } from "vitest";
import { createEthernetPorts, parseModes } from "../../../hal/linux/ethernet.ts";
import { createFiles } from "../../../hal/linux/files.ts";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { createScriptedProcesses, type ScriptedRun } from "../../../hal/mock/scripted-processes.ts";
import { hasTool } from "../../support/tools.ts";

/** ethtool 6.1 on an Intel I210. */
const gigabit = `Settings for lan0:
	Supported ports: [ TP ]
	Supported link modes:   10baseT/Half 10baseT/Full
	                        100baseT/Half 100baseT/Full
	                        1000baseT/Full
	Supported pause frame use: Symmetric
	Supports auto-negotiation: Yes
	Advertised link modes:  10baseT/Half 10baseT/Full
	                        2500baseT/Full
	Speed: 1000Mb/s
`;
const veth = "Settings for v0:\n\tSupported link modes:   Not reported\n\tSupported pause frame use: No\n";

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

describe("modes of a port", () => {
  it.each([
    [gigabit, ["auto", "1000/full", "100/full", "100/half", "10/full", "10/half"]],
    [gigabit.replace("10baseT/Half 10baseT/Full", "").replace("100baseT/Half", ""), ["auto", "1000/full", "100/full"]],
    [
      gigabit.replace("1000baseT/Full", "1000baseKX/Full 10000baseT/Full"),
      ["auto", "1000/full", "100/full", "100/half", "10/full", "10/half"],
    ],
    [veth, ["auto"]],
    ["Settings for lo:\n\tLink detected: yes\n", ["auto"]],
    ["", ["auto"]],
  ])("are read from ethtool", (text, modes) => {
    expect(parseModes(text)).toEqual(modes);
  });

  it.each([
    ["auto", ["autoneg", "on"]],
    ["1000/full", ["speed", "1000", "duplex", "full", "autoneg", "on"]],
    ["100/half", ["speed", "100", "duplex", "half", "autoneg", "off"]],
    ["10/full", ["speed", "10", "duplex", "full", "autoneg", "off"]],
  ] as const)("%s is set by %j", async (mode, settings) => {
    const { ethernet, done } = ports([
      { expect: ["ethtool", "lan0"], reply: { stdout: gigabit } },
      { expect: ["ethtool", "-s", "lan0", ...settings], reply: {} },
    ]);
    await ethernet.setMode("lan0", mode);
    done();
  });

  it("leaves a port alone that has no choice, and refuses what it lacks", async () => {
    const { ethernet, done } = ports([
      { expect: ["ethtool", "lan0"], reply: { stdout: veth } },
      { expect: ["ethtool", "lan0"], reply: { stdout: veth } },
    ]);
    await ethernet.setMode("lan0", "auto");
    await expect(ethernet.setMode("lan0", "100/full")).rejects.toMatchObject({ kind: "unsupported", device: "lan0" });
    done();
  });

  it.each([
    [{ code: 1, stderr: "netlink error: Operation not permitted\n" }, "denied"],
    [{ code: 75, stderr: "netlink error: Operation not supported\n" }, "unsupported"],
    [{ code: 75, stderr: "netlink error: No such device\nNo data available\n" }, "absent"],
    [{ code: 81, stderr: "Cannot set new settings: Invalid argument\n" }, "io"],
    [{ kind: "notFound", program: "ethtool" }, "unsupported"],
    [{ kind: "timeout", stdout: "", stderr: "" }, "timeout"],
  ] as const)("%j rejects with kind %s", async (reply, kind) => {
    const { ethernet } = ports([{ expect: ["ethtool", "lan0"], reply }]);
    await expect(ethernet.modes("lan0")).rejects.toMatchObject({ name: "HalError", kind });
  });

  it.skipIf(!hasTool("ethtool"))("asks the real ethtool (needs ethtool)", async () => {
    const ethernet = createEthernetPorts({ files: createFiles(), processes: createProcesses() });
    expect(await ethernet.modes("lo")).toEqual(["auto"]);
    await ethernet.setMode("lo", "auto");
    await expect(ethernet.modes("no-such-port")).rejects.toMatchObject({ kind: "absent" });
  });
});
