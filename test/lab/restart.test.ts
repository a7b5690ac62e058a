import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Box, openBox } from "./box.ts";
import { atThePanel } from "./hand.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { activateOnSight, setDhcp, setStatic, toStaticQuestion } from "./steps.ts";
import { until } from "./until.ts";

/** The controller ends, asked or killed, in each state that it may be in, and starts again. */
describe.skipIf(labLacks() !== null).each(["SIGTERM", "SIGKILL"] as const)(
  inLab("a controller that is ended by %s"),
  (signal) => {
    let lab: Lab;
    let box: Box;
    beforeAll(async () => {
      lab = await openLab();
      box = await openBox(lab);
      activateOnSight(lab);
      await box.start();
      await box.untilScreen("home");
    }, 120_000);
    afterEach(async () => {
      await lab.replaceProgram("/usr/bin/nmcli", null);
    });
    afterAll(() => lab?.close());

    it("with a lease: the address stays meanwhile, and it is at home again", async () => {
      const before = await lab.kernel.addresses("lan0");
      expect(before).toHaveLength(1);
      await box.stop(signal);
      expect(await lab.kernel.addresses("lan0")).toEqual(before);
      await box.start();
      await box.untilScreen("home");
      expect(await lab.kernel.addresses("lan0")).toEqual(before);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
    }, 120_000);

    it("with a static address: it stays meanwhile, and is in force again", async () => {
      await setStatic(box, "10.77.0.40");
      await box.stop(signal);
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.40/24"]);
      await box.start();
      await box.untilScreen("home");
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.40/24"]);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
      expect((await lab.daemons.resolvConf()).servers).toEqual(["10.77.0.1"]);
    }, 120_000);

    it("in the middle of a change: the settings before are in force, in the store and in the kernel", async () => {
      const settings = await box.settings();
      const reached = `${lab.folder}/reached-${signal}`;
      await lab.run(["cp", "/usr/bin/nmcli", `${lab.folder}/nmcli`]);
      // The new address is in the kernel, and the controller never hears of it.
      await lab.replaceProgram(
        "/usr/bin/nmcli",
        `case "$*" in
        *" connection up "*) "${lab.folder}/nmcli" "$@"; touch "${reached}"; exec sleep 1000;;
        *) exec "${lab.folder}/nmcli" "$@";;
        esac`,
      );
      await toStaticQuestion(box, "10.77.0.41");
      await box.press("ENTER");
      await until("the change to reach the kernel", async () => existsSync(reached));
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.41/24"]);
      await box.stop(signal);
      await lab.replaceProgram("/usr/bin/nmcli", null);
      await box.start();
      await atThePanel(box).sees("CHANGE WAS UNDONE AT START");
      await box.press("ENTER");
      await box.untilScreen("home");
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.40/24"]);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
      expect(await box.settings()).toEqual(settings);
    }, 120_000);

    it("without a cable: it says so, and is at home when the cable is back", async () => {
      await lab.gateway.cable("lan", false);
      await box.stop(signal);
      await box.start();
      await box.untilScreen("network-error");
      expect((await box.status()).fault?.message).toBe("no CARRIER on LAN interface");
      await lab.gateway.cable("lan", true);
      await box.untilScreen("home");
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.40/24"]);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
    }, 120_000);

    it("without NetworkManager: it is at home when that has come, with what was stored", async () => {
      await setDhcp(box);
      await box.stop(signal);
      await lab.daemons.killNetworkManager();
      await lab.run(["ip", "address", "flush", "dev", "lan0"]);
      await box.start();
      await box.untilScreen("network-error");
      expect((await box.status()).fault).toMatchObject({
        message: "Could not configure LAN",
        legacyCode: "E10",
        detail: expect.stringContaining("NetworkManager is not running"),
      });
      await lab.daemons.start();
      await box.untilScreen("home", 120_000);
      expect(await lab.kernel.addresses("lan0")).toEqual([expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/)]);
      expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
    }, 240_000);

    it("leaves no child behind", async () => {
      const child = async () =>
        (await lab.run(["ps", "-A", "-o", "comm,args"])).match(/^(node|ip|curl|arping) .*$/m)?.[0] ?? null;
      expect(await child()).not.toBeNull();
      await box.stop(signal);
      // Whoever follows the kernel's changes hears of its parent's end with the next one.
      await lab.run(["ip", "link", "set", "wan0", "mtu", "1400"]);
      await until("the end of its children", async () => (await child()) === null);
    }, 120_000);
  },
);
