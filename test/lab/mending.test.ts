import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import { type Box, openBox } from "./box.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { activateOnSight, setStatic } from "./steps.ts";
import { until } from "./until.ts";

const uuid = profileUuids.lan;
const disconnect = ["nmcli", "device", "disconnect", "lan0"] as const;
const flush = ["ip", "address", "flush", "dev", "lan0"] as const;
const harms = [
  disconnect,
  flush,
  ["nmcli", "connection", "down", "uuid", uuid],
  ["nmcli", "connection", "delete", "uuid", uuid],
] as const;

describe.skipIf(labLacks() !== null)(inLab("somebody else at the port"), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    lab = await openLab();
    box = await openBox(lab);
    activateOnSight(lab);
  }, 120_000);
  // What comes back again and again is mended ever more rarely, so each begins with a box that has seen nothing yet.
  beforeEach(async () => {
    await box.start();
    await box.untilScreen("home");
  }, 120_000);
  afterEach(() => box.stop());
  afterAll(() => lab?.close());

  /** Takes the address away and sees it come back, with its route and a box that is well. */
  const mends = async (harm: (typeof harms)[number], address: unknown) => {
    await lab.run(harm);
    await until("the harm", async () => (await lab.kernel.addresses("lan0")).length === 0);
    await until("the address", async () => (await lab.kernel.addresses("lan0")).length === 1, 120_000);
    expect(await lab.kernel.addresses("lan0")).toEqual([address]);
    await until("the route", async () => (await lab.kernel.gateways("lan0"))[0] === "10.77.0.1");
    await box.untilStatus(({ phase, fault }) => phase === "ready" && fault === null, 120_000);
  };

  it.each(harms.map((harm) => ({ harm, what: harm.slice(0, 3).join(" ") })))(
    "$what does not last: the lease is asked for again",
    async ({ harm }) => {
      await mends(harm, expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/));
    },
    240_000,
  );

  it("nor does it with a fixed address", async () => {
    await setStatic(box, "10.77.0.20");
    for (const harm of [disconnect, flush]) await mends(harm, "10.77.0.20/24");
  }, 300_000);
});
