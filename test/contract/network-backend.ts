import { afterEach, describe, expect, it } from "vitest";
import type { NetworkState } from "../../src/model/network-state.ts";
import type { Result } from "../../src/model/result.ts";
import type { PortName } from "../../src/model/settings.ts";
import type { NetworkBackend, Operation, Refusal } from "../../src/network/backend.ts";

/**
 * A machine that nobody has configured, with LAN on 10.77.0.0/24 and WAN on 10.78.0.0/24: cables plugged, a DHCP server and
 * router at .1 that leases addresses from .50 on, no router advertisements.
 */
export interface NetworkRig {
  readonly backend: NetworkBackend;
  /** Waits for what was begun, and lets the time pass that it takes. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until this is so; rejects when it does not come. */
  until(what: string, isSo: () => Promise<boolean>): Promise<void>;
  cable(port: PortName, plugged: boolean): Promise<void>;
  /** Whether the DHCP server on LAN answers. */
  serve(answers: boolean): Promise<void>;
  /** Another machine on LAN has this address, or gives it up. */
  hold(address: string, held: boolean): Promise<void>;
  close(): Promise<void>;
}

export const orderDhcp = {
  kind: "configure",
  port: "lan",
  mode: "ipv4+v6",
  vlan: 0,
  ipv4: { method: "dhcp" },
  ipv6: { method: "auto", dns: [] },
  routes: [],
} as const satisfies Operation;

export const orderStatic = {
  ...orderDhcp,
  ipv4: {
    method: "static",
    address: "10.77.0.20",
    prefixLength: 24,
    gateway: "10.77.0.1",
    dns: ["10.77.0.3", "10.77.0.2"],
    wins: [],
    domain: null,
  },
} as const satisfies Operation;

/** `orderStatic` with another address. */
export const orderAddress = (address: string): Operation => ({
  ...orderStatic,
  ipv4: { ...orderStatic.ipv4, address },
});

export const orderStatic6 = {
  ...orderDhcp,
  mode: "ipv6-only",
  ipv6: {
    method: "static",
    address: "2001:db8:77::20",
    prefixLength: 64,
    gateway: "2001:db8:77::1",
    dns: ["2001:db8:77::5"],
  },
} as const satisfies Operation;

const leased = (network: string) => expect.stringMatching(new RegExp(`^${network}\\.([5-9]\\d|1\\d\\d)/24$`));
const mac = expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
const limitMs = 120_000;

