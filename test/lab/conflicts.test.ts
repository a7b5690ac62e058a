import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Box, openBox } from "./box.ts";
import { type Host, plugHost } from "./host.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { prepareScriptedDhcp, properScript, type ScriptedDhcp } from "./scripted-dhcp.ts";
import { activateOnSight, enableWan, expectLan, setDhcp, toStaticQuestion, untilFault, untilHome } from "./steps.ts";

describe.skipIf(labLacks() !== null)(inLab("addresses that somebody else has"), () => {
  let lab: Lab;
  let box: Box;
  let host: Host;
  let heldAddress = "";
  beforeAll(async () => {
    lab = await openLab();
    activateOnSight(lab);
    host = await plugHost(lab, "lan", "host");
    box = await openBox(lab, { user: true });
    await box.start();
    await box.untilScreen("home");
  }, 120_000);
  afterAll(() => lab?.close());

  it("a fixed one is named with the other machine's card, by a helper that the box may only ask", async () => {
    await host.holdAddress("10.77.0.20/24", true);
    await toStaticQuestion(box, "10.77.0.20");
    await box.press("ENTER");
    const { fault } = await untilFault(box, "Duplicate IP detected");
    expect(fault?.detail).toBe(`LAN 10.77.0.20 is used by ${host.mac}`);
    await expectLan(lab, null);
    await host.holdAddress("10.77.0.20/24", false);
    await untilHome(box);
    await expectLan(lab, { address: "10.77.0.20/24" });
    await setDhcp(box);
  }, 240_000);

  it("a lease of one is declined, and named with the other machine's card", async () => {
    [heldAddress = ""] = await lab.kernel.addresses("lan0");
    await host.holdAddress(heldAddress, true);
    // This server gives the same again whenever it is asked.
    await box.press("ENTER", "ENTER", "ENTER");
    const { fault } = await untilFault(box, "Duplicate IP detected");
    expect(fault?.detail).toBe(`LAN ${heldAddress.split("/")[0]} is used by ${host.mac}`);
    await expectLan(lab, null);
  }, 180_000);

  it("a lease of another address ends that", async () => {
    await lab.gateway.dhcp({ answers: false });
    await host.holdAddress(`${properScript.server}/24`, true);
    const server = await prepareScriptedDhcp(host, lab.folder);
    await server.play({});
    await box.press("ENTER", "ENTER", "ENTER");
    await untilHome(box);
    expect(server.heard()).toContain("select ack");
    await expectLan(lab, { address: `${properScript.address}/24` });
    await server.stop();
    await host.holdAddress(heldAddress, false);
    await lab.gateway.dhcp();
  }, 180_000);

  describe("WAN", () => {
    let far: Host;
    let server: ScriptedDhcp;
    /** The way out is WAN's; what is behind it answers nobody, wherever the machine's routes lead. */
    const renewWan = () => box.press("ENTER", "ENTER", "DOWN", "DOWN", "DOWN", "ENTER", "ENTER");
    const wanRoutes = async () => {
      const routes = JSON.parse(
        await lab.run(["ip", "-json", "-4", "route", "show", "table", "100", "default"]),
      ) as readonly { gateway: string; dev: string }[];
      return routes.map(({ gateway, dev }) => `${gateway} ${dev}`);
    };

    it("leased into LAN's subnet is named with both addresses", async () => {
      await box.press("ENTER", "ENTER", "ENTER");
      await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.lease?.server === "10.77.0.1");
      await box.untilScreen("home");
      await enableWan(box);
      expect(await wanRoutes()).toEqual(["10.78.0.1 wan0"]);

      // The gateway's own server has nothing to give on WAN without an address there.
      await lab.gateway.run(["ip", "address", "flush", "dev", "wangw"]);
      far = await plugHost(lab, "wan", "far");
      server = await prepareScriptedDhcp(far, lab.folder);
      const script = { server: "10.77.0.200", address: "10.77.0.201", router: "10.77.0.200", dns: ["10.77.0.200"] };
      await server.play(script);
      await renewWan();
      const { fault, wan } = await untilFault(box, "Duplicate LAN and WAN config");
      const [lan] = await lab.kernel.addresses("lan0");
      expect(fault?.detail).toBe(`LAN ${lan} and WAN 10.77.0.201/24 overlap`);
      expect(wan).toMatchObject({ ipv4: ["10.77.0.201/24"], gateway: "10.77.0.200", dns: ["10.77.0.200"] });
      expect(await wanRoutes()).toEqual(["10.77.0.200 wan0"]);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
    }, 240_000);

    it("leased with LAN's router is named with it", async () => {
      await server.play({ server: "10.79.0.200", address: "10.79.0.201", router: "10.77.0.1", dns: ["10.79.0.200"] });
      await renewWan();
      const { fault, wan } = await untilFault(box, "LAN and WAN same gateway");
      expect(fault?.detail).toBe("LAN and WAN both use 10.77.0.1");
      expect(wan).toMatchObject({ ipv4: ["10.79.0.201/24"], gateway: "10.77.0.1" });
      expect(await wanRoutes()).toEqual(["10.77.0.1 wan0"]);
    }, 240_000);
  });
});
