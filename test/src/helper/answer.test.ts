import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { filterScript, rulesScript, wantedRules } from "../../../src/helper/separation.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createRecordingMachine } from "./recording-machine.ts";

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function helper(machine = createRecordingMachine()) {
  const answer = createAnswer({ machine, log: silentLog });
  const ask = async (request: unknown, awaited = () => true) =>
    JSON.parse(await answer(JSON.stringify(request), awaited, never));
  return { machine, ask };
}

const heard = "reason=TEST\nnew_netbios_name_servers=10.77.0.8 10.77.0.9\n";
const inform = (address: string, interfaceName: string) =>
  `dhcpcd --test --ipv4only --config=/dev/null --inform=${address} --option=netbios_name_servers --noarp --noipv4ll --nodelay --vendorclassid= --timeout=6 --script=/usr/bin/env ${interfaceName}`;
const arping = "arping -D -c 2 -w 2 -I";

describe("the verbs", () => {
  it.each<[object, string]>([
    [{ verb: "link", port: "lan", mode: "auto" }, "lan0 auto"],
    [{ verb: "link", port: "wan", mode: "100/half" }, "wan0 100/half"],
    [{ verb: "find-holder", port: "lan", vlan: 0, address: "10.77.0.20" }, `${arping} lan0 10.77.0.20`],
    [{ verb: "find-holder", port: "lan", vlan: 4094, address: "10.77.0.20" }, `${arping} lan0.4094 10.77.0.20`],
    [{ verb: "find-holder", port: "wan", vlan: 0, address: "223.255.255.254" }, `${arping} wan0 223.255.255.254`],
  ])("%j", async (request, done) => {
    const { machine, ask } = helper();
    expect(await ask(request)).toEqual({ ok: true, value: null });
    expect(machine.done).toEqual([done]);
  });

  it.each([
    [{ port: "lan", vlan: 0, address: "10.77.0.20", prefixLength: 24 }, inform("10.77.0.20/24", "lan0")],
    [{ port: "lan", vlan: 7, address: "10.7.0.2", prefixLength: 32 }, inform("10.7.0.2/32", "lan0.7")],
    [{ port: "wan", vlan: 0, address: "10.78.0.2", prefixLength: 1 }, inform("10.78.0.2/1", "wan0")],
  ])("ask-wins %j", async (lease, done) => {
    const { machine, ask } = helper(createRecordingMachine({ stdout: heard }));
    expect(await ask({ verb: "ask-wins", ...lease })).toEqual({ ok: true, value: ["10.77.0.8", "10.77.0.9"] });
    expect(machine.done).toEqual([done]);
  });

  it("separate management and scans, and take that back", async () => {
    const { machine, ask } = helper();
    const networks = Array.from({ length: 99 }, (_, index) => `10.${index}.0.0/16`);
    expect(await ask({ verb: "separate", port: "wan", on: true, scanByWan: networks })).toEqual({
      ok: true,
      value: null,
    });
    expect([...machine.done].sort()).toEqual([
      "id -u bezel",
      `ip -N -json -4 -batch - ${rulesScript([], wantedRules(990, 4))}`,
      "ip -N -json -4 rule show",
      `ip -N -json -6 -batch - ${rulesScript([], wantedRules(990, 6))}`,
      "ip -N -json -6 rule show",
      `nft -f - ${filterScript({ on: true, scanByWan: networks }, machine.interfaces)}`,
    ]);
    machine.done.length = 0;
    expect(await ask({ verb: "separate", port: "wan", on: false, scanByWan: [] })).toEqual({ ok: true, value: null });
    expect([...machine.done].sort()).toEqual([
      "ip -N -json -4 rule show",
      "ip -N -json -6 rule show",
      `nft -f - ${filterScript({ on: false, scanByWan: [] }, machine.interfaces)}`,
    ]);
  });

  const separate = { verb: "separate", port: "wan", on: true, scanByWan: [] };

  it.each<[unknown, string]>([
    [{ ...separate, port: "lan" }, "port: must be wan"],
    [{ ...separate, on: 1 }, "on: must be true or false"],
    [{ ...separate, uid: 0 }, "takes port, on, scanByWan and nothing else"],
    [{ ...separate, scanByWan: "10.9.0.0/16" }, "scanByWan: must be a list of networks"],
    [{ ...separate, scanByWan: Array(100).fill("10.9.0.0/16") }, "scanByWan: must be at most 99 networks"],
    [{ ...separate, scanByWan: ["10.9.0.0/16", "10.9.0.1/16"] }, "scanByWan: 1: must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.9.0.0"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.9.0.0/33"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.9.0.0/016"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.09.0.0/16"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.9.0.0/16/16"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["10.9.0.0/16 }; flush ruleset"] }, "must be an IPv4 network"],
    [{ ...separate, scanByWan: ["2001:db8::/32"] }, "must be an IPv4 network"],
    [null, "must be a JSON object"],
    ["link", "must be a JSON object"],
    [[], "must be a JSON object"],
    [{}, "verb: must be one of link, find-holder, ask-wins, scan-make, separate"],
    [{ verb: "reboot" }, "verb: must be one of link, find-holder, ask-wins, scan-make, separate"],
    [{ verb: "toString" }, "verb: must be one of link, find-holder, ask-wins, scan-make, separate"],
    [{ verb: "link" }, "port: must be lan or wan"],
    [{ verb: "link", port: "eth0", mode: "auto" }, "port: must be lan or wan"],
    [{ verb: "link", port: ["lan"], mode: "auto" }, "port: must be lan or wan"],
    [{ verb: "link", port: "lan", mode: "1000/half" }, "mode: must be one of auto, 1000/full"],
    [{ verb: "link", port: "lan", mode: "auto", interface: "eth0" }, "takes port, mode and nothing else"],
    [{ verb: "link", port: "lan", vlan: 0, address: "10.77.0.20" }, "mode: must be"],
    [{ verb: "find-holder", port: "lan", vlan: 4095, address: "10.77.0.20" }, "vlan: "],
    [{ verb: "find-holder", port: "lan", vlan: -1, address: "10.77.0.20" }, "vlan: "],
    [{ verb: "find-holder", port: "lan", vlan: "1", address: "10.77.0.20" }, "vlan: must be 0 to 4094"],
    [{ verb: "find-holder", port: "wan", vlan: 1, address: "10.77.0.20" }, "WAN carries no VLAN"],
    [{ verb: "find-holder", port: "lan", vlan: 0, address: "-I eth0" }, "address: must be a host's IPv4 address"],
    [{ verb: "find-holder", port: "lan", vlan: 0, address: "010.77.0.20" }, "address: must be a host's IPv4 address"],
    [{ verb: "find-holder", port: "lan", vlan: 0, address: "255.255.255.255" }, "address: must be a host's"],
    [{ verb: "find-holder", port: "lan", vlan: 0, address: "fe80::1" }, "address: must be a host's"],
    [{ verb: "ask-wins", port: "wan", vlan: 1, address: "10.77.0.20", prefixLength: 24 }, "WAN carries no VLAN"],
    [
      { verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20/24", prefixLength: 24 },
      "address: must be a host's",
    ],
    [
      { verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20", prefixLength: 0 },
      "prefixLength: must be 1 to 32",
    ],
    [
      { verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20", prefixLength: 33 },
      "prefixLength: must be 1 to 32",
    ],
    [{ verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20", prefixLength: "24 -k" }, "prefixLength: must be"],
    [{ verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20" }, "prefixLength: must be 1 to 32"],
  ])("%j is refused, and nothing is done", async (request, reason) => {
    const { machine, ask } = helper();
    const reply = await ask(request);
    expect(reply).toMatchObject({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining(reason) },
    });
    expect(machine.done).toEqual([]);
  });

  it("a refusal of the machine is a reply, whatever its length", async () => {
    const { machine, ask } = helper();
    machine.refuse(new HalError("unsupported", "lan0", "\u0000".repeat(10_000)));
    const reply = await ask({ verb: "link", port: "lan", mode: "10/full" });
    expect(reply).toMatchObject({ ok: false, error: { kind: "refused", detail: expect.stringMatching(/^lan0: /) } });
    expect(JSON.stringify(reply).length).toBeLessThan(4096);
    machine.refuse(new HalError("timeout", "lan0", "ethtool did not end"));
    expect(await ask({ verb: "link", port: "lan", mode: "10/full" })).toMatchObject({ error: { kind: "timeout" } });
  });

  it("are done one at a time for a port, in their order, and side by side for two", async () => {
    const { machine, ask } = helper();
    const gate = machine.hold();
    const first = ask({ verb: "link", port: "lan", mode: "10/full" });
    await settle();
    gate.release();
    const second = machine.hold();
    const replies = [
      first,
      ask({ verb: "find-holder", port: "lan", vlan: 0, address: "10.77.0.20" }),
      ask({ verb: "link", port: "lan", mode: "auto" }),
    ];
    await first;
    expect(machine.done).toEqual(["lan0 10/full"]);
    const third = machine.hold();
    third.release();
    await ask({ verb: "link", port: "wan", mode: "auto" });
    expect(machine.done).toEqual(["lan0 10/full", "wan0 auto"]);
    second.release();
    await Promise.all(replies);
    expect(machine.done).toEqual(["lan0 10/full", "wan0 auto", `${arping} lan0 10.77.0.20`, "lan0 auto"]);
  });

  it("for WINS servers keep no change waiting, and wait for none", async () => {
    const { machine, ask } = helper();
    const slow = machine.hold();
    const question = ask({ verb: "ask-wins", port: "lan", vlan: 0, address: "10.77.0.20", prefixLength: 24 });
    await settle();
    machine.hold().release();
    expect(await ask({ verb: "link", port: "lan", mode: "auto" })).toEqual({ ok: true, value: null });
    expect(machine.done).toEqual(["lan0 auto"]);
    slow.release();
    await question;
    expect(machine.done).toEqual(["lan0 auto", inform("10.77.0.20/24", "lan0")]);
  });

  it("are not done when nobody waits for them at their turn, and the next one is", async () => {
    const { machine, ask } = helper();
    const gate = machine.hold();
    const first = ask({ verb: "link", port: "lan", mode: "10/full" });
    let awaited = true;
    const second = ask({ verb: "link", port: "lan", mode: "100/full" }, () => awaited);
    const third = ask({ verb: "link", port: "lan", mode: "auto" });
    await settle();
    awaited = false;
    gate.release();
    expect(await first).toEqual({ ok: true, value: null });
    expect(await second).toMatchObject({ ok: false, error: { kind: "refused" } });
    expect(await third).toEqual({ ok: true, value: null });
    expect(machine.done).toEqual(["lan0 10/full", "lan0 auto"]);
  });
});
