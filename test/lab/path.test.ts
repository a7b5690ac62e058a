import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPackage } from "../support/tools.ts";
import { type Box, openBox } from "./box.ts";
import { gatewayAddress } from "./gateway.ts";
import { atTheConsole, atThePanel, type Hand } from "./hand.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { plugTerminal, type SerialTerminal } from "./serial-terminal.ts";
import { expectLan } from "./steps.ts";
import { until } from "./until.ts";

/** From the factory to a static address and back, told by what the glass shows and what the kernel has. */
function tellThePath(open: (lab: Lab) => Promise<{ readonly box: Box; readonly hand: Hand }>): void {
  let lab: Lab;
  let box: Box;
  let hand: Hand;
  beforeAll(async () => {
    lab = await openLab();
    ({ box, hand } = await open(lab));
  }, 120_000);
  afterAll(() => lab?.close());

  it("starts with DHCP and shows an activation code; activated, it is at home", async () => {
    const seen = await hand.sees(/ACTIVATION CODE \S+/);
    const [known] = lab.gateway.platform.appliances();
    expect(seen).toBe(`ACTIVATION CODE ${known?.code}`);
    await expectLan(lab);
    expect(await lab.kernel.addresses("wan0")).toEqual([]);

    expect(lab.gateway.platform.activate(known?.code ?? "", { name: "lab_box", indicator: "P" })).toMatchObject({
      ok: true,
    });
    const [address] = await lab.kernel.addresses("lan0");
    expect(await hand.sees("lab_box")).toBe(`lab_box ${address?.split("/")[0]} P`);
    await box.untilStatus(({ lan }) => lan.wins.join() === gatewayAddress);
    expect(lab.gateway.informs()).toBe(1);
  }, 120_000);

  it("takes a static address through every prompt", async () => {
    const [address = ""] = await lab.kernel.addresses("lan0");
    await hand.press("ENTER");
    await hand.sees("SETUP NETWORK");
    await hand.press("ENTER");
    await hand.sees("RENEW DHCP ON LAN");
    await hand.press("DOWN");
    await hand.sees("ENABLE VLAN ON LAN");
    await hand.press("DOWN");
    await hand.sees("ENABLE STATIC IP ON LAN");
    await hand.press("ENTER");
    await hand.sees("CFG LAN STATIC NETWORK PARAMS?");
    await hand.press("ENTER");
    await hand.sees(/LAN IP ADDR 010\.077\.000\.0[5-9]\d/);
    await hand.enterAddress("10.77.0.20");
    await hand.sees("LAN NETMASK 255.255.255.000");
    await hand.press("ENTER");
    await hand.sees("LAN GATEWAY 010.077.000.001");
    await hand.press("ENTER");
    await hand.sees("LAN DNS1 010.077.000.001");
    await hand.press("ENTER");
    await hand.sees("LAN DNS2 000.000.000.000");
    await hand.enterAddress("10.77.0.2");
    await hand.sees("LAN WINS1 010.077.000.001");
    await hand.enterAddress("10.77.0.8");
    await hand.sees("LAN WINS2 000.000.000.000");
    await hand.enterAddress("10.77.0.9");
    await hand.sees(/DOMAIN NAME .*lab\.example/);
    await hand.enterText("office.example");
    await hand.sees("REALLY SET LAN STATIC NETWORK?");
    expect(await lab.kernel.addresses("lan0"), "before the last ENTER nothing changes").toEqual([address]);
    await hand.press("ENTER");
    expect(await hand.sees("lab_box")).toBe("lab_box 10.77.0.20 P");

    await expectLan(lab, { address: "10.77.0.20/24", dns: ["10.77.0.1", "10.77.0.2"] });
    const [known] = lab.gateway.platform.appliances();
    expect(known?.lastPoll?.request.network.lan.ipv4).toEqual(["10.77.0.20/24"]);
    expect((await box.settings()).lan.ipv4).toEqual({
      method: "static",
      address: "10.77.0.20",
      prefixLength: 24,
      gateway: "10.77.0.1",
      dns: ["10.77.0.1", "10.77.0.2"],
      wins: ["10.77.0.8", "10.77.0.9"],
      domain: "office.example",
    });
  }, 120_000);

  it("goes back to DHCP after a question", async () => {
    await hand.press("ENTER", "ENTER");
    await hand.sees("ENABLE DHCP ON LAN");
    await hand.press("ENTER");
    await hand.sees("REALLY ENABLE DHCP ON LAN?");
    await hand.press("ENTER");
    await hand.sees(/lab_box 10\.77\.0\.[5-9]\d P/);
    await expectLan(lab);
  }, 120_000);

  it("renews the lease without a question", async () => {
    await lab.gateway.dhcp({ leaseSeconds: 86_400 });
    expect(await lab.kernel.lifetimeSeconds("lan0")).toBeLessThanOrEqual(3600);
    await hand.press("ENTER", "ENTER");
    await hand.sees("RENEW DHCP ON LAN");
    await hand.press("ENTER");
    await until("a new lease", async () => ((await lab.kernel.lifetimeSeconds("lan0")) ?? 0) > 3600);
    await hand.sees(/lab_box 10\.77\.0\.[5-9]\d P/);
    await expectLan(lab);
  }, 120_000);
}

describe.skipIf(labLacks() !== null)(inLab("the whole path by the five keys"), () => {
  tellThePath(async (lab) => {
    const box = await openBox(lab);
    await box.start();
    return { box, hand: atThePanel(box) };
  });
});

const consoleLacks = hasPackage("serialport") ? labLacks() : "needs serialport";
describe.skipIf(consoleLacks !== null)(inLab("the whole path at the serial console", consoleLacks), () => {
  let terminal: SerialTerminal;
  afterAll(() => terminal?.unplug());

  tellThePath(async (lab) => {
    terminal = await plugTerminal(lab.folder, "ttyUSB0");
    const box = await openBox(lab, { consoles: [`${lab.folder}/ttyUSB?`] });
    await box.start();
    await until("the console to be open", async () => (await box.status()).consoles[0]?.state === "open");
    // The first ENTER wakes a silent line.
    await terminal.send("\r");
    return { box, hand: atTheConsole(terminal) };
  });

  it("shows the MAC address below the panel", async () => {
    expect(terminal.rows()).toContainEqual(expect.stringMatching(/^MAC address [0-9a-f:]{17}$/));
  });
});
