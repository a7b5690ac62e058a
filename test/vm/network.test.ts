import { describe, expect, it } from "vitest";
import type { OrderReportDocument, SettingsDocument } from "../../src/control/schema.ts";
import type { OrderItem } from "../../src/model/order.ts";
import { until } from "../lab/until.ts";
import { someOrder, vlanItem } from "../support/some-orders.ts";
import { enterStatic, patienceMs, toSetup } from "./appliance.ts";
import { addressOf, bareBatches, everyRoute, everyVlan, orderMs, tags, timed } from "./every-vlan.ts";
import { failedUnits, kernelAddresses, statusOf, useGuestBox } from "./guest-box.ts";
import { namespaceState } from "./namespace-state.ts";
import { guestLacks } from "./needs.ts";
import { scanPorts } from "./port-scan.ts";

const lacks = guestLacks();

/** Between two questions to NetworkManager: to ask without a break would be work for the machine. */
const pauseMs = 2000;

/** The networks of one appliance: each step goes on where the one before it has ended. */
describe.skipIf(lacks !== null)(
  lacks === null ? "networks of a guest" : `networks of a guest (${lacks})`,
  { timeout: 2 * orderMs },
  () => {
    const box = useGuestBox(({ platform }) => platform.control.activateOnSight({ name: "guest", indicator: "P" }));

    const state = () => namespaceState(box().guest);
    const order = async (items: readonly OrderItem[], revision: number): Promise<OrderReportDocument> => {
      const document = JSON.stringify(someOrder(items, { revision }));
      const argv = ["bezel", "order", "--json", "-"] as const;
      const { stdout, stderr } = await box().guest.run(argv, { stdin: document, timeoutMs: orderMs });
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout);
    };
    const kept = (revision: number) => ({ revision, outcome: "kept", reason: null });
    const settings = async (): Promise<SettingsDocument> =>
      JSON.parse(
        await box().guest.read(
          "curl",
          "-sS",
          "--unix-socket",
          "/run/bezel/control.sock",
          "http://localhost/v1/settings",
        ),
      );
    /** The order leaves all as it is. */
    const expectRefused = async (items: readonly OrderItem[], reason: string) => {
      const before = { state: await state(), settings: await settings() };
      expect(await order(items, 99)).toMatchObject({ outcome: "refused", reason });
      expect({ state: await state(), settings: { ...(await settings()), last: before.settings.last } }).toEqual(before);
    };
    const untilSettled = () =>
      until(
        "the networks of the scans to be settled",
        async () => (await statusOf(box().guest))?.scanNetworks.state === "settled",
        orderMs,
      );
    const vlan20 = () => kernelAddresses(box().guest, "lan0.20");
    const setVlan = async (items: readonly string[], tag: string) => {
      await toSetup(box().hand, items);
      await box().hand.sees("VLAN 0-4094");
      await box().terminal.send(`${tag}\r`);
    };

    it("is at home on LAN, with nothing failed", async () => {
      await box().openConsole();
      await box().hand.sees(/^guest 10\.77\.0\.1[0-5]\d P$/, patienceMs);
      expect(await failedUnits(box().guest)).toBe("");
    });

    it("has nothing open and nothing closed for a scan of all its ports, on LAN and in a VLAN of its scans", async () => {
      const { guest } = box();
      expect(await order([vlanItem(30)], 1)).toMatchObject(kept(1));
      const far = (...argv: string[]) => guest.read("ip", "-netns", "far", ...argv);
      await far("link", "add", "link", "far0", "name", "far0.30", "type", "vlan", "id", "30");
      await far("address", "add", "10.100.30.1/24", "dev", "far0.30");
      await far("link", "set", "far0.30", "up");
      const [address = ""] = await kernelAddresses(guest);
      const ours = [address.replace(/\/.*/, ""), "10.100.30.20"];
      const router = "10.77.0.1";

      // A neighbour that has the MAC address, and still hears nothing.
      for (const one of ours)
        await guest.run(["ip", "netns", "exec", "far", "curl", "-sS", "-m", "2", `http://${one}/`]);
      for (const one of ours) expect(await far("neighbour", "show", one)).toContain("lladdr 52:54:00:77:00:01");
      const tcp = await scanPorts(guest, "tcp", [...ours, router]);
      const udp = await scanPorts(guest, "udp", [...ours, router]);
      for (const one of ours) {
        expect(tcp.get(one)?.states).toEqual({ filtered: 65_535 });
        expect(udp.get(one)?.states).toEqual({ "open|filtered": 16 });
      }
      for (const found of [tcp, udp]) {
        expect(found.get(router)?.open).toContain(53);
        expect(found.get(router)?.states.closed).toBeGreaterThan(0);
      }
    });

    it("has its default network in VLAN 20, by the keys, with a lease from there", async () => {
      const { guest, hand } = box();
      await setVlan(["DHCP ON LAN", "ENABLE VLAN ON LAN"], "0020");
      await hand.sees(/^guest 10\.79\.0\.1[0-5]\d P$/, patienceMs);
      const [link] = JSON.parse(await guest.read("ip", "-json", "-details", "link", "show", "lan0.20"));
      expect(link).toMatchObject({ link: "lan0", linkinfo: { info_kind: "vlan", info_data: { id: 20 } } });
      expect(await vlan20()).toEqual([expect.stringMatching(/^10\.79\.0\.1[0-5]\d\/24$/)]);
      expect(await kernelAddresses(guest)).toEqual([]);
      expect(await guest.read("ip", "route", "show", "default")).toMatch(/^default via 10\.79\.0\.1 dev lan0\.20 /);
    });

    it("refuses an order of a scan's VLAN with the panel's tag, by its name", async () => {
      await expectRefused([vlanItem(30), vlanItem(20)], "vlan-20: VLAN 20 is set at the panel");
    });

    it("has WAN beside the tagged network, and keeps to WAN", async () => {
      const { guest, hand, surroundings } = box();
      // With a tag the item before ENABLE WAN INTERFACE is of the tagged network.
      await toSetup(hand, ["DHCP ON LAN", "CHANGE VLAN ON LAN", "STATIC IP ON LAN", "ENABLE WAN INTERFACE"]);
      await hand.sees("ENABLE DHCP ON WAN");
      await hand.press("ENTER");
      await hand.sees("REALLY ENABLE DHCP ON WAN?");
      await hand.press("ENTER");
      const polled = () => surroundings.platform.control.appliances()[0]?.lastPoll?.request.network.wan?.ipv4 ?? [];
      await until("a poll that tells of WAN", async () => polled().length > 0, patienceMs);
      await hand.sees(/^guest 10\.79\.0\.1[0-5]\d P$/, patienceMs);
      expect(await guest.read("ip", "route", "show", "default")).toMatch(/^default via 10\.79\.0\.1 dev lan0\.20 /);
      expect(await guest.read("ip", "route", "show", "table", "100", "default")).toMatch(
        /^default via 10\.78\.0\.1 dev wan0 /,
      );
      const uid = (await guest.read("id", "-u", "bezel")).trim();
      expect(await guest.read("ip", "rule")).toContain(`uidrange ${uid}-${uid} lookup 100`);
      const out = await guest.read("nft", "list", "set", "inet", "bezel", "management_ports");
      expect(out).toContain('"wan0"');
      expect(out).not.toContain("lan0");

      await toSetup(hand, ["DHCP ON LAN", "CHANGE VLAN ON LAN", "STATIC IP ON LAN", "CHANGE WAN INTERFACE"]);
      await hand.sees("RENEW DHCP ON WAN");
      await hand.press("DOWN");
      await hand.sees("STATIC IP ON WAN");
      await hand.press("DOWN");
      await hand.sees("DISABLE WAN");
      await hand.press("ENTER");
      await hand.sees("REALLY DISABLE WAN?");
      await hand.press("ENTER");
      await until("LAN alone", async () => (await statusOf(guest))?.wan === null, patienceMs);
      await hand.sees(/^guest 10\.79\.0\.1[0-5]\d P$/, patienceMs);
      expect(await guest.read("ip", "rule")).not.toContain("uidrange");
      expect(await vlan20()).toEqual([expect.stringMatching(/^10\.79\.0\.1[0-5]\d\/24$/)]);
    });

    it("takes a static address in VLAN 20, and the VLAN away again", async () => {
      const { guest, hand } = box();
      await enterStatic(hand, "ENABLE", "10.79.0.20");
      await hand.sees("guest 10.79.0.20 P", patienceMs);
      expect(await vlan20()).toEqual(["10.79.0.20/24"]);
      // No DHCP client listens now.
      expect((await scanPorts(guest, "dhcp", ["10.79.0.20"])).get("10.79.0.20")?.states).toEqual({
        "open|filtered": 1,
      });
      await setVlan(["CHANGE VLAN ON LAN"], "0000");
      // The address stays, and has no router any more.
      await until(
        "the address untagged",
        async () => (await kernelAddresses(guest)).includes("10.79.0.20/24"),
        patienceMs,
      );
      expect(await guest.read("ip", "-brief", "link")).not.toContain("lan0.20");
      await hand.sees("DNS server not reachable", patienceMs);
      await toSetup(hand, ["ENABLE DHCP ON LAN"]);
      await hand.sees("REALLY ENABLE DHCP ON LAN?");
      await hand.press("ENTER");
      await hand.sees(/^guest 10\.77\.0\.1[0-5]\d P$/, patienceMs);
    });

    it("brings about 4094 VLANs and 99 routes by one order, and NetworkManager answers all the while", async () => {
      const { guest } = box();
      expect(await order([], 2)).toMatchObject(kept(2));
      const bareMs = await bareBatches(guest);
      let answers = 0;
      let slowestMs = 0;
      let isOver = false;
      const asking = (async () => {
        while (!isOver) {
          const [code, ms] = await timed(async () => (await guest.run(["nmcli", "general"])).code);
          expect(code).toBe(0);
          answers += 1;
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
          slowestMs = Math.max(slowestMs, ms);
        }
      })();
      const [report, ms] = await timed(() => order([...everyVlan, ...everyRoute], 3)).finally(() => {
        isOver = true;
      });
      await asking;
      expect(report).toMatchObject(kept(3));
      expect(report.results.filter(({ ok }) => !ok)).toEqual([]);
      expect(report.results).toHaveLength(4094 + 99);
      expect(answers).toBeGreaterThan(1);
      const { links, routes: there } = await state();
      const addresses = Object.entries(links).map(([name, link]) => `${name} ${link.replace(/^\d+ /, "")}`);
      expect(addresses.sort()).toEqual(tags.map((tag) => `lan0.${tag} ${addressOf(tag)}`).sort());
      expect(there).toHaveLength(99);
      const seconds = (part: number) => `${(part / 1000).toFixed(1)} s`;
      process.stderr.write(
        `guest: 4094 VLANs and 99 routes by an order in ${seconds(ms)}, by bare ip -batch in ${seconds(bareMs)}; ` +
          `nmcli general meanwhile ${answers} times, the slowest in ${seconds(slowestMs)}\n`,
      );
    });

    it("refuses whole what is wrong in one place, and changes nothing for it", async () => {
      const all = [...everyVlan, ...everyRoute];
      await expectRefused([...all, vlanItem(4095)], "vlan-4095: more than 4094 VLANs");
      await expectRefused([vlanItem(30), vlanItem(4095)], "vlan-4095: VLAN 4095: a tag is 1 to 4094");
      await expectRefused([...everyVlan, { ...vlanItem(1), id: "extra" }], "extra: more than 4094 VLANs");
    });

    it("changes one of them, and leaves the others as they were", async () => {
      const before = await state();
      const change = vlanItem(2000, { address: "10.107.208.99" });
      const changed = everyVlan.map((vlan) => (vlan.id === change.id ? change : vlan));
      expect(await order([...changed, ...everyRoute], 4)).toMatchObject(kept(4));
      const name = "lan0.2000";
      const link = before.links[name]?.replace("10.107.208.20/", "10.107.208.99/");
      expect(await state()).toEqual({ ...before, links: { ...before.links, [name]: link } });
    });

    it("drops none when the controller is started anew", async () => {
      const before = await state();
      await box().guest.read("systemctl", "restart", "bezel.service", "bezel-net.socket", "bezel-scan.socket");
      await untilSettled();
      expect(await state()).toEqual(before);
      expect(await settings()).toMatchObject({ revision: 4, vlans: 4094, routes: 99, state: "settled" });
    });

    it("has all of them after the port was down, and by itself what went meanwhile", async () => {
      const { guest } = box();
      const before = await state();
      await guest.read("ip", "link", "set", "lan0", "down");
      await guest.read("ip", "-netns", "scan", "route", "delete", "172.16.5.0/24");
      await guest.read("ip", "link", "set", "lan0", "up");
      await until("all routes", async () => (await state()).routes.length === 99, orderMs);
      await untilSettled();
      expect(await state()).toEqual(before);
      expect(await failedUnits(guest)).toBe("");
    });
  },
);
