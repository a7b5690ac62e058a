import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factorySettings } from "../../src/model/settings.ts";
import type { Box } from "./box.ts";
import { gatewayAddress6, platformAddress, platformAddress6 } from "./gateway.ts";
import { inForce, split, standard } from "./in-force.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { doneAtHome, enableDhcp, enableStatic, resetNetwork, testNetwork } from "./procedures.ts";
import { openRouter } from "./router.ts";
import { leased, openActivatedBox } from "./steps.ts";
import { watchWires } from "./wires.ts";

const limitMs = 120_000;
const wan = [expect.stringMatching(/^10\.78\.0\.[5-9]\d\/24$/)];
/** Scans have IPv6 of LAN in either mode. */
const dns = ["10.77.0.1", gatewayAddress6];

describe.skipIf(lockDownLacks() !== null)(inLab("the mode and a split network", lockDownLacks()), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({ user: true }, async (opened) => {
      await (await openRouter(opened)).advertise();
    }));
    await doneAtHome(box, enableStatic(box, "lan", "10.77.0.20"));
    await doneAtHome(box, enableDhcp(box, "wan"));
  }, limitMs);
  afterAll(() => lab?.close());

  const polled = async () => {
    const wires = await watchWires(lab);
    await testNetwork(box);
    return wires.stop();
  };

  it(
    "management is IPv4's, by WAN, though LAN has IPv6",
    async () => {
      await expect.poll(() => inForce(lab)).toEqual({ ...split, lan: ["10.77.0.20/24"], wan, dns });
      expect(await polled()).toEqual({ lan: [], wan: [`tcp ${platformAddress}:443`, "udp 10.78.0.1:53"] });
    },
    limitMs,
  );

  it(
    "IPv6 only takes WAN and its rules away; management is on LAN",
    async () => {
      await doneAtHome(box, resetNetwork(box, "mode"));
      expect(await box.settings()).toEqual(factorySettings("ipv6-only"));
      const nothing = { lan: [], wan: [], ways: [], rules: [], rules6: [] };
      await expect.poll(() => inForce(lab)).toEqual({ ...nothing, dns: [gatewayAddress6] });
      expect(await polled()).toEqual({ lan: [`tcp ${platformAddress6}:443`, `udp ${gatewayAddress6}:53`], wan: [] });
    },
    limitMs,
  );

  it(
    "and back it is a standard network, which can be split again",
    async () => {
      await doneAtHome(box, resetNetwork(box, "mode"));
      expect(await box.settings()).toEqual(factorySettings());
      await expect.poll(() => inForce(lab)).toEqual({ ...standard, lan: [leased], dns });
      expect(await polled()).toEqual({ lan: [`tcp ${platformAddress}:443`, "udp 10.77.0.1:53"], wan: [] });
      await doneAtHome(box, enableDhcp(box, "wan"));
      await expect.poll(() => inForce(lab)).toEqual({ ...split, lan: [leased], wan, dns });
    },
    limitMs,
  );
});
