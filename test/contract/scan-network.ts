import { afterEach, describe, expect, it } from "vitest";
import type { ScanNetwork, ScanWish } from "../../src/network/scan/scan-network.ts";
import { someRoute, someVlan } from "../support/some-scans.ts";

/** A namespace that nobody has touched, beside a port LAN that carries no VLAN. */
export interface ScanRig {
  readonly network: ScanNetwork;
  /** Waits for what was begun, and lets the time pass that it takes. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** LAN carries this VLAN outside of the namespace, or no longer. */
  hold(tag: number, held: boolean): Promise<void>;
  /** Somebody takes the link away. */
  lose(tag: number): Promise<void>;
  shown(): Promise<ShownScans>;
  close(): Promise<void>;
}

/** What is there, in the order of tags and destinations. */
export interface ShownScans {
  readonly links: readonly {
    readonly tag: number;
    /** Another one where the link was made anew. */
    readonly identity: unknown;
    /** With prefix length, without the link's own. */
    readonly addresses: readonly string[];
  }[];
  readonly routes: readonly { readonly tag: number; readonly destination: string; readonly gateway: string }[];
}

const v6 = { address: "2001:db8:1::20", prefixLength: 64 };
const some: ScanWish = {
  vlans: [
    someVlan(1, { ipv6: v6 }),
    someVlan(20),
    someVlan(21, { address: "10.0.21.22", prefixLength: 30 }),
    someVlan(4094),
  ],
  routes: [someRoute(1, 20), someRoute(2, 4094, { destination: "172.16.2.2/32" }), someRoute(3, 1)],
};
const none: ScanWish = { vlans: [], routes: [] };

const limitMs = 120_000;

/** What every {@link ScanNetwork} promises. */
export function describeScanNetwork(name: string, open: () => Promise<ScanRig>): void {
  describe(`scan network contract: ${name}`, () => {
    let rig: ScanRig | null = null;
    afterEach(async () => {
      await rig?.close();
      rig = null;
    }, limitMs);

    const setUp = async () => {
      const opened = await open();
      rig = opened;
      const { network, settle } = opened;
      const bring = (wish: ScanWish, signal = new AbortController().signal) => settle(network.bring(wish, signal));
      return { ...opened, bring };
    };
    const tell = (what: string, test: () => Promise<void>) => it(what, test, limitMs);
    const identity = expect.anything();
    const allThere = { ok: true, value: [] };

    tell("brings VLANs with their addresses and routes about, and takes them away", async () => {
      const { bring, shown } = await setUp();
      expect(await bring(none)).toEqual(allThere);
      expect(await shown()).toEqual({ links: [], routes: [] });
      expect(await bring(some)).toEqual(allThere);
      expect(await shown()).toEqual({
        links: [
          { tag: 1, identity, addresses: ["10.0.1.20/24", "2001:db8:1::20/64"] },
          { tag: 20, identity, addresses: ["10.0.20.20/24"] },
          { tag: 21, identity, addresses: ["10.0.21.22/30"] },
          { tag: 4094, identity, addresses: ["10.15.254.20/24"] },
        ],
        routes: [
          { tag: 20, destination: "172.16.1.0/24", gateway: "10.0.20.1" },
          { tag: 4094, destination: "172.16.2.2/32", gateway: "10.15.254.1" },
          { tag: 1, destination: "172.16.3.0/24", gateway: "10.0.1.1" },
        ],
      });
      expect(await bring(none)).toEqual(allThere);
      expect(await shown()).toEqual({ links: [], routes: [] });
    });

    tell("changes nothing the second time", async () => {
      const { bring, shown } = await setUp();
      await bring(some);
      const once = await shown();
      expect(await bring(some)).toEqual(allThere);
      expect(await shown()).toEqual(once);
    });

    tell("changes the difference and leaves the others as they are", async () => {
      const { bring, shown } = await setUp();
      await bring(some);
      const before = await shown();
      const vlans = [
        some.vlans[0] ?? someVlan(1),
        someVlan(20, { address: "10.0.20.21" }),
        someVlan(22),
        someVlan(4094),
      ];
      const routes = [someRoute(1, 20), someRoute(2, 22), someRoute(3, 1, { gateway: "10.0.1.2" })];
      expect(await bring({ vlans, routes })).toEqual(allThere);
      const after = await shown();
      expect(after.links.map(({ tag, addresses }) => [tag, ...addresses])).toEqual([
        [1, "10.0.1.20/24", "2001:db8:1::20/64"],
        [20, "10.0.20.21/24"],
        [22, "10.0.22.20/24"],
        [4094, "10.15.254.20/24"],
      ]);
      expect(after.routes).toEqual([
        { tag: 20, destination: "172.16.1.0/24", gateway: "10.0.20.1" },
        { tag: 22, destination: "172.16.2.0/24", gateway: "10.0.22.1" },
        { tag: 1, destination: "172.16.3.0/24", gateway: "10.0.1.2" },
      ]);
      for (const tag of [1, 4094])
        expect(after.links.find((it) => it.tag === tag)).toEqual(before.links.find((it) => it.tag === tag));
    });

    tell("names a VLAN that LAN carries already, with the others in place, and has it when it is free", async () => {
      const { bring, shown, hold } = await setUp();
      await hold(20, true);
      expect(await bring(some)).toEqual({
        ok: true,
        value: [
          { id: "vlan-20", message: expect.stringMatching(/^VLAN 20: ./) },
          { id: "route-1", message: expect.stringMatching(/^172\.16\.1\.0\/24: ./) },
        ],
      });
      expect((await shown()).links.map(({ tag }) => tag)).toEqual([1, 21, 4094]);
      expect((await shown()).routes.map(({ tag }) => tag)).toEqual([4094, 1]);
      await hold(20, false);
      expect(await bring(some)).toEqual(allThere);
      expect((await shown()).links.map(({ tag }) => tag)).toEqual([1, 20, 21, 4094]);
    });

    tell("names a route whose gateway is no neighbour, or that leads where another does", async () => {
      const { bring, shown } = await setUp();
      const routes = [
        someRoute(1, 20, { gateway: "10.0.21.1" }),
        someRoute(2, 20),
        someRoute(3, 22),
        { ...someRoute(2, 21), id: "route-again", gateway: "10.0.21.21" },
      ];
      expect(await bring({ ...some, routes })).toEqual({
        ok: true,
        value: ["route-1", "route-3", "route-again"].map((id) => ({
          id,
          message: expect.stringContaining("172.16."),
        })),
      });
      expect((await shown()).routes).toEqual([{ tag: 20, destination: "172.16.2.0/24", gateway: "10.0.20.1" }]);
    });

    tell("brings back what somebody took away", async () => {
      const { bring, shown, lose } = await setUp();
      await bring(some);
      const before = await shown();
      await lose(20);
      expect((await shown()).links.map(({ tag }) => tag)).toEqual([1, 21, 4094]);
      expect(await bring(some)).toEqual(allThere);
      const after = await shown();
      expect(after.routes).toEqual(before.routes);
      for (const link of before.links.filter(({ tag }) => tag !== 20)) expect(after.links).toContainEqual(link);
    });

    tell("rejects with the reason of its signal, and the next call goes on", async () => {
      const { bring, shown, network, settle } = await setUp();
      const abort = new AbortController();
      const bringing = network.bring(some, abort.signal);
      abort.abort(new Error("enough"));
      await expect(settle(bringing)).rejects.toThrow("enough");
      await expect(bring(some, abort.signal)).rejects.toThrow("enough");
      expect(await bring(some)).toEqual(allThere);
      expect((await shown()).links).toHaveLength(4);
    });
  });
}
