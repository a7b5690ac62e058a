import { describe, expect, it } from "vitest";
import { isInNetwork } from "../../../src/model/address.ts";
import type { OrderItem, OrderReport } from "../../../src/model/order.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import type { NetworkBackend } from "../../../src/network/backend.ts";
import { createScriptedPlatform, curlFails, spoils } from "../../support/scripted-platform.ts";
import { item, routeItem, someOrder, staticItem, vlanItem } from "../../support/some-orders.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

const roundMs = 220_000;
/** An order may take its time: it is judged by what it comes to. */
const orderMs = 600_000;
const strayLan = staticItem("lan", "10.99.0.20");
const goodLan = staticItem("lan", "10.77.0.30");
const unreachable = curlFails(7, "Could not connect");

/** Begins an order; the report comes with the box's time. */
function begin(box: Bench, items: readonly OrderItem[], revision = 7) {
  let told: OrderReport | null = null;
  const asked = box.appliance.order(someOrder(items, { revision })).then((report) => {
    told = report;
  });
  return {
    isDone: () => told !== null,
    report: async (): Promise<OrderReport> => {
      await box.until(() => told !== null, orderMs);
      await asked;
      if (told === null) throw new Error("no report");
      return told;
    },
  };
}

const order = (box: Bench, items: readonly OrderItem[], revision?: number) => begin(box, items, revision).report();
const results = (report: OrderReport) => report.results.map(({ id, ok }) => `${id} ${ok}`);

