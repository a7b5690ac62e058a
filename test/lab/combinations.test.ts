import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Box } from "./box.ts";
import { type ForwardProxy, openForwardProxy } from "./forward-proxy.ts";
import { gatewayAddress, platformAddress, platformHost } from "./gateway.ts";
import { type InForce, inForce, split, standard } from "./in-force.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { disableProxy, doneAtHome, enableDhcp, enableProxy, enableStatic, testNetwork } from "./procedures.ts";
import { leased, openActivatedBox } from "./steps.ts";
import { watchWires } from "./wires.ts";

const leasedByWan = expect.stringMatching(/^10\.78\.0\.[5-9]\d\/24$/);
const fixed = { lan: "10.77.0.20", wan: "10.78.0.20" };

type Step = (box: Box, proxy: ForwardProxy) => Promise<void>;
const proxyOn: Step = (box, { port }) => enableProxy(box, gatewayAddress, port);
const proxyOff: Step = (box) => disableProxy(box);
const lanDhcp: Step = (box) => enableDhcp(box, "lan");
const lanStatic: Step = (box) => enableStatic(box, "lan", fixed.lan);
const wanDhcp: Step = (box) => enableDhcp(box, "wan");
const wanStatic: Step = (box) => enableStatic(box, "wan", fixed.wan);

/** The guide's chart, each by one procedure from the one before it. */
const chart: readonly (readonly [
  management: "LAN" | "WAN by DHCP" | "static WAN",
  lan: "DHCP" | "static",
  proxy: "no proxy" | "a proxy",
  step: Step | null,
])[] = [
  ["LAN", "DHCP", "no proxy", null],
  ["LAN", "DHCP", "a proxy", proxyOn],
  ["LAN", "static", "a proxy", lanStatic],
  ["LAN", "static", "no proxy", proxyOff],
  ["WAN by DHCP", "static", "no proxy", wanDhcp],
  ["WAN by DHCP", "static", "a proxy", proxyOn],
  ["WAN by DHCP", "DHCP", "a proxy", lanDhcp],
  ["WAN by DHCP", "DHCP", "no proxy", proxyOff],
  ["static WAN", "DHCP", "no proxy", wanStatic],
  ["static WAN", "DHCP", "a proxy", proxyOn],
  ["static WAN", "static", "a proxy", lanStatic],
  ["static WAN", "static", "no proxy", proxyOff],
];

describe.skipIf(lockDownLacks() !== null)(inLab("the chart of configurations", lockDownLacks()), () => {
  let lab: Lab;
  let box: Box;
  let proxy: ForwardProxy;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({ user: true }, async (opened) => {
      proxy = await openForwardProxy(opened);
    }));
  }, 120_000);
  afterAll(() => lab?.close());

  it.each(chart)(
    "management by %s, LAN %s, %s",
    async (management, lanMethod, viaProxy, step) => {
      if (step !== null) await doneAtHome(box, step(box, proxy));
      const lan = [lanMethod === "DHCP" ? leased : `${fixed.lan}/24`];
      const wan = [management === "static WAN" ? `${fixed.wan}/24` : leasedByWan];
      const wanted: InForce = management === "LAN" ? { ...standard, lan } : { ...split, lan, wan };
      // NetworkManager writes resolv.conf when the kernel has the address already.
      await expect.poll(() => inForce(lab)).toEqual(wanted);

      const wires = await watchWires(lab);
      const asked = (await proxy.asked()).length;
      await testNetwork(box);
      const sent = await wires.stop();
      const dns = management === "LAN" ? "10.77.0.1" : "10.78.0.1";
      const contact =
        viaProxy === "a proxy"
          ? [`tcp ${gatewayAddress}:${proxy.port}`]
          : [`tcp ${platformAddress}:443`, `udp ${dns}:53`];
      expect(sent).toEqual(management === "LAN" ? { lan: contact, wan: [] } : { lan: [], wan: contact });

      const known = lab.gateway.platform.appliances()[0]?.lastPoll?.request.network;
      expect(known?.lan.ipv4).toEqual(lan);
      expect(known?.wan?.ipv4 ?? null).toEqual(management === "LAN" ? null : wan);
      const [own] = management === "LAN" ? (known?.lan.ipv4 ?? []) : (known?.wan?.ipv4 ?? []);
      const through = (await proxy.asked()).slice(asked);
      expect(through).toEqual(viaProxy === "a proxy" ? [`${own?.split("/")[0]} 200 ${platformHost}:443`] : []);

      const { lines } = await box.untilScreen("home");
      const shown = known?.lan.ipv4[0]?.split("/")[0] ?? "";
      expect(lines).toEqual(["lab_box        ↵", `${shown.padEnd(15)}P`]);
    },
    120_000,
  );
});
