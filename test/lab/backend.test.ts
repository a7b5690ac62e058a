import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import {
  describeNetworkBackend,
  orderAddress,
  orderDhcp,
  orderStatic,
  orderStatic6,
} from "../contract/network-backend.ts";
import { done, openRig, useBackend } from "./backend-rig.ts";
import { inLab, labLacks } from "./needs.ts";

/** Router advertisements on LAN, and nothing else. */
const advertise = [
  "dnsmasq",
  "--keep-in-foreground",
  "--conf-file=/dev/null",
  "--user=root",
  "--port=0",
  "--bind-dynamic",
  "--interface=langw",
  "--pid-file=",
  "--leasefile-ro",
  "--enable-ra",
  "--dhcp-range=2001:db8:77::,ra-only",
  "--dhcp-option=option6:dns-server,[2001:db8:77::53]",
] as const;

describe.skipIf(labLacks() !== null)(inLab("the NetworkManager back end"), () => {
  const { lab, open, perform, observe, lan, nmcli, tell } = useBackend();
  const carrier = async () => (await lab().run(["cat", "/sys/class/net/lan0/carrier"])).trim();

  describeNetworkBackend("NetworkManager", () => openRig(lab()));

  tell("success without a cable: nmcli says so, the kernel has no carrier", async () => {
    const { cable, until, lines } = await open();
    await perform(orderDhcp);
    await cable("lan", false);
    // NetworkManager waits 6 s before it believes that.
    await until("unavailable", async () =>
      (await nmcli("-g", "GENERAL.STATE", "device", "show", "lan0")).startsWith("20 "),
    );
    expect(await perform(orderStatic)).toEqual(done);
    expect(lines).toEqual([]);
    expect(await carrier()).toBe("0");
    expect(await lan()).toMatchObject({ carrier: false, speedMbps: null, configured: true });
  });

  tell(
    "a duplicate address: the other machine is named, the kernel has no address, and nobody tries in a loop",
    async () => {
      const { hold, backend, until } = await open();
      await hold("10.77.0.66", true);
      expect(await perform(orderAddress("10.77.0.66"))).toEqual(done);
      const [other] = JSON.parse(await lab().gateway.run(["ip", "-json", "link", "show", "dev", "langw"])) as {
        address: string;
      }[];
      expect(await lan()).toMatchObject({ ipv4: [], duplicate: other?.address });
      expect(await lab().kernel.addresses("lan0")).toEqual([]);
      // Told to try for ever, NetworkManager would do so some ten times a second.
      let changes = 0;
      backend.watch(() => changes++);
      await until("rest", async () => {
        const before = changes;
        await delay(1000);
        return changes === before;
      });
    },
  );

  tell("a duplicate address that nobody can be asked about is a refusal", async () => {
    const { hold } = await open({ helper: false });
    await hold("10.77.0.66", true);
    const refused = { kind: "refused", detail: expect.stringContaining("IP configuration could not be reserved") };
    expect(await perform(orderAddress("10.77.0.66"))).toEqual({ ok: false, error: refused });
  });

  tell("a duplicate IPv6 address is heard of from the kernel only", async () => {
    const { backend, until } = await open();
    let heard = 0;
    backend.watch(() => heard++);
    await perform(orderStatic);
    await until("a monitor that listens", async () => heard > 0);
    const other = ["2001:db8:77::20/64", "dev", "langw"] as const;
    await lab().gateway.run(["ip", "address", "add", ...other, "nodad"]);
    try {
      expect(await perform(orderStatic6)).toEqual(done);
      expect(await lan()).toMatchObject({ ipv6: [], duplicate: "unknown" });
    } finally {
      await lab().gateway.run(["ip", "address", "delete", ...other]);
    }
    expect(await perform(orderStatic6)).toEqual(done);
    expect(await lan()).toMatchObject({ ipv6: ["2001:db8:77::20/64"], duplicate: null });
  });

  tell("a new profile asks for one lease, and is activated by NetworkManager alone from then on", async () => {
    const { cable, until } = await open();
    // A server and a machine that know nothing of earlier leases.
    await rm(`${lab().folder}/leases`);
    await lab().run(["find", "/var/lib/NetworkManager", "-name", "*.lease", "-delete"]);
    await lab().gateway.dhcp();
    expect(await perform(orderDhcp)).toEqual(done);
    expect(lab().gateway.discovers()).toBe(1);
    await cable("lan", false);
    await until("no address", async () => (await lab().kernel.addresses("lan0")).length === 0);
    await cable("lan", true);
    await until("an address", async () => (await lab().kernel.addresses("lan0")).length === 1);
    expect((await lan()).configured).toBe(true);
  });

  tell("what somebody else took from a port with a lease is seen as lost, and an order brings it back", async () => {
    const { until } = await open();
    expect(await perform(orderDhcp)).toEqual(done);
    const harms = [
      ["nmcli", "device", "disconnect", "lan0"],
      ["nmcli", "connection", "down", "uuid", profileUuids.lan],
      ["ip", "address", "flush", "dev", "lan0"],
    ] as const;
    for (const harm of harms) {
      await lab().run(harm);
      await until(harm.join(" "), async () => !(await lan()).configured);
      // NetworkManager will not mend it.
      await delay(2000);
      expect(await lan()).toMatchObject({ configured: false, carrier: true, ipv4: [] });
      expect(await perform(orderDhcp)).toEqual(done);
      expect(await lan()).toMatchObject({ configured: true, ipv4: await lab().kernel.addresses("lan0") });
    }
  });

  tell("a port that waits for a server or for its cable is not lost", async () => {
    const { serve, cable, until } = await open();
    await serve(false);
    expect(await perform(orderDhcp)).toEqual(done);
    await until("a search for a server", async () => (await lan()).configured);
    await cable("lan", false);
    await until("unavailable", async () =>
      (await nmcli("-g", "GENERAL.STATE", "device", "show", "lan0")).startsWith("20 "),
    );
    expect(await lan()).toMatchObject({ configured: true, carrier: false });
  });

  tell("a router's advertisement: address, gateway and name servers, ours before the router's", async () => {
    await open();
    const router = ["2001:db8:77::1/64", "dev", "langw"] as const;
    await lab().gateway.run(["ip", "address", "add", ...router, "nodad"]);
    const advertiser = await lab().start(["ip", "netns", "exec", "gw", ...advertise]);
    try {
      const ipv6 = { method: "auto", dns: ["2001:db8:77::5"] } as const;
      expect(await perform({ ...orderDhcp, mode: "ipv6-only", ipv6 })).toEqual(done);
      const [route] = JSON.parse(await lab().run(["ip", "-json", "-6", "route", "show", "default"])) as {
        gateway: string;
      }[];
      expect(await lan()).toMatchObject({
        method: "auto6",
        ipv4: [],
        // The modified EUI-64 form of the MAC address has ff:fe in its middle.
        ipv6: [expect.stringMatching(/^2001:db8:77:0:[0-9a-f:]+ff:fe[0-9a-f:]+\/64$/)],
        gateway: route?.gateway,
        dns: ["2001:db8:77::5", "2001:db8:77::53"],
      });
    } finally {
      await advertiser.kill("SIGKILL");
      await lab().gateway.run(["ip", "address", "delete", ...router]);
    }
  });

  tell("WAN's gateway: nmcli knows none for a table of its own, the kernel does", async () => {
    await open();
    await perform({ ...orderDhcp, port: "wan" });
    expect(await nmcli("-g", "IP4.GATEWAY", "device", "show", "wan0")).toBe("");
    expect(await lab().kernel.gateways("wan0")).toEqual(["10.78.0.1"]);
    expect((await observe()).wan?.gateway).toBe("10.78.0.1");
    expect(await lab().run(["ip", "route", "show", "dev", "wan0"])).toBe("");
  });

  tell("a lease without a router and one without name servers", async () => {
    await open();
    for (const lacking of ["router", "dns"] as const) {
      await lab().gateway.dhcp({ [lacking]: false });
      expect(await perform(orderDhcp)).toEqual(done);
      const { gateway, dns, ipv4 } = await lan();
      expect([ipv4, gateway, dns]).toEqual([
        await lab().kernel.addresses("lan0"),
        lacking === "router" ? null : "10.77.0.1",
        lacking === "dns" ? [] : ["10.77.0.1"],
      ]);
    }
    await lab().gateway.dhcp();
  });

  tell("a port that goes and comes back has its address again", async () => {
    const { until } = await open();
    await perform(orderDhcp);
    await lab().run(["ip", "link", "delete", "lan0"]);
    expect(await lan()).toMatchObject({ present: false, carrier: false, configured: true, ipv4: [] });
    const missing = { kind: "refused", detail: "there is no interface lan0" };
    expect(await perform(orderStatic)).toEqual({ ok: false, error: missing });
    await lab().gateway.plugCable("lan");
    await until("the address", async () => (await lab().kernel.addresses("lan0")).includes("10.77.0.20/24"));
    expect(await lan()).toMatchObject({ present: true, ipv4: ["10.77.0.20/24"], gateway: "10.77.0.1" });
  });

  tell("a kernel that makes no VLAN refuses, whatever the wire would have said", async () => {
    await open();
    const vlan = await lab().processes.run(
      ["ip", "link", "add", "link", "lan0", "name", "lan0.20", "type", "vlan", "id", "20"],
      { timeoutMs: 30_000 },
    );
    const can = vlan.kind === "exited" && vlan.code === 0;
    if (can) await lab().run(["ip", "link", "delete", "lan0.20"]);
    const performed = await perform({ ...orderStatic, vlan: 20 });
    expect(performed.ok).toBe(can);
    expect((await lan()).vlan).toBe(20);
  });
});