/** What every {@link NetworkBackend} promises. */
export function describeNetworkBackend(name: string, open: () => Promise<NetworkRig>): void {
  describe(`network back end contract: ${name}`, () => {
    let rig: NetworkRig | null = null;
    afterEach(async () => {
      await rig?.close();
      rig = null;
    }, limitMs);

    const setUp = async () => {
      const opened = await open();
      rig = opened;
      const { backend, settle } = opened;
      const never = new AbortController().signal;
      const perform = (operation: Operation): Promise<Result<null, Refusal>> =>
        settle(backend.perform(operation, never));
      const observe = (): Promise<NetworkState> => settle(backend.observe(never));
      const lan = async () => (await observe()).lan;
      const untilLan = (what: string, isSo: (state: NetworkState["lan"]) => boolean) =>
        opened.until(what, async () => isSo(await lan()));
      return { ...opened, perform, observe, lan, untilLan, never };
    };
    const tell = (what: string, test: () => Promise<void>) => it(what, test, limitMs);

    tell("shows ports that have their links and nothing else", async () => {
      const { observe } = await setUp();
      expect(await observe()).toEqual({
        lan: {
          interface: "lan0",
          present: true,
          configured: false,
          mac,
          carrier: true,
          speedMbps: expect.any(Number),
          duplex: "full",
          link: "auto",
          vlan: 0,
          method: "dhcp",
          ipv4: [],
          ipv6: [],
          gateway: null,
          dns: [],
          wins: [],
          domain: null,
          lease: null,
          routes: [],
          duplicate: null,
        },
        wan: null,
        separated: false,
      });
    });

    tell("takes a lease, with all that came with it", async () => {
      const { perform, lan } = await setUp();
      expect(await perform(orderDhcp)).toEqual({ ok: true, value: null });
      const state = await lan();
      expect(state).toMatchObject({
        configured: true,
        method: "dhcp",
        ipv4: [leased("10.77.0")],
        gateway: "10.77.0.1",
        dns: ["10.77.0.1"],
        domain: expect.stringContaining(".example"),
        lease: { server: "10.77.0.1" },
        duplicate: null,
      });
      const { expires = "" } = state.lease ?? {};
      expect(new Date(expires).toISOString()).toBe(expires);
    });

    tell("sets a fixed address, and nothing more when it is told so again", async () => {
      const { perform, observe } = await setUp();
      expect(await perform(orderStatic)).toEqual({ ok: true, value: null });
      const once = await observe();
      expect(once.lan).toMatchObject({
        configured: true,
        method: "static",
        ipv4: ["10.77.0.20/24"],
        gateway: "10.77.0.1",
        dns: ["10.77.0.3", "10.77.0.2"],
        lease: null,
        duplicate: null,
      });
      expect(await perform(orderStatic)).toEqual({ ok: true, value: null });
      expect((await observe()).lan).toEqual({ ...once.lan, ipv6: expect.anything() });
    });

    tell("leaves nothing of a fixed address behind", async () => {
      const { perform, lan } = await setUp();
      await perform(orderStatic);
      expect(await perform(orderDhcp)).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ method: "dhcp", ipv4: [leased("10.77.0")], dns: ["10.77.0.1"] });
    });

    tell("sets a fixed IPv6 address in the mode that is managed by it", async () => {
      const { perform, lan } = await setUp();
      expect(await perform(orderStatic6)).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({
        method: "static6",
        ipv4: [],
        ipv6: ["2001:db8:77::20/64"],
        gateway: "2001:db8:77::1",
        dns: ["2001:db8:77::5"],
      });
    });

    tell("refuses what no interface can have, and stays as it was", async () => {
      const { perform, lan } = await setUp();
      await perform(orderStatic);
      const refused = await perform(orderAddress("10.77.0.300"));
      expect(refused).toEqual({ ok: false, error: { kind: "refused", detail: expect.stringContaining("lan0: ") } });
      expect(await lan()).toMatchObject({ ipv4: ["10.77.0.20/24"] });
    });

    tell("does well without a cable, and has a lease by itself when there is one", async () => {
      const { perform, lan, untilLan, cable } = await setUp();
      await cable("lan", false);
      await untilLan("no carrier", ({ carrier }) => !carrier);
      expect(await perform(orderDhcp)).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ configured: true, carrier: false, ipv4: [], lease: null });
      await cable("lan", true);
      await untilLan("a lease", ({ ipv4, gateway }) => ipv4.length > 0 && gateway !== null);
    });

    tell("takes a fixed address without a cable, and has it with one", async () => {
      const { perform, untilLan, cable } = await setUp();
      await cable("lan", false);
      await untilLan("no carrier", ({ carrier }) => !carrier);
      expect(await perform(orderStatic)).toEqual({ ok: true, value: null });
      await cable("lan", true);
      await untilLan("the address", ({ carrier, ipv4 }) => carrier && ipv4.includes("10.77.0.20/24"));
    });

    tell("does well without a DHCP server", async () => {
      const { perform, lan, serve } = await setUp();
      await serve(false);
      expect(await perform(orderDhcp)).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({
        configured: true,
        carrier: true,
        method: "dhcp",
        ipv4: [],
        gateway: null,
        lease: null,
        duplicate: null,
      });
      await serve(true);
    });

    tell("names the machine that has the address already, until it takes another", async () => {
      const { perform, lan, hold } = await setUp();
      await hold("10.77.0.66", true);
      expect(await perform(orderAddress("10.77.0.66"))).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ configured: true, method: "static", duplicate: mac });
      await hold("10.77.0.66", false);
      expect(await perform(orderAddress("10.77.0.67"))).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ ipv4: ["10.77.0.67/24"], duplicate: null });
    });

    tell("has WAN beside LAN from its configuration to its release", async () => {
      const { perform, observe } = await setUp();
      await perform(orderDhcp);
      expect(await perform({ ...orderDhcp, port: "wan" })).toEqual({ ok: true, value: null });
      const both = await observe();
      expect(both.wan).toMatchObject({
        interface: "wan0",
        configured: true,
        ipv4: [leased("10.78.0")],
        ipv6: [],
        gateway: "10.78.0.1",
        dns: ["10.78.0.1"],
      });
      expect(both.lan).toMatchObject({ ipv4: [leased("10.77.0")], gateway: "10.77.0.1" });
      expect(await perform({ kind: "release", port: "wan" })).toEqual({ ok: true, value: null });
      expect(await perform({ kind: "release", port: "wan" })).toEqual({ ok: true, value: null });
      expect(await observe()).toMatchObject({ wan: null, lan: { ipv4: [leased("10.77.0")] } });
    });

    tell("renews a lease, and refuses where there is no order", async () => {
      const { perform, lan } = await setUp();
      expect(await perform({ kind: "renew", port: "lan" })).toEqual({
        ok: false,
        error: { kind: "refused", detail: "lan0: nothing to renew, the port is not configured" },
      });
      await perform(orderDhcp);
      expect(await perform({ kind: "renew", port: "lan" })).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ ipv4: [leased("10.77.0")], gateway: "10.77.0.1" });
    });

    tell("tells its listeners of a change, until they stop", async () => {
      const { backend, cable, until, untilLan } = await setUp();
      const bells = { one: 0, other: 0 };
      const stop = backend.watch(() => bells.one++);
      backend.watch(() => bells.other++);
      let plugged = true;
      const toggle = async () => {
        plugged = !plugged;
        await cable("lan", plugged);
        await untilLan("the carrier", ({ carrier }) => carrier === plugged);
      };
      // The first change may come before a monitor listens.
      await until("bells", async () => {
        await toggle();
        return bells.one > 0 && bells.other > 0;
      });
      stop();
      stop();
      const before = { ...bells };
      await until("another bell", async () => {
        await toggle();
        return bells.other > before.other;
      });
      expect(bells.one).toBe(before.one);
    });

    tell("changes the routes of a port that is up, and nothing else of it", async () => {
      const { perform, lan, untilLan } = await setUp();
      await perform({ ...orderStatic, routes: [{ destination: "10.9.0.0/16", gateway: "10.77.0.9" }] });
      await untilLan("the route", ({ routes }) => routes.length > 0);
      const { routes, ...before } = await lan();
      expect(routes).toEqual([{ destination: "10.9.0.0/16", gateway: "10.77.0.9" }]);
      const others = [
        { destination: "10.9.0.0/16", gateway: "10.77.0.8" },
        { destination: "10.10.0.5/32", gateway: "10.77.0.9" },
      ];
      expect(await perform({ kind: "routes", port: "lan", routes: others })).toEqual({ ok: true, value: null });
      await untilLan("both routes", (state) => state.routes.length === 2);
      const { routes: shown, ...after } = await lan();
      expect([...shown].sort((a, b) => a.destination.localeCompare(b.destination))).toEqual(others.reverse());
      expect(after).toEqual(before);
      await perform({ kind: "routes", port: "lan", routes: [] });
      await untilLan("no route", (state) => state.routes.length === 0);
    });

    tell("keeps our own traffic on WAN, and lets it use LAN again", async () => {
      const { perform, observe } = await setUp();
      const separate = { kind: "separate", port: "wan", scanByWan: ["10.9.0.0/16"] } as const;
      for (const on of [true, true, false, false]) {
        expect(await perform({ ...separate, on })).toEqual({ ok: true, value: null });
        expect((await observe()).separated).toBe(on);
      }
    });

    tell("refuses routes where the port is not configured, and makes them when the port gets its address", async () => {
      const { perform, lan, untilLan } = await setUp();
      const routes = [{ destination: "10.9.0.0/16", gateway: "10.77.0.9" }];
      expect(await perform({ kind: "routes", port: "lan", routes })).toMatchObject({ ok: false });
      expect((await lan()).routes).toEqual([]);
      await perform({ ...orderDhcp, routes });
      await untilLan("the route", (state) => state.routes.length > 0);
      expect((await lan()).routes).toEqual(routes);
    });

    tell("rejects with the reason of its signal, and is ready for the next operation", async () => {
      const { backend, perform, serve, settle, lan } = await setUp();
      await serve(false);
      const abort = new AbortController();
      const performing = backend.perform(orderDhcp, abort.signal);
      const overlapping = backend.perform({ kind: "renew", port: "lan" }, abort.signal);
      await expect(settle(overlapping)).rejects.toThrow("one at a time");
      abort.abort(new Error("enough"));
      await expect(settle(performing)).rejects.toThrow("enough");
      await expect(settle(backend.perform(orderDhcp, abort.signal))).rejects.toThrow("enough");
      await expect(settle(backend.observe(abort.signal))).rejects.toThrow("enough");
      await serve(true);
      expect(await perform(orderStatic)).toEqual({ ok: true, value: null });
      expect(await lan()).toMatchObject({ ipv4: ["10.77.0.20/24"] });
    });
  });
}
