import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Box } from "./box.ts";
import { gatewayAddress } from "./gateway.ts";
import { atThePanel } from "./hand.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { expectLan, isAlive, openActivatedBox, setStatic, toStaticQuestion } from "./steps.ts";
import { until } from "./until.ts";

describe.skipIf(labLacks() !== null)(inLab("NetworkManager under the controller"), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox());
  }, 120_000);
  afterAll(() => lab?.close());

  /** NetworkManager has the port in hand, by a profile of ours. */
  const managed = () =>
    until("NetworkManager to manage lan0", async () => {
      const device = await lab.run(["nmcli", "-g", "GENERAL.STATE,GENERAL.CONNECTION", "device", "show", "lan0"]);
      return /^100 .*\nbezel-lan\n$/.test(device);
    });

  it("may be restarted beside a silent DHCP server: contact, addresses and servers stay, nobody is told", async () => {
    const [address = ""] = await lab.kernel.addresses("lan0");
    const { lan } = await box.status();
    expect(lan.dns).toEqual([gatewayAddress]);
    await lab.gateway.dhcp({ answers: false });
    await lab.daemons.restartNetworkManager();
    await until("NetworkManager to ask for a lease", async () => {
      const state = await lab.run(["nmcli", "-g", "GENERAL.STATE", "connection", "show", "bezel-lan"]);
      return /^activating$/m.test(state);
    });
    // The controller asks again 5 s after it was not answered; what it makes of that is in the faults for good.
    await delay(7000);
    expect(await isAlive(box)).toBe(true);
    expect(await box.status()).toMatchObject({ phase: "ready", lan, fault: null, faults: [] });
    await lab.gateway.dhcp();
    await managed();
    await expectLan(lab, { address });
    await setStatic(box, "10.77.0.30");
    await expectLan(lab, { address: "10.77.0.30/24" });
    expect(await box.status()).toMatchObject({ phase: "ready", fault: null, faults: [] });
  }, 180_000);

  it.each([
    ["killed", "10.77.0.31", () => lab.daemons.killNetworkManager()],
    ["killed with its bus", "10.77.0.32", () => lab.daemons.killBus()],
    ["stopped in its tracks", "10.77.0.33", async () => lab.daemons.pauseNetworkManager()],
  ])(
    "may be %s: only a change is refused, until it is there again",
    async (_how, address, spoil) => {
      const [before = ""] = await lab.kernel.addresses("lan0");
      const settings = await box.settings();
      await spoil();
      expect(await isAlive(box)).toBe(true);
      expect(await box.status()).toMatchObject({ phase: "ready", fault: null });

      await toStaticQuestion(box, address);
      await box.press("ENTER");
      await atThePanel(box).sees("CHANGE UNDONE");
      await expectLan(lab, { address: before });
      expect(await box.settings()).toEqual(settings);
      await box.press("ENTER");

      await lab.daemons.start();
      await managed();
      await box.untilScreen("home", 120_000);
      await expectLan(lab, { address: before });
      await setStatic(box, address);
      await expectLan(lab, { address: `${address}/24` });
    },
    240_000,
  );
});
