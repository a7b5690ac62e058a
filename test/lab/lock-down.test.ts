import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import { rulesetOf } from "../../src/helper/ruleset.ts";
import { farPort } from "./far-side.ts";
import { type LockedBox, openLockedBox } from "./locked-box.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { until } from "./until.ts";

const limitMs = 180_000;
const loaded = { code: 0, said: "" };

describe.skipIf(lockDownLacks() !== null)(inLab("a locked box", lockDownLacks()), () => {
  let box: LockedBox;
  beforeAll(async () => {
    box = await openLockedBox();
  }, limitMs);
  beforeEach(async () => expect(await box.lockDown("")).toEqual(loaded));
  afterAll(() => box?.close(), limitMs);

  /** How a program on the far side ends. */
  const farSide = async (...argv: Argv) => {
    const ended = await box.lab.processes.run(["ip", "netns", "exec", "gw", ...argv], { timeoutMs: 60_000 });
    return ended.kind === "exited" ? ended.code : ended.kind;
  };
  const connect = (protocol: string, address: string) =>
    farSide("socat", "-u", "OPEN:/dev/null", `${protocol}:${address}:8081,connect-timeout=2`);
  const ping = (address: string) => farSide("ping", "-c", "1", "-W", "2", address);
  const listRuleset = () => box.lab.run(["nft", "list", "ruleset"]);

  it("gets leases on both ports, and an address by router advertisement and DHCPv6", async () => {
    expect(await box.address("lan0", 4)).toMatch(/^10\.77\.0\.[5-9]\d$/);
    expect(await box.address("wan0", 4)).toMatch(/^10\.78\.0\.[5-9]\d$/);
    expect(await box.address("lan0", 6)).toMatch(/^fd00:77::[5-9]\d$/);
  });

  it("lets nobody in where somebody listens, on either port and by either family, until the rules are gone", async () => {
    await box.lab.start(["socat", "TCP6-LISTEN:8081,ipv6only=0,fork,reuseaddr", "OPEN:/dev/null"]);
    const doors = [
      ["TCP4", await box.address("lan0", 4)],
      ["TCP4", await box.address("wan0", 4)],
      ["TCP6", `[${await box.address("lan0", 6)}]`],
    ] as const;
    for (const [protocol, address] of doors) expect(await connect(protocol, address), address).toBe(1);
    await box.lab.run(["nft", "delete", "table", "inet", "bezel"]);
    for (const [protocol, address] of doors) {
      await until(`a listener at ${address}`, async () => (await connect(protocol, address)) === 0);
    }
  });

  it("hears no datagram either, and the answers to its own", async () => {
    const received = join(box.lab.folder, "received");
    await box.lab.start(["socat", "-u", "UDP6-RECV:8081,ipv6only=0", `CREATE:${received}`]);
    const read = () => box.lab.run(["cat", received]).catch(() => "");
    const send = async (text: string) =>
      farSide("bash", "-c", `echo ${text} >/dev/udp/${await box.address("lan0", 4)}/8081`);
    await until("a receiver", async () => (await box.lab.run(["ss", "-Hlun", "sport", "=", "8081"])) !== "");
    expect(await send("locked")).toBe(0);
    await box.lab.run(["nft", "delete", "table", "inet", "bezel"]);
    await until("a datagram", async () => {
      await send("open");
      return (await read()).includes("open");
    });
    expect(await read()).not.toContain("locked");
    expect(await box.curl("bezel", "203.0.113.21")).toBe(0);
  });

  it("hears that nobody listens where it sends to: an ICMP error is an answer", async () => {
    const said = box.lab.processes.run(["socat", "-T", "20", "-", "UDP4:10.77.0.1:9"], {
      inputs: { 0: "x" },
      timeoutMs: 60_000,
    });
    expect(await said).toMatchObject({ stderr: expect.stringContaining("Connection refused") });
  });

  it("answers pings as configured, and not more than some", async () => {
    const four = await box.address("lan0", 4);
    const six = await box.address("lan0", 6);
    expect([await ping(four), await ping(six)]).toEqual([0, 0]);
    const flood = await box.lab.processes.run(
      ["ip", "netns", "exec", "gw", "ping", "-q", "-f", "-c", "300", "-W", "1", four],
      { timeoutMs: 60_000 },
    );
    if (flood.kind !== "exited") throw new Error(flood.kind);
    expect(Number(/(\d+) received/.exec(flood.stdout)?.[1])).toBeLessThan(300);
    expect(await box.lockDown("ping = false")).toEqual(loaded);
    expect([await ping(four), await ping(six)]).toEqual([1, 1]);
  });

  it("passes nothing on, even if the kernel would", async () => {
    const beyond = "192.0.2.7";
    await box.lab.run(["ip", "route", "add", beyond, "via", "10.78.0.1", "dev", "wan0", "onlink"]);
    await box.lab.gateway.run(["ip", "route", "add", beyond, "via", await box.address("lan0", 4), "dev", "langw"]);
    const through = async () => {
      await ping(beyond);
      return box.far.arrivals(beyond);
    };
    await box.lab.run(["tee", "/proc/sys/net/ipv4/ip_forward"], "1");
    expect(await through()).toEqual([]);
    await box.lab.run(["nft", "delete", "table", "inet", "bezel"]);
    expect(await through()).toEqual(["wan"]);
    await box.lab.run(["/usr/lib/systemd/systemd-sysctl", box.sysctl]);
  });

  it("has a kernel that routes for nobody, and answers for each port's own addresses only", async () => {
    await box.lab.run(["ip", "link", "add", "late0", "type", "veth"]);
    await box.lab.run(["/usr/lib/systemd/systemd-sysctl", box.sysctl]);
    const value = async (name: string) => (await box.lab.run(["cat", `/proc/sys/net/${name}`])).trim();
    for (const card of ["all", "default", "lan0", "wan0", "late0"]) {
      expect(await value(`ipv4/conf/${card}/rp_filter`), card).toBe("0");
      for (const family of ["ipv4", "ipv6"]) {
        expect(await value(`${family}/conf/${card}/accept_redirects`), card).toBe("0");
        expect(await value(`${family}/conf/${card}/forwarding`), card).toBe("0");
      }
    }
    const whoHas = async (address: string) => farSide("arping", "-q", "-c", "2", "-w", "2", "-I", "langw", address);
    expect(await whoHas(await box.address("lan0", 4))).toBe(0);
    expect(await whoHas(await box.address("wan0", 4))).toBe(1);
  });

  it("is locked as strictly as can be where the configuration cannot be read, and that is said", async () => {
    await box.lab.run(["nft", "delete", "table", "inet", "bezel"]);
    const { code, said } = await box.lockDown(null);
    expect(code).toBe(2);
    expect(said).toContain("there is no such file");
    expect(said).toContain("the strictest rules instead, for the ports lan0 and wan0");
    const strict = await listRuleset();
    expect(await box.lockDown("ping = false")).toEqual(loaded);
    expect(await listRuleset()).toBe(strict);
    expect(await box.lockDown("ping = 7")).toMatchObject({ code: 2, said: expect.stringContaining("network.ping") });
    expect(await listRuleset()).toBe(strict);
  });

  it("says so where no rules can be loaded", async () => {
    await box.lab.replaceProgram("/usr/sbin/nft", "echo no such kernel >&2; exit 1");
    try {
      const said = "bezel lock-down: no rules were loaded: nft ended with 1: no such kernel\n";
      expect(await box.lockDown("")).toEqual({ code: 1, said });
    } finally {
      await box.lab.replaceProgram("/usr/sbin/nft", null);
    }
  });

  it("is locked in one step: who looks finds the old rules or the new ones", async () => {
    const before = await listRuleset();
    const broken = `${rulesetOf({ lan: "lan0", wan: "wan0", ping: false })}add rule inet bezel nowhere accept\n`;
    const ended = await box.lab.processes.run(["nft", "-f", "-"], { inputs: { 0: broken }, timeoutMs: 30_000 });
    expect(ended).toMatchObject({ kind: "exited", code: 1 });
    expect(await listRuleset()).toBe(before);
    await box.lab.run(["nft", "add", "table", "inet", "somebody"]);
    expect(await box.lockDown("")).toEqual(loaded);
    expect(await listRuleset()).toContain("table inet somebody");
    await box.lab.run(["nft", "delete", "table", "inet", "somebody"]);
  });

  it("takes every name that a port may have", async () => {
    const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    const allowed = letters.filter((letter) => !'/:"*\\'.includes(letter));
    for (let at = 0; at < allowed.length; at += 14) {
      const lan = `x${allowed.slice(at, at + 9).join("")}`;
      const wan = `x${allowed.slice(at, at + 14).join("")}`;
      await box.lab.run(["nft", "-c", "-f", "-"], rulesetOf({ lan, wan, ping: true }));
    }
  });

  it("is locked inside the namespace of the scans as well, where only scans may send", async () => {
    const { lab } = box;
    await lab.run(["ip", "netns", "add", "scan"]);
    const inside = (...argv: Argv): Argv => ["ip", "netns", "exec", "scan", ...argv];
    await lab.gateway.run(["ip", "link", "add", "scangw", "type", "veth", "peer", "name", "scan0"]);
    await lab.gateway.run(["ip", "link", "set", "scan0", "netns", "scan"]);
    await lab.gateway.run(["ip", "address", "add", "10.79.0.1/24", "dev", "scangw"]);
    await lab.gateway.run(["ip", "link", "set", "scangw", "up"]);
    for (const line of ["link set lo up", "address add 10.79.0.2/24 dev scan0", "link set scan0 up"]) {
      await lab.run(inside("ip", ...line.split(" ")));
    }
    await lab.start(inside("socat", "TCP4-LISTEN:8081,fork,reuseaddr", "OPEN:/dev/null"));
    await until("a listener", async () => (await connect("TCP4", "10.79.0.2")) === 0);

    expect(await box.lockDown("", "scan")).toEqual(loaded);
    expect(await connect("TCP4", "10.79.0.2")).toBe(1);
    expect(await ping("10.79.0.2")).toBe(0);
    const curl = async (account: string) => {
      const become = ["setpriv", `--reuid=${account}`, `--regid=${account}`, "--clear-groups"] as const;
      const url = `http://10.79.0.1:${farPort}/`;
      const argv = inside(...become, "curl", "-q", "-s", "--max-time", "20", url);
      const ended = await lab.processes.run(argv, { timeoutMs: 60_000 });
      return ended.kind === "exited" ? ended.code : ended.kind;
    };
    expect([await curl("bezel-scan"), await curl("bezel")]).toEqual([0, 7]);
  });
});
