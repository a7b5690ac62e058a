import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Box } from "./box.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { testNetwork } from "./procedures.ts";
import { expectLan, openActivatedBox, toStaticQuestion, untilFault } from "./steps.ts";

describe.skipIf(labLacks() !== null)(inLab("the far end of the cable"), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox());
  }, 120_000);
  afterAll(() => lab?.close());

  it("a pulled cable is a COMMUNICATION FAILURE that names it, and ends by itself at home", async () => {
    await expectLan(lab);
    await lab.gateway.cable("lan", false);
    await box.untilStatus(({ lan }) => !lan.carrier);
    // The next poll of a box at home is a minute away. A test finds the cable, and has the poll sent at once.
    await testNetwork(box);
    const { lines } = await box.untilScreen("communication-failure");
    expect(lines).toEqual(["COMMUNICATION→↓↵", "FAILURE         "]);
    const { fault, test } = await box.status();
    expect(fault).toMatchObject({
      message: "no CARRIER on LAN interface",
      legacyCode: null,
      detail: expect.stringContaining("lan0"),
      next: "Check that the cable is in the LAN port and the far end is on.",
    });
    expect(test).toMatchObject({ state: "done", fault: { message: fault?.message } });
    expect(test?.rungs.map(({ rung, ok }) => [rung, ok])).toEqual([
      ["settings", true],
      ["network", true],
      ["carrier", false],
    ]);
    expect((await box.press("RIGHT")).lines).toEqual(["no CARRIER  ←↑↓↵", "on LAN interface"]);
    await box.press("UP");

    await lab.gateway.cable("lan", true);
    await box.untilScreen("home");
    expect((await box.status()).fault).toBeNull();
    await expectLan(lab);
  }, 180_000);

  it("a test climbs every rung of a network that is well, by a real contact", async () => {
    await testNetwork(box);
    const { test, phase } = await box.status();
    expect(test).toMatchObject({ state: "done", fault: null });
    expect(phase).toBe("ready");
    expect(test?.rungs.filter(({ ok }) => !ok)).toEqual([]);
    const asked = test?.rungs.slice(-4).map(({ rung, ms }) => [rung, ms < 30_000]);
    expect(asked).toEqual(["connect", "tls", "http", "platform"].map((rung) => [rung, true]));
    expect(test?.rungs.find(({ rung }) => rung === "tls")?.ms).toBeGreaterThan(0);
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
