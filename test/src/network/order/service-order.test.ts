import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "../../../../hal/mock/memory-files.ts";
import type { Order, OrderItem } from "../../../../src/model/order.ts";
import { factorySettings, type Settings } from "../../../../src/model/settings.ts";
import type { OrderOptions } from "../../../../src/network/service.ts";
import { item, routeItem, staticItem, vlanItem } from "../../../support/some-orders.ts";
import { startedService } from "../some-service.ts";

const orderOf = (items: readonly OrderItem[], revision = 7): Order => ({ revision, items });
/** The platform is reached whatever was changed. */
const reached: OrderOptions = { confirm: async () => null };
const unavailable = { kind: "unavailable", detail: "no helper" } as const;
const well = (id: string) => ({ id, ok: true, message: "" });
const bad = (id: string, message: unknown) => ({ id, ok: false, message });
const scanOf = ({ scan: { revision, vlans, routes } }: Settings) => [revision, vlans.length, routes.length];

describe("an order to the network service", () => {
  it("is in force on ports and in the namespace when it is kept, and reported item by item", async () => {
    const { service, store, scans, backend, facts } = await startedService();
    const items = [
      vlanItem(30),
      routeItem(1, { gateway: "10.77.0.1" }),
      routeItem(2, { gateway: "10.100.30.1", via: 30 }),
    ];
    const report = await service.order(orderOf(items), reached);
    expect(report).toEqual({ revision: 7, outcome: "kept", reason: null, results: items.map(({ id }) => well(id)) });
    expect(scanOf(store.settings())).toEqual([7, 1, 2]);
    expect([scans.current().vlans.length, scans.current().routes.length]).toEqual([1, 1]);
    expect(backend.current().lan.routes).toEqual([{ destination: "172.16.1.0/24", gateway: "10.77.0.1" }]);
    expect(facts()).toMatchObject({ lastOrder: report, scanNetworks: { state: "settled", failures: [] } });
    await service.stop();
  });

  it("names what the kernel does not show, and is kept all the same", async () => {
    const { service, scans, facts } = await startedService();
    scans.failures = [{ id: "vlan-31", message: "the port carries this VLAN already" }];
    const report = await service.order(orderOf([vlanItem(30), vlanItem(31)]), reached);
    expect(report).toMatchObject({
      outcome: "kept",
      results: [well("vlan-30"), bad("vlan-31", scans.failures[0]?.message)],
    });
    expect(facts().scanNetworks?.failures).toEqual(scans.failures);
    await service.stop();
  });

  it("touches nothing when it is refused", async () => {
    const { service, store, scans, backend } = await startedService();
    const before = [store.settings(), backend.operations.length, scans.asked.length];
    const report = await service.order(orderOf([vlanItem(30), vlanItem(4095)]), reached);
    expect(report).toEqual({
      revision: 7,
      outcome: "refused",
      reason: "vlan-4095: VLAN 4095: a tag is 1 to 4094",
      results: [
        bad("vlan-30", expect.stringMatching(/not in force/)),
        bad("vlan-4095", "VLAN 4095: a tag is 1 to 4094"),
      ],
    });
    expect([store.settings(), backend.operations.length, scans.asked.length]).toEqual(before);
    await service.stop();
  });

  it("is reverted, ports and namespace, when the platform is lost", async () => {
    const { service, store, scans, backend } = await startedService();
    await service.order(orderOf([vlanItem(30)], 3), reached);
    const before = store.settings();
    const confirm = async () => "the platform does not answer";
    const report = await service.order(orderOf([vlanItem(31), staticItem("lan", "10.77.0.30")], 4), { confirm });
    expect(report).toMatchObject({ revision: 4, outcome: "reverted", reason: "the platform does not answer" });
    expect(store.settings()).toEqual(before);
    expect(scans.current().vlans.map(({ tag }) => tag)).toEqual([30]);
    expect(backend.current().lan.method).toBe("dhcp");
    await service.stop();
  });

  it("is asked about with the settings that it makes, once the machine shows them", async () => {
    const { service, backend, facts } = await startedService();
    const seen: unknown[] = [];
    const confirm = async (settings: Settings) => {
      seen.push(settings.lan.ipv4.method, backend.current().lan.ipv4, facts().network?.lan.ipv4);
      return null;
    };
    await service.order(orderOf([staticItem("lan", "10.77.0.30")]), { confirm });
    expect(seen).toEqual(["static", ["10.77.0.30/24"], ["10.77.0.30/24"]]);
    await service.stop();
  });

  it("is reverted when the namespace cannot be changed: what it orders must stand", async () => {
    const { service, store, scans } = await startedService();
    scans.refusal = unavailable;
    const report = await service.order(orderOf([vlanItem(30)]), reached);
    expect(report).toMatchObject({ outcome: "reverted", reason: "networks of scans: no helper" });
    expect(scanOf(store.settings())).toEqual([null, 0, 0]);
    await service.stop();
  });

  it("is taken back until it is in force", async () => {
    const { service, store, scans, clock } = await startedService();
    const cancel = new AbortController();
    scans.hangs = true;
    const ordered = service.order(orderOf([vlanItem(30)]), { ...reached, cancel: cancel.signal });
    await clock.advance(1000);
    scans.hangs = false;
    cancel.abort();
    await clock.advance(1000);
    expect(await ordered).toMatchObject({ outcome: "canceled", reason: "it was canceled" });
    expect([scanOf(store.settings()), scans.current().vlans]).toEqual([[null, 0, 0], []]);
    const late = new AbortController();
    const kept = await service.order(orderOf([vlanItem(30)]), { ...reached, cancel: late.signal });
    late.abort();
    expect([kept.outcome, scanOf(store.settings())]).toEqual(["kept", [7, 1, 0]]);
    await service.stop();
  });

  it("waits for nobody: whoever comes second is told so, and by whom", async () => {
    const { service, backend, clock } = await startedService();
    backend.meet(1, { kind: "hang" });
    const change = service.change({ ...factorySettings(), proxy: null, lan: { ...factorySettings().lan, vlan: 9 } });
    await clock.advance(10);
    expect(await service.order(orderOf([vlanItem(30)]), reached)).toEqual({
      ...{ revision: 7, outcome: "busy", reason: "a change of the settings is under way" },
      results: [bad("vlan-30", expect.any(String))],
    });
    await clock.advance(60_000);
    await change;
    let answer: (objection: null) => void = () => {};
    const asked = new Promise<null>((resolve) => {
      answer = resolve;
    });
    const ordered = service.order(orderOf([vlanItem(30)]), { confirm: () => asked });
    await clock.advance(10);
    const busy = { kind: "busy", reason: "an order of the platform is under way" };
    expect([await service.change(factorySettings()), await service.renew("lan")]).toEqual([busy, busy]);
    answer(null);
    await clock.advance(10);
    expect((await ordered).outcome).toBe("kept");
    await service.stop();
  });

  it("is as if it had never been when the system goes down in the middle", async () => {
    const files = createMemoryFiles();
    const { service, scans, clock } = await startedService(files);
    scans.hangs = true;
    const ordered = service.order(orderOf([vlanItem(30)]), reached);
    await clock.advance(1000);
    await service.stop();
    expect(await ordered).toMatchObject({ outcome: "reverted", reason: "the system is going down" });
    const next = await startedService(files.afterPowerCut());
    expect(scanOf(next.store.settings())).toEqual([null, 0, 0]);
    expect(await next.service.order(orderOf([vlanItem(30)]), reached)).toMatchObject({ outcome: "kept" });
    await next.service.stop();
    expect(await next.service.order(orderOf([]), reached)).toMatchObject({
      outcome: "busy",
      reason: "the system is going down",
    });
  });
});

