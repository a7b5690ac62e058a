import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import type { Box } from "./box.ts";
import { atThePanel } from "./hand.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { expectLan, isAlive, openActivatedBox, setStatic, toStaticQuestion } from "./steps.ts";
import { until } from "./until.ts";

/** What a machine may lack or do wrong: a fault with its text, a panel that answers, and home by itself when it has ended. */
describe.skipIf(labLacks() !== null)(inLab("a machine that is not as it should be"), () => {
  const nmcli = "/usr/bin/nmcli";
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox());
  }, 120_000);
  afterEach(async () => {
    for (const program of [nmcli, "/usr/bin/arping", "/usr/sbin/ethtool"]) await lab.replaceProgram(program, null);
  });
  afterAll(() => lab?.close());

  it("nmcli missing at the start", async () => {
    await box.stop();
    await lab.run(["nmcli", "connection", "delete", "uuid", profileUuids.lan]);
    // nmcli does not wait for it.
    await until("no address", async () => (await lab.kernel.addresses("lan0")).length === 0);
    await lab.replaceProgram(nmcli, "");
    await box.start();
    await box.untilScreen("network-error");
    expect((await box.status()).fault).toMatchObject({
      message: "Could not configure LAN",
      detail: expect.stringContaining('nmcli is missing; install the package "network-manager"'),
    });
    expect(await isAlive(box)).toBe(true);
    await lab.replaceProgram(nmcli, null);
    await box.untilScreen("home", 120_000);
    await expectLan(lab);
  }, 180_000);

  it.each([
    ["refuses", "echo 'Error: Insufficient privileges.' >&2; exit 1", "Insufficient privileges"],
    ["has disappeared", "", "nmcli is missing"],
  ])(
    "nmcli that %s when a change is wanted",
    async (_name, script, reason) => {
      const settings = await box.settings();
      const [address = ""] = await lab.kernel.addresses("lan0");
      await toStaticQuestion(box, "10.77.0.50");
      await lab.replaceProgram(nmcli, script);
      await box.press("ENTER");
      await atThePanel(box).sees("CHANGE UNDONE");
      expect(box.log()).toContain(reason);
      await expectLan(lab, { address });
      expect(await box.settings()).toEqual(settings);
      await lab.replaceProgram(nmcli, null);
      await box.press("ENTER");
      await box.untilScreen("home", 120_000);
      await expectLan(lab);
    },
    180_000,
  );

  it("an ethtool that hangs: the panel answers, a change is made", async () => {
    await lab.replaceProgram("/usr/sbin/ethtool", "exec sleep 1000");
    expect(await isAlive(box)).toBe(true);
    await setStatic(box, "10.77.0.51");
    await expectLan(lab, { address: "10.77.0.51/24" });
  }, 180_000);

  it.each([
    ["hangs", "exec sleep 1000"],
    ["is killed", "kill -KILL $PPID; exec sleep 1000"],
  ])(
    "a helper that %s while it asks for the holder of an address: the change is undone",
    async (_name, script) => {
      await lab.gateway.holdAddress("10.77.0.52", true);
      await lab.replaceProgram("/usr/bin/arping", script);
      await toStaticQuestion(box, "10.77.0.52");
      await box.press("ENTER");
      await atThePanel(box).sees("CHANGE UNDONE");
      await expectLan(lab, { address: "10.77.0.51/24" });
      expect((await box.settings()).lan.ipv4).toMatchObject({ address: "10.77.0.51" });
      await lab.gateway.holdAddress("10.77.0.52", false);
      await box.press("ENTER");
      await box.untilScreen("home");
    },
    180_000,
  );

  it("a LAN port that is unplugged and comes back", async () => {
    await lab.run(["ip", "link", "delete", "lan0"]);
    await lab.gateway.plugCable("lan");
    await until("the address", async () => (await lab.kernel.addresses("lan0"))[0] === "10.77.0.51/24");
    await box.untilScreen("home", 120_000);
    await expectLan(lab, { address: "10.77.0.51/24" });
  }, 180_000);

  it.each([
    ["missing", ["ip", "link", "delete", "lan0"], null],
    ["under another name", ["ip", "link", "set", "lan0", "down", "name", "eth7"], "eth7"],
  ] as const)(
    "a LAN port that is %s at the start",
    async (_name, spoil, renamed) => {
      await box.stop();
      await lab.run(["ip", "link", "set", "lan0", "down"]);
      await lab.run(spoil);
      await box.start();
      await box.untilScreen("network-error");
      expect((await box.status()).fault).toMatchObject({
        message: "no CARRIER on LAN interface",
        detail: "there is no interface lan0, which [network] lan of the configuration names",
      });
      expect(await isAlive(box)).toBe(true);
      if (renamed === null) await lab.gateway.plugCable("lan");
      else {
        await lab.run(["ip", "link", "set", renamed, "down", "name", "lan0"]);
        await lab.run(["ip", "link", "set", "lan0", "up"]);
      }
      await box.untilScreen("home", 120_000);
      await expectLan(lab, { address: "10.77.0.51/24" });
    },
    180_000,
  );
});
