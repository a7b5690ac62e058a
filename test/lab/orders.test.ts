import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import { type Box, openBox } from "./box.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { activateOnSight, expectLan, isAlive, untilHome } from "./steps.ts";
import { until } from "./until.ts";
import { standInForVlans } from "./vlan-stand-in.ts";

const vlan = (tag: number, address = `10.${100 + (tag >> 8)}.${tag % 256}.2`) => ({
  id: `vlan-${tag}`,
  kind: "vlan",
  value: { tag, address, prefixLength: 24 },
});
const route = (id: string, destination: string, gateway: string, via: string | number) => ({
  id,
  kind: "route",
  value: { destination, gateway, via },
});
const order = (revision: number, items: readonly object[]) => ({ schema: 1, revision, items });
/** Forty VLANs, a route behind one of them and one by LAN. */
const forty = [
  ...Array.from({ length: 40 }, (_, at) => vlan(100 + at)),
  route("behind-100", "10.200.0.0/16", "10.100.100.1", 100),
  route("by-lan", "10.201.0.0/16", "10.77.0.9", "lan"),
];

describe.skipIf(labLacks() !== null)(inLab("what the platform orders"), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    lab = await openLab();
    activateOnSight(lab);
    await standInForVlans(lab);
    box = await openBox(lab, { user: true });
    await box.start();
    await untilHome(box);
  }, 120_000);
  afterAll(() => lab?.close());

  const ip = async <T>(...args: readonly string[]): Promise<readonly T[]> =>
    JSON.parse((await lab.run(["ip", "-json", ...args] as Argv)) || "[]");
  /** Names of the VLANs in the namespace of the scans, with what the kernel calls each. */
  const links = async () => {
    const all = await ip<{ ifname: string; ifindex: number }>("-n", "scan", "link", "show");
    return new Map(all.filter(({ ifname }) => ifname.startsWith("lan0.")).map((link) => [link.ifname, link.ifindex]));
  };
  const scanRoutes = async () =>
    (await ip<{ dst: string; gateway?: string }>("-n", "scan", "route", "show", "proto", "static")).map(
      ({ dst, gateway }) => `${dst} ${gateway}`,
    );
  const lanRoutes = async () =>
    (await ip<{ dst: string; gateway?: string }>("route", "show", "dev", "lan0", "proto", "static"))
      .filter(({ dst }) => dst !== "default")
      .map(({ dst, gateway }) => `${dst} ${gateway}`);
  const lastPoll = () => lab.gateway.platform.appliances()[0]?.lastPoll?.request;

  it("is in force when the answer comes, and reported by item with the next poll", async () => {
    const report = await box.order(order(1, forty));
    expect(report).toMatchObject({ revision: 1, outcome: "kept", reason: null });
    expect(report.results.filter(({ ok }) => !ok)).toEqual([]);
    expect((await links()).size).toBe(40);
    expect(await scanRoutes()).toEqual(["10.200.0.0/16 10.100.100.1"]);
    expect(await lanRoutes()).toEqual(["10.201.0.0/16 10.77.0.9"]);
    await expectLan(lab);
    expect((await box.settings()).scan.vlans).toHaveLength(40);
    expect(await box.status()).toMatchObject({ scanNetworks: { revision: 1, vlans: 40, routes: 2, failed: 0 } });
    // A cable that comes back is worth a poll.
    await until("a poll with the revision", async () => {
      await lab.gateway.cable("lan", false);
      await lab.gateway.cable("lan", true);
      return lastPoll()?.settings.revision === 1;
    });
    expect(lastPoll()?.settings.results).toHaveLength(42);
  }, 120_000);

  it("changes what differs and leaves the others alone", async () => {
    await untilHome(box);
    const before = await links();
    const changed = [vlan(100, "10.100.100.9"), ...forty.slice(2), vlan(300)];
    expect(await box.order(order(2, changed))).toMatchObject({ outcome: "kept" });
    const after = await links();
    expect([...after.keys()].sort()).toEqual([...before.keys(), "lan0.300"].filter((it) => it !== "lan0.101").sort());
    for (const [name, index] of before) if (name !== "lan0.101") expect(after.get(name)).toBe(index);
    expect(await scanRoutes()).toEqual(["10.200.0.0/16 10.100.100.1"]);
    await box.order(order(3, forty));
  }, 120_000);

  it("outlasts the controller, however that ends", async () => {
    const before = await links();
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      await box.stop(signal);
      expect(await links()).toEqual(before);
      await box.start();
      await box.untilStatus(({ scanNetworks }) => scanNetworks.state === "settled");
      expect(await links()).toEqual(before);
      expect(await lanRoutes()).toEqual(["10.201.0.0/16 10.77.0.9"]);
    }
    await untilHome(box);
  }, 120_000);

  it("comes back by itself after somebody took it away, with the next event of the port", async () => {
    await lab.run(["ip", "-n", "scan", "link", "delete", "lan0.120"]);
    await lab.run(["ip", "-n", "scan", "route", "flush", "proto", "static"]);
    await lab.gateway.cable("lan", false);
    await lab.gateway.cable("lan", true);
    await until("all that was there", async () => (await links()).size === 40 && (await scanRoutes()).length === 1);
  }, 120_000);

  it("comes back when the port itself was gone", async () => {
    await lab.run(["ip", "link", "delete", "lan0"]);
    await until("the end of the VLANs", async () => (await links()).size === 0);
    await lab.gateway.plugCable("lan");
    await until("all that was there", async () => (await links()).size === 40 && (await scanRoutes()).length === 1);
    await untilHome(box);
  }, 180_000);

  it("is reverted when the platform cannot be reached any more, and the reason is told", async () => {
    const lost = [...forty, route("over-the-platform", "203.0.113.0/24", "10.77.0.66", "lan")];
    const report = await box.order(order(4, lost));
    expect(report).toMatchObject({ revision: 4, outcome: "reverted" });
    expect(report.reason).toMatch(/Timeout was reached|Error connect to server/);
    expect(report.results.every(({ ok }) => !ok)).toBe(true);
    expect(await lanRoutes()).toEqual(["10.201.0.0/16 10.77.0.9"]);
    expect((await box.settings()).scan.revision).toBe(3);
    await expectLan(lab);
    await untilHome(box);
  }, 300_000);

  it.each<[string, object, RegExp]>([
    ["a newer version", { schema: 2, revision: 5, items: [] }, /schema: 2 is of a newer version/],
    ["VLAN 4095", order(5, [...forty, vlan(4095, "10.7.0.2")]), /vlan-4095: VLAN 4095: a tag is 1 to 4094/],
    [
      "a gateway out of reach",
      order(5, [...forty, route("far", "10.202.0.0/16", "10.99.0.1", "lan")]),
      /far: the gateway 10\.99\.0\.1 cannot be reached/,
    ],
    ["WAN that is off", order(5, [...forty, route("w", "10.202.0.0/16", "10.78.0.1", "wan")]), /w: WAN is not enabled/],
  ])("is refused whole for %s, and nothing is touched", async (_, document, reason) => {
    const [before, settings] = [await links(), await box.settings()];
    const report = await box.order(document);
    expect(report.outcome).toBe("refused");
    expect(report.reason).toMatch(reason);
    expect([await links(), await box.settings()]).toEqual([before, settings]);
  });

  it("moves LAN to another address with the platform in reach, and back from one without", async () => {
    const lan = (address: string, gateway: string) => ({
      id: "lan",
      kind: "lan-ipv4",
      value: { method: "static", address, prefixLength: 24, gateway, dns: ["10.77.0.1"] },
    });
    expect(await box.order(order(6, [...forty, lan("10.77.0.21", "10.77.0.1")]))).toMatchObject({ outcome: "kept" });
    await untilHome(box);
    await expectLan(lab, { address: "10.77.0.21/24" });
    // Nobody is there.
    const dead = await box.order(order(7, [...forty, lan("10.77.0.22", "10.77.0.254")]));
    expect(dead).toMatchObject({ outcome: "reverted" });
    await untilHome(box);
    await expectLan(lab, { address: "10.77.0.21/24" });
  }, 300_000);

  it("is taken back when it is canceled while it waits for the platform", async () => {
    const silent = route("over-the-platform", "203.0.113.0/24", "10.77.0.66", "lan");
    const ordered = box.order(order(8, [...forty, silent]));
    await until("the new route", async () => (await lanRoutes()).length === 2);
    expect(await box.cancelOrder()).toBe(true);
    expect(await ordered).toMatchObject({ outcome: "canceled", reason: "it was canceled" });
    expect(await lanRoutes()).toEqual(["10.201.0.0/16 10.77.0.9"]);
    expect(await box.cancelOrder()).toBe(false);
  }, 180_000);

  it("and the panel wait for each other with a word", async () => {
    const silent = route("over-the-platform", "203.0.113.0/24", "10.77.0.66", "lan");
    const ordered = box.order(order(9, [...forty, silent]));
    await until("the new route", async () => (await lanRoutes()).length === 2);
    expect(await box.order(order(10, []))).toMatchObject({
      outcome: "busy",
      reason: "an order is being carried out",
    });
    await box.cancelOrder();
    await ordered;
    expect(await isAlive(box)).toBe(true);
  }, 180_000);

  it("goes with a reset", async () => {
    await untilHome(box);
    // RESET NETWORK SETTINGS stands behind what the settings make of the menu.
    await box.press("ENTER", "ENTER");
    for (let at = 0; (await box.screen()).screen !== "setup/reset" && at < 12; at++) await box.press("DOWN");
    await box.press("ENTER");
    await box.untilScreen("reset/all");
    await box.press("ENTER");
    await box.untilScreen("confirm/reset-all");
    await box.press("ENTER");
    await until("an empty namespace", async () => (await links()).size === 0);
    await untilHome(box);
    expect((await box.settings()).scan).toEqual({ revision: null, vlans: [], routes: [] });
    expect(await lanRoutes()).toEqual([]);
    await expectLan(lab);
  }, 180_000);
});
