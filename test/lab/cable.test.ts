import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Box, openBox } from "./box.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { activateOnSight, expectLan, toStaticQuestion, untilFault } from "./steps.ts";

describe.skipIf(labLacks() !== null)(inLab("the far end of the cable"), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    lab = await openLab();
    box = await openBox(lab);
    await box.start();
  }, 120_000);
  afterAll(() => lab?.close());

  it("a pulled cable is a COMMUNICATION FAILURE that names it, and ends by itself", async () => {
    // A box that waits for its activation asks every ten seconds.
    await box.untilScreen("activation");
    await expectLan(lab);
    await lab.gateway.cable("lan", false);
    const { lines } = await box.untilScreen("communication-failure");
    expect(lines).toEqual(["COMMUNICATION→↓↵", "FAILURE         "]);
    expect((await box.status()).fault).toMatchObject({
      message: "no CARRIER on LAN interface",
      legacyCode: null,
      detail: expect.stringContaining("lan0"),
      next: "Check that the cable is in the LAN port and the far end is on.",
    });
    expect((await box.press("RIGHT")).lines).toEqual(["no CARRIER  ←↑↓↵", "on LAN interface"]);
    await box.press("UP");

    await lab.gateway.cable("lan", true);
    await box.untilScreen("activation");
    expect((await box.status()).fault).toBeNull();
    await expectLan(lab);

    activateOnSight(lab);
    const [known] = lab.gateway.platform.appliances();
    lab.gateway.platform.activate(known?.code ?? "", { name: "lab_box" });
    await box.untilScreen("home");
  }, 180_000);

  it("an address that another machine has is named with that machine, and taken when it is free", async () => {
    const { address: holder } = JSON.parse(await lab.gateway.run(["ip", "-json", "link", "show", "langw"]))[0];
    await lab.gateway.holdAddress("10.77.0.20", true);
    await toStaticQuestion(box, "10.77.0.20");
    await box.press("ENTER");
    await box.untilScreen("network-error");
    expect((await box.status()).fault).toMatchObject({
      message: "Duplicate IP detected",
      detail: expect.stringContaining(holder),
    });
    await expectLan(lab, null);
    expect((await box.settings()).lan.ipv4).toMatchObject({ method: "static", address: "10.77.0.20" });

    await lab.gateway.holdAddress("10.77.0.20", false);
    await box.untilScreen("home", 120_000);
    await expectLan(lab, { address: "10.77.0.20/24" });
  }, 240_000);

  it.each([
    ["no router", { router: false }, "LAN DHCP lease has no gateway"],
    ["no DNS server", { dns: false }, "LAN has no DNS servers"],
  ] as const)(
    "a DHCP server that gives %s is told from the others",
    async (_name, behaviour, message) => {
      await lab.gateway.dhcp(behaviour);
      await box.press("ENTER", "ENTER", "ENTER");
      // ENABLE DHCP asks, RENEW DHCP does not.
      if ((await box.screen()).screen === "confirm/dhcp-lan") await box.press("ENTER");
      // On the glass too: under a working message keys do not count.
      await untilFault(box, message);
      await lab.gateway.dhcp();
      if ((await box.status()).phase !== "ready") await box.press("ENTER", "ENTER", "ENTER");
      await box.untilScreen("home", 120_000);
      await expectLan(lab);
    },
    240_000,
  );
});