describe("an order that stands while the box changes", () => {
  const ordered = async (items: readonly OrderItem[]) => {
    const parts = await startedService();
    expect((await parts.service.order(orderOf(items), reached)).outcome).toBe("kept");
    const failures = () => parts.facts().scanNetworks?.failures;
    const change = async (make: (settings: Settings) => Settings) => {
      expect(await parts.service.change(make(parts.store.settings()))).toEqual({ kind: "kept" });
      await parts.clock.advance(5000);
    };
    return { ...parts, failures, change };
  };

  it("fails where the panel takes the VLAN, with the routes by it, and comes back with it", async () => {
    const byVlan = routeItem(1, { gateway: "10.100.30.1", via: 30 });
    const { service, scans, failures, change } = await ordered([vlanItem(30), vlanItem(31), byVlan]);
    await change((settings) => ({ ...settings, lan: { ...settings.lan, vlan: 30 } }));
    expect(failures()).toEqual([
      { id: "vlan-30", message: "VLAN 30 is set at the panel" },
      { id: "route-1", message: "there is no VLAN 30 for it" },
    ]);
    expect(scans.current().vlans.map(({ tag }) => tag)).toEqual([31]);
    await change((settings) => ({ ...settings, lan: { ...settings.lan, vlan: 0 } }));
    expect([failures(), scans.current().vlans.length, scans.current().routes.length]).toEqual([[], 2, 1]);
    await service.stop();
  });

  it("fails where the panel switches WAN off under a route", async () => {
    const byWan = routeItem(1, { gateway: "10.88.0.1", via: "wan" });
    const { service, store, failures, change } = await ordered([item("w", "wan-ipv4", { method: "dhcp" }), byWan]);
    expect(failures()).toEqual([]);
    await change((settings) => ({ ...settings, wan: null }));
    expect(failures()).toEqual([{ id: "route-1", message: "WAN is not enabled" }]);
    expect(scanOf(store.settings())).toEqual([7, 0, 1]);
    await change((settings) => ({ ...settings, wan: { link: "auto", ipv4: { method: "dhcp" } } }));
    expect(failures()).toEqual([]);
    await service.stop();
  });

  it("fails where a lease moves away from a route's gateway, and comes back with the lease", async () => {
    const { service, backend, clock, failures } = await ordered([routeItem(1, { gateway: "10.77.0.1" })]);
    const { observe } = backend;
    const look = async () => {
      backend.stir("other");
      await clock.advance(100);
    };
    backend.observe = async (signal) => {
      const { lan, ...rest } = await observe(signal);
      return { ...rest, lan: { ...lan, ipv4: ["10.99.0.9/24"], gateway: "10.99.0.1" } };
    };
    await look();
    expect(failures()).toEqual([
      { id: "route-1", message: "the gateway 10.77.0.1 cannot be reached, LAN is 10.99.0.9/24" },
    ]);
    backend.observe = observe;
    await look();
    expect(failures()).toEqual([]);
    await service.stop();
  });

  it("fails while LAN has no address, and comes back with the cable", async () => {
    const { service, backend, clock, failures } = await ordered([routeItem(1)]);
    const plug = async (plugged: boolean) => {
      backend.cable("lan", plugged);
      backend.stir();
      await clock.advance(100);
    };
    await plug(false);
    expect(failures()).toEqual([{ id: "route-1", message: "LAN has no address" }]);
    await plug(true);
    expect(failures()).toEqual([]);
    await service.stop();
  });

  it("fails where the kernel does not show a route", async () => {
    const { service, backend, clock, failures } = await ordered([routeItem(1)]);
    const { observe } = backend;
    backend.observe = async (signal) => {
      const { lan, ...rest } = await observe(signal);
      return { ...rest, lan: { ...lan, routes: [] } };
    };
    backend.stir("other");
    await clock.advance(100);
    expect(failures()).toEqual([{ id: "route-1", message: "172.16.1.0/24: the kernel does not show it" }]);
    await service.stop();
  });

  it("is not undone by a change that was made from the settings before it", async () => {
    const { service, store } = await ordered([vlanItem(30)]);
    const before = factorySettings();
    const stale = await service.change({ ...before, lan: { ...before.lan, vlan: 7 } }, { from: before });
    expect(stale).toMatchObject({ kind: "refused", reason: "the settings have changed meanwhile; try again" });
    expect(scanOf(store.settings())).toEqual([7, 1, 0]);
    await service.stop();
  });

  it("is made anew when links have gone", async () => {
    const { service, backend, clock, scans } = await ordered([vlanItem(30)]);
    const asked = scans.asked.length;
    backend.stir("link");
    await clock.advance(1000);
    expect(scans.asked.length).toBe(asked + 1);
    await service.stop();
  });

  it("goes with a reset, revision included", async () => {
    const { service, store, scans, clock, facts } = await ordered([vlanItem(30), routeItem(1)]);
    expect(await service.change(factorySettings(), { secrets: "forget" })).toEqual({ kind: "kept" });
    await clock.advance(1000);
    expect([scanOf(store.settings()), scans.current().vlans]).toEqual([[null, 0, 0], []]);
    expect(facts().settings?.scan).toEqual({ revision: null, vlans: [], routes: [] });
    await service.stop();
  });
});