describe("an order of the platform", () => {
  it("for scans is kept, and nothing of it is to be seen at the panel", async () => {
    const box = await startedBox();
    const { frames } = box;
    const before = frames.length;
    const report = await order(box, [vlanItem(30), routeItem(1), routeItem(2, { gateway: "10.100.30.1", via: 30 })]);
    expect(report).toMatchObject({ revision: 7, outcome: "kept", reason: null });
    expect(results(report)).toEqual(["vlan-30 true", "route-1 true", "route-2 true"]);
    expect(box.facts()).toMatchObject({
      settings: { scan: { revision: 7 } },
      scanNetworks: { state: "settled", failures: [] },
      lastOrder: report,
      phase: "ready",
    });
    expect([box.screen(), frames.length]).toEqual(["home", before]);
  });

  it("for a port is kept when the platform is reached with it, and polls go on", async () => {
    const box = await startedBox();
    const ordered = begin(box, [goodLan]);
    await box.advance(10);
    // What polls say meanwhile is of the network before, or of that after, and does not count.
    expect([ordered.isDone(), box.facts().phase]).toEqual([false, "contacting"]);
    expect(await ordered.report()).toMatchObject({ outcome: "kept" });
    await box.until("home");
    expect(box.facts()).toMatchObject({ phase: "ready", network: { lan: { ipv4: ["10.77.0.30/24"] } } });
    expect(box.glass()[1]).toMatch(/10\.77\.0\.30/);
    const polls = box.platform.polls.length;
    await box.until(({ platform }) => platform.polls.length > polls, roundMs);
  });

  it("for a port is reverted when the platform is lost with it, and the box is where it was", async () => {
    const box = await startedBox();
    const { lan } = box.facts().network;
    const report = await order(box, [vlanItem(30), strayLan]);
    expect(report.outcome).toBe("reverted");
    expect(report.reason).toMatch(/: ./);
    expect(results(report)).toEqual(["vlan-30 false", "lan-ipv4 false"]);
    await box.until("home");
    expect(box.facts()).toMatchObject({ settings: factorySettings(), phase: "ready", lastOrder: report });
    expect(box.facts().network.lan.ipv4).toEqual(lan.ipv4);
    // Nobody at the panel has to know of it.
    expect(box.facts().notice).toBeNull();
  });

  it("is reverted when a route covers the platform's own address", async () => {
    const platform = createScriptedPlatform();
    // What the kernel would do with our packets.
    const tamper = (backend: NetworkBackend): NetworkBackend => ({
      ...backend,
      perform: async (operation, signal) => {
        const done = await backend.perform(operation, signal);
        if ("routes" in operation) {
          const isCovered = operation.routes.some(({ destination }) => isInNetwork("203.0.113.10", destination));
          platform.fault = isCovered ? unreachable : null;
        }
        return done;
      },
    });
    const box = await startedBox({ platform, tamper });
    const report = await order(box, [routeItem(1, { destination: "203.0.113.0/24" }), routeItem(2)]);
    expect(report.outcome).toBe("reverted");
    expect([box.kernel.current().lan.routes, platform.fault]).toEqual([[], null]);
    expect(await order(box, [routeItem(2)])).toMatchObject({ outcome: "kept" });
    expect(box.kernel.current().lan.routes).toEqual([{ destination: "172.16.2.0/24", gateway: "10.77.0.1" }]);
  });

  it("is kept through a moment in which the platform does not answer", async () => {
    const box = await startedBox();
    const good = spoils((reply) => reply);
    let asked = 0;
    box.platform.fault = (poll) => {
      asked++;
      // Good before the order, and at the third attempt after it.
      return asked === 2 || asked === 3 ? unreachable(poll) : good(poll);
    };
    expect(await order(box, [vlanItem(30)])).toMatchObject({ outcome: "kept" });
    expect(asked).toBe(4);
  });

  it("must reach a platform that answered the last poll, though the first look of all fails", async () => {
    const box = await startedBox();
    let asked = 0;
    const good = spoils((reply) => reply);
    // Once before the order; with it the platform does not answer to this address.
    box.platform.fault = (poll) => (++asked === 1 ? unreachable(poll) : good(poll));
    expect(await order(box, [strayLan])).toMatchObject({ outcome: "reverted" });
    expect(box.facts().settings).toEqual(factorySettings());
  });

  it("need not reach a platform that was not reached before", async () => {
    const box = await startedBox();
    box.platform.fault = unreachable;
    await box.until(({ facts }) => facts().phase === "communication-failure", roundMs);
    expect(await order(box, [vlanItem(30), goodLan])).toMatchObject({ outcome: "kept" });
    expect(box.facts().settings.lan.ipv4.method).toBe("static");
  });

  it("must not lose what was reached of the way to a platform that does not answer", async () => {
    const box = await startedBox();
    box.platform.fault = unreachable;
    // The name servers answered before, and are out of reach with this address.
    expect(await order(box, [strayLan])).toMatchObject({ outcome: "reverted" });
    expect(box.facts().settings).toEqual(factorySettings());
  });

  it("that cannot be read is refused, and remembered as the last one", async () => {
    const box = await startedBox();
    const report = await box.appliance.order({ schema: 2 });
    expect(report).toEqual({
      revision: null,
      outcome: "refused",
      reason: "schema: 2 is of a newer version, this program understands 1; bring it up to date",
      results: [],
    });
    expect(box.facts().lastOrder).toEqual(report);
  });

  it("is told to wait while the controller starts", async () => {
    const box = await startBox();
    expect(await box.appliance.order(someOrder([]))).toMatchObject({
      outcome: "busy",
      reason: "the controller is starting",
    });
    expect(box.appliance.cancelOrder()).toBe(false);
  });
});

