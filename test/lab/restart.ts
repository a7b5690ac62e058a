import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Box } from "./box.ts";
import { atThePanel } from "./hand.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import {
  activateOnSight,
  disableWan,
  enableWan,
  expectLan,
  openActivatedBox,
  setDhcp,
  setStatic,
  toStaticQuestion,
} from "./steps.ts";
import { until } from "./until.ts";

/** The controller ends, asked or killed, in each state that it may be in, and starts again. */
export function describeRestart(signal: "SIGTERM" | "SIGKILL"): void {
  describe.skipIf(labLacks() !== null)(inLab(`a controller that is ended by ${signal}`), () => {
    let lab: Lab;
    let box: Box;
    beforeAll(async () => {
      ({ lab, box } = await openActivatedBox());
    }, 120_000);
    afterEach(async () => {
      await lab.replaceProgram("/usr/bin/nmcli", null);
    });
    afterAll(() => lab?.close());

    it("with a lease: the address stays meanwhile, and it is at home again", async () => {
      const [address = ""] = await lab.kernel.addresses("lan0");
      await box.stop(signal);
      await expectLan(lab, { address });
      await box.start();
      await box.untilScreen("home");
      await expectLan(lab, { address });
    }, 120_000);

    it("waiting for its activation: it shows the same code again", async () => {
      const { platform } = lab.gateway;
      const [{ fingerprint, code: used } = { fingerprint: "", code: "" }] = platform.appliances();
      platform.activateOnSight(null);
      expect(platform.change(fingerprint, { state: "unactivated" })).toMatchObject({ ok: true });
      await box.stop(signal);
      await box.start();
      await box.untilScreen("activation");
      const [{ code } = { code: "" }] = platform.appliances();
      expect(code).not.toBe(used);
      const { lines } = await box.screen();
      expect(lines.join(" ")).toContain(code);
      await box.stop(signal);
      await box.start();
      expect((await box.untilScreen("activation")).lines).toEqual(lines);
      await expectLan(lab);
      activateOnSight(lab);
      platform.activate(code ?? "", { name: "lab_box", indicator: "P" });
      await box.untilScreen("home");
    }, 120_000);

    it("with WAN beside LAN: both stay meanwhile, and are in force again", async () => {
      await enableWan(box);
      const [wan] = await lab.kernel.addresses("wan0");
      const [address = ""] = await lab.kernel.addresses("lan0");
      const hasBoth = async () => {
        await expectLan(lab, { address });
        expect(await lab.kernel.addresses("wan0")).toEqual([wan]);
        expect(await lab.kernel.gateways("wan0")).toEqual(["10.78.0.1"]);
      };
      expect(wan).toMatch(/^10\.78\.0\.[5-9]\d\/24$/);
      await hasBoth();
      await box.stop(signal);
      await hasBoth();
      await box.start();
      await box.untilScreen("home");
      await hasBoth();
      await disableWan(box);
      await expectLan(lab, { address });
      expect(await lab.kernel.addresses("wan0")).toEqual([]);
    }, 120_000);

    it("with a static address: it stays meanwhile, and is in force again", async () => {
      await setStatic(box, "10.77.0.40");
      await box.stop(signal);
      await expectLan(lab, { address: "10.77.0.40/24" });
      await box.start();
      await box.untilScreen("home");
      await expectLan(lab, { address: "10.77.0.40/24" });
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
      await expectLan(lab, { address: "10.77.0.40/24" });
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
      await expectLan(lab, { address: "10.77.0.40/24" });
    }, 120_000);

    it("with an address that another machine has: it says so again, and takes the address when it is free", async () => {
      await lab.gateway.holdAddress("10.77.0.42", true);
      await toStaticQuestion(box, "10.77.0.42");
      await box.press("ENTER");
      await box.untilScreen("network-error");
      await box.stop(signal);
      await box.start();
      await box.untilScreen("network-error");
      expect((await box.status()).fault?.message).toBe("Duplicate IP detected");
      await expectLan(lab, null);
      await lab.gateway.holdAddress("10.77.0.42", false);
      await box.untilScreen("home", 120_000);
      await expectLan(lab, { address: "10.77.0.42/24" });
      await setDhcp(box);
    }, 240_000);

    it.each([
      ["NetworkManager", "NetworkManager is not running", () => lab.daemons.killNetworkManager()],
      ["D-Bus", "Could not connect", () => lab.daemons.killBus()],
    ])(
      "without %s: it is at home when that has come, with what was stored",
      async (_name, detail, kill) => {
        await box.stop(signal);
        await kill();
        await lab.run(["ip", "address", "flush", "dev", "lan0"]);
        await box.start();
        await box.untilScreen("network-error");
        expect((await box.status()).fault).toMatchObject({
          message: "Could not configure LAN",
          legacyCode: "E10",
          detail: expect.stringContaining(detail),
        });
        await lab.daemons.start();
        await box.untilScreen("home", 120_000);
        await expectLan(lab);
      },
      240_000,
    );

    it("leaves no child behind", async () => {
      const child = async () =>
        (await lab.run(["ps", "-A", "-o", "comm,args"])).match(/^(node|ip|curl|arping) .*$/m)?.[0] ?? null;
      expect(await child()).not.toBeNull();
      await box.stop(signal);
      // Whoever follows the kernel's changes hears of its parent's end with the next one.
      await lab.run(["ip", "link", "set", "wan0", "mtu", "1400"]);
      await until("the end of its children", async () => (await child()) === null);
    }, 120_000);
  });
}
