import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanWish } from "../../src/network/scan/scan-network.ts";
import { describeScanNetwork } from "../contract/scan-network.ts";
import { someRoute, someVlan } from "../support/some-scans.ts";
import { inLab, labLacks } from "./needs.ts";
import { openScanLab, type ScanLab } from "./scan-lab.ts";
import { until } from "./until.ts";

const limitMs = 240_000;

describe.skipIf(labLacks() !== null)(inLab("the namespace of the scans"), () => {
  describeScanNetwork("namespace, with real helpers and a real ip", async () => {
    const lab = await openScanLab();
    return {
      network: lab.network,
      settle: (work) => work,
      hold: (tag, held) => lab.hold(held ? [tag] : []),
      lose: async (tag) => void (await lab.run(["ip", "-n", "scan", "link", "delete", `lan0.${tag}`])),
      shown: lab.shown,
      close: lab.close,
    };
  });

  describe("one after the other", () => {
    let lab: ScanLab;
    const never = new AbortController().signal;
    const allThere = { ok: true, value: [] };
    const vlans = Array.from({ length: 4094 }, (_, at) => someVlan(at + 1));
    const routes = Array.from({ length: 99 }, (_, at) => someRoute(at, at + 1));
    const small: ScanWish = { vlans: vlans.slice(0, 5), routes: routes.slice(0, 5) };
    beforeAll(async () => {
      lab = await openScanLab();
    }, limitMs);
    afterAll(() => lab?.close());

    it("has all again after the port was down, and after it was gone", async () => {
      await lab.network.bring(small, never);
      const before = await lab.shown();
      await lab.run(["ip", "link", "set", "lan0", "down"]);
      expect(await lab.network.bring(small, never)).toEqual(allThere);
      await lab.run(["ip", "link", "set", "lan0", "up"]);
      expect(await lab.network.bring(small, never)).toEqual(allThere);
      expect(await lab.shown()).toEqual(before);
      await lab.run(["ip", "link", "delete", "lan0"]);
      expect(await lab.shown()).toEqual({ links: [], routes: [] });
      const gone = await lab.network.bring(small, never);
      expect(gone.ok && gone.value.map(({ id }) => id)).toEqual([...small.vlans, ...small.routes].map(({ id }) => id));
      await lab.plugPort();
      expect(await lab.network.bring(small, never)).toEqual(allThere);
      expect((await lab.shown()).routes).toEqual(before.routes);
    }, 60_000);

    it(
      "changes one of 4094, and no other link knows of it; an end in the middle is made good",
      async () => {
        const abort = new AbortController();
        const bringing = lab.network.bring({ vlans, routes }, abort.signal);
        await until("some links", async () => (await lab.shown()).links.length > 100);
        abort.abort(new Error("enough"));
        await expect(bringing).rejects.toThrow("enough");
        expect(await lab.network.bring({ vlans, routes }, never)).toEqual(allThere);
        const before = await lab.shown();
        expect(before.links).toHaveLength(4094);
        expect(before.routes).toHaveLength(99);

        const changed = vlans.map((vlan) => (vlan.tag === 2000 ? { ...vlan, address: "10.7.208.99" } : vlan));
        expect(await lab.network.bring({ vlans: changed, routes }, never)).toEqual(allThere);
        const after = await lab.shown();
        expect(after.links.filter((link, at) => JSON.stringify(link) !== JSON.stringify(before.links[at]))).toEqual([
          { tag: 2000, identity: before.links[1999]?.identity, addresses: ["10.7.208.99/24"] },
        ]);
        expect(after.routes).toEqual(before.routes);
        expect(await lab.network.bring({ vlans: [], routes: [] }, never)).toEqual(allThere);
        expect(await lab.shown()).toEqual({ links: [], routes: [] });
      },
      limitMs,
    );

    it("says what to do where there is no namespace", async () => {
      await lab.run(["ip", "netns", "delete", "scan"]);
      expect(await lab.network.bring(small, never)).toEqual({
        ok: false,
        error: { kind: "unavailable", detail: expect.stringContaining("ip netns add scan") },
      });
    }, 60_000);
  });
});