describe("an order and other things that take their time", () => {
  it("is busy while a change at the panel is under way", async () => {
    const box = await startedBox();
    await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    await box.until("progress/renew-dhcp-lan");
    const report = await order(box, [vlanItem(30)]);
    expect(report).toMatchObject({ outcome: "busy", reason: "a lease renewal is under way" });
    await box.until("home");
    expect(await order(box, [vlanItem(30)])).toMatchObject({ outcome: "kept" });
  });

  it("keeps the panel waiting, which is told so", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    const ordered = begin(box, [vlanItem(30)]);
    await box.advance(65_000);
    await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    await box.until(({ facts }) => facts().notice !== null);
    expect(box.facts().notice).toBe("NOT DONE: an order of the platform is under way");
    box.platform.fault = null;
    expect(await ordered.report()).toMatchObject({ outcome: "kept" });
  });

  it("does not have polls count under the renewal that it came in", async () => {
    const box = await startedBox();
    await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    await box.until("progress/renew-dhcp-lan");
    expect(await order(box, [goodLan])).toMatchObject({ outcome: "busy" });
    expect([box.facts().phase, box.screen()]).toEqual(["contacting", "progress/renew-dhcp-lan"]);
    await box.until("home");
  });

  it("stops no scan where it leaves the ports as they are", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 5000, cancelSeconds: 5 } }];
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.platform.jobs = [];
    const same = { id: "lan-link", kind: "lan-link", value: { mode: "auto" } };
    expect(await order(box, [vlanItem(30), same])).toMatchObject({ outcome: "kept" });
    expect(box.facts().jobs.map(({ id, state }) => `${id} ${state}`)).toEqual(["scan-1 running"]);
  });

  it("is busy while another one is carried out, which is not disturbed", async () => {
    const box = await startedBox();
    const first = begin(box, [vlanItem(30)], 8);
    const report = await box.appliance.order(someOrder([vlanItem(31)], { revision: 9 }));
    expect(report).toMatchObject({ revision: 9, outcome: "busy", reason: "an order is being carried out" });
    expect(await first.report()).toMatchObject({ revision: 8, outcome: "kept" });
    expect(box.facts().lastOrder?.revision).toBe(8);
  });

  it("stops a scan before a port changes, and leaves it alone otherwise", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 5000, cancelSeconds: 5 } }];
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.platform.jobs = [];
    const state = () => box.facts().jobs.map(({ id, state }) => `${id} ${state}`);
    // Neither for its own networks, nor for an order that comes to nothing.
    expect(await order(box, [vlanItem(30)])).toMatchObject({ outcome: "kept" });
    expect(await order(box, [goodLan, vlanItem(4095)])).toMatchObject({ outcome: "refused" });
    expect([state(), box.screen()]).toEqual([["scan-1 running"], "home"]);
    expect(await order(box, [goodLan])).toMatchObject({ outcome: "kept" });
    expect(state()).toEqual(["scan-1 canceled"]);
  });

  it.each<[string, (box: Bench) => Promise<void>]>([
    ["while it is found out what is reached before", async () => {}],
    ["while it is found out what is reached with it", async (box) => box.advance(65_000)],
  ])("is taken back %s", async (_, wait) => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    const ordered = begin(box, [vlanItem(30), goodLan]);
    await box.advance(1000);
    await wait(box);
    expect([ordered.isDone(), box.appliance.cancelOrder()]).toEqual([false, true]);
    const report = await ordered.report();
    expect(report).toMatchObject({ revision: 7, outcome: "canceled", reason: "it was canceled" });
    expect(box.facts()).toMatchObject({ settings: factorySettings(), lastOrder: report });
    expect(box.appliance.cancelOrder()).toBe(false);
    box.platform.fault = null;
    await box.until("home");
    expect(await order(box, [vlanItem(30)])).toMatchObject({ outcome: "kept" });
  });

  it("goes down with the box, which comes up with the settings before", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    const ordered = begin(box, [vlanItem(30), goodLan]);
    await box.advance(70_000);
    expect(box.kernel.current().lan.method).toBe("static");
    const asked = box.appliance.order.bind(box.appliance);
    await box.stop();
    expect(ordered.isDone()).toBe(true);
    expect(await asked(someOrder([]))).toMatchObject({ outcome: "busy", reason: "the system is going down" });
    const next = await startedBox({ files: box.files.afterPowerCut() });
    expect(next.facts().settings).toEqual(factorySettings());
  });

  it("is not begun once the box is going down, and nothing of it brings the box back", async () => {
    const box = await startedBox();
    const early = begin(box, [goodLan]);
    await box.pressPowerButton();
    expect(await early.report()).toMatchObject({ outcome: "busy", reason: "the system is going down" });
    expect(await order(box, [vlanItem(30)])).toMatchObject({ outcome: "busy", reason: "the system is going down" });
    // What the platform says from now on is not heard.
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 60 } }];
    const polls = box.platform.polls.length;
    await box.until(({ platform }) => platform.polls.length > polls, roundMs);
    expect([box.facts().phase, box.facts().jobs]).toEqual(["shutting-down", []]);
    expect(box.facts().settings).toEqual(factorySettings());
  });
});

it("WAN comes by an order and goes by one", async () => {
  const box = await startedBox();
  const on = [item("wan", "wan-ipv4", { method: "dhcp" }), routeItem(1, { gateway: "10.78.0.1", via: "wan" })];
  const report = await order(box, on);
  expect([report.outcome, report.reason]).toEqual(["kept", null]);
  expect(box.facts().network.wan?.lease).not.toBeNull();
  expect(await order(box, [item("wan", "wan-ipv4", { method: "off" })])).toMatchObject({ outcome: "kept" });
  expect(box.facts().network.wan).toBeNull();
});
