import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatusDocument } from "../../src/control/schema.ts";
import type { Box } from "./box.ts";
import type { DhcpScript } from "./dhcp-message.ts";
import { type Host, plugHost } from "./host.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { prepareScriptedDhcp, properScript, type ScriptedDhcp } from "./scripted-dhcp.ts";
import { expectLan, isAlive, openActivatedBox, untilFault } from "./steps.ts";
import { until } from "./until.ts";

const given = `${properScript.address}/24`;

describe.skipIf(labLacks() !== null)(inLab("leases of another server"), () => {
  let lab: Lab;
  let box: Box;
  let host: Host;
  let server: ScriptedDhcp;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({ user: true }));
    host = await plugHost(lab, "lan", "host");
    await host.holdAddress(`${properScript.server}/24`, true);
    server = await prepareScriptedDhcp(host, lab.folder);
    await lab.gateway.dhcp({ answers: false });
  }, 120_000);
  afterAll(() => lab?.close());

  /** RENEW DHCP ON LAN, from the status screen or from the error in its place. */
  const renew = async () => {
    await box.press("ENTER", "ENTER");
    expect((await box.screen()).screen).toBe("setup/dhcp-lan");
    await box.press("ENTER");
  };
  const play = async (script: Partial<DhcpScript>) => {
    await server.play({ ...properScript, ...script });
    await renew();
  };
  const untilReady = () => box.untilStatus(({ phase, lan }) => phase === "ready" && lan.ipv4.length > 0, 120_000);

  it("a whole one is taken, and the server that gave it is named", async () => {
    await play({});
    await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.ipv4.includes(given));
    expect((await box.status()).lan).toMatchObject({
      ...{ method: "dhcp", ipv4: [given], gateway: "10.77.0.1", dns: ["10.77.0.1"], wins: [], domain: null },
      lease: { server: properScript.server },
    });
    await expectLan(lab, { address: given });
  }, 120_000);

  it.each([
    ["no router", { router: null }, "LAN DHCP lease has no gateway", "the lease of 10.77.0.2 names no router"],
    [
      "router 0.0.0.0",
      { router: "0.0.0.0" },
      "LAN DHCP lease has no gateway",
      "the lease of 10.77.0.2 names no router",
    ],
    ["no DNS server", { dns: [] }, "LAN has no DNS servers", "the lease of 10.77.0.2 names no DNS server"],
    [
      "a router in another subnet",
      { router: "10.99.0.1" },
      "Invalid LAN IP configuration",
      `LAN ${given} gateway 10.99.0.1 from 10.77.0.2: Gateway not in the subnet`,
    ],
  ] as const)(
    "one with %s is named with its server",
    async (_, script, message, detail) => {
      await play(script);
      const { fault, lan } = await untilFault(box, message);
      expect(fault).toMatchObject({ message, detail });
      const gateway = "router" in script ? (script.router === "10.99.0.1" ? [script.router] : []) : ["10.77.0.1"];
      expect(await lab.kernel.gateways("lan0")).toEqual(gateway);
      expect(await lab.kernel.addresses("lan0")).toEqual([given]);
      expect(lan).toMatchObject({ ipv4: [given], gateway: gateway[0] ?? null, lease: { server: "10.77.0.2" } });
      expect((await lab.daemons.resolvConf()).servers).toEqual("dns" in script ? [] : ["10.77.0.1"]);
    },
    180_000,
  );

  it("one of ten seconds is renewed again and again, and nobody notices", async () => {
    await play({ leaseSeconds: 10 });
    await untilReady();
    const before = (await box.status()).faults.length;
    const seen: StatusDocument[] = [];
    const lost: string[] = [];
    const over = new AbortController();
    const events = ["curl", "--silent", "--no-buffer", "--unix-socket", `${lab.folder}/box/control.sock`] as const;
    const told = lab.processes.follow([...events, "http://box/v1/events"], {
      line: (line) => {
        const { phase, lan } = line.startsWith("data: {") ? JSON.parse(line.slice(6)) : {};
        if (lan !== undefined) seen.push({ phase, ...lan });
      },
      signal: over.signal,
    });
    const watched = lab.processes.follow(["ip", "-4", "monitor", "address"], {
      line: (line) => line.startsWith("Deleted") && lost.push(line),
      signal: over.signal,
    });
    await until("three renewals", async () => server.heard().filter((line) => line === "renew ack").length >= 3);
    await until("their times", async () => new Set(seen.map((status) => JSON.stringify(status))).size >= 3);
    over.abort();
    await Promise.all([told, watched]);
    expect(lost).toEqual([]);
    expect(new Set(seen.map((status) => JSON.stringify({ ...status, lease: null })))).toHaveProperty("size", 1);
    expect(seen[0]).toMatchObject({ phase: "ready", ipv4: [given] });
    expect((await box.status()).faults).toHaveLength(before);
    expect(await lab.kernel.lifetimeSeconds("lan0")).toBeLessThanOrEqual(10);
    await expectLan(lab, { address: given });
  }, 180_000);

  it("one that the server will not renew is given up for another", async () => {
    // It has a lease of ten seconds, and asks within five.
    await server.play({ address: "10.77.0.121", renew: "nak" });
    await until("the refusal", async () => server.heard().includes("renew nak"));
    await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.ipv4.includes("10.77.0.121/24"));
    await expectLan(lab, { address: "10.77.0.121/24" });
    expect(await isAlive(box)).toBe(true);
  }, 180_000);

  it("of two servers one is taken, whole; when that is gone, the other", async () => {
    const whole = [
      { server: "10.77.0.1", address: expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/) },
      { server: properScript.server, address: given },
    ];
    const expectOne = async () => {
      const { lan } = await untilReady();
      const [address] = await lab.kernel.addresses("lan0");
      expect(whole).toContainEqual({ server: lan.lease?.server, address });
      expect(lan.ipv4).toEqual([address]);
      await expectLan(lab, { address: address ?? "" });
      return lan.lease?.server;
    };
    await lab.gateway.dhcp();
    await play({});
    const first = await expectOne();
    if (first === properScript.server) await server.stop();
    else await lab.gateway.dhcp({ answers: false });
    await renew();
    expect(await expectOne()).toBe(first === properScript.server ? "10.77.0.1" : properScript.server);
    await lab.gateway.dhcp({ answers: false });
  }, 180_000);

  it("one that is offered and never given is none; given at last, it needs no key", async () => {
    await play({ address: "10.77.0.122", request: "silence" });
    await untilFault(box, "LAN has no IPv4 address");
    expect((await box.status()).fault?.detail).toBe("lan0: no lease");
    expect(server.heard()).toContain("select silence");
    await expectLan(lab, null);
    await server.play({ request: "ack" });
    await untilReady();
    await box.untilScreen("home");
    await expectLan(lab, { address: "10.77.0.122/24" });
  }, 240_000);
});
