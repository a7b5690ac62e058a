import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { findHolder } from "../../src/helper/arping.ts";
import type { NetworkState } from "../../src/model/network-state.ts";
import { failed, ok } from "../../src/model/result.ts";
import type { Operation } from "../../src/network/backend.ts";
import { createNetworkManagerBackend } from "../../src/network/networkmanager/backend.ts";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import {
  describeNetworkBackend,
  type NetworkRig,
  orderAddress,
  orderDhcp,
  orderStatic,
  orderStatic6,
} from "../contract/network-backend.ts";
import { createSomeLog } from "../support/some-log.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { until } from "./until.ts";

const interfaces = { lan: "lan0", wan: "wan0" };
const never = new AbortController().signal;
const done = { ok: true, value: null };
const limitMs = 120_000;
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

/** The back end of this process on the lab's machine. Closing it leaves the lab as it was. */
async function openRig(lab: Lab, { helper = true } = {}): Promise<NetworkRig & { readonly lines: string[] }> {
  const { processes, gateway } = lab;
  const { log, lines } = createSomeLog();
  const life = new AbortController();
  const clock = createSystemClock();
  const files = createFiles();
  const ethernet = createEthernetPorts({ files, processes, clock, sysClassNet: lab.path("/sys/class/net") });
  const backend = createNetworkManagerBackend({
    processes,
    followers: processes,
    ethernet,
    privileged: {
      setLink: async () => ok(null),
      findHolder: async ({ port, address }, abort) =>
        helper
          ? findHolder(processes, interfaces[port], address, abort)
          : failed({ kind: "unavailable", detail: "the helper is not there" }),
    },
    clock,
    log,
    interfaces,
    signal: life.signal,
  });
  const held = new Set<string>();
  const hold = async (address: string, isHeld: boolean) => {
    if (isHeld) held.add(address);
    else held.delete(address);
    await gateway.holdAddress(address, isHeld);
  };
  let cut = false;
  let silent = false;
  return {
    lines,
    backend,
    settle: (work) => work,
    until: async (what, isSo) => {
      await until(what, isSo);
    },
    cable: async (port, plugged) => {
      cut ||= !plugged;
      await gateway.cable(port, plugged);
    },
    serve: async (answers) => {
      silent = !answers;
      await gateway.dhcp({ answers });
    },
    hold,
    close: async () => {
      life.abort();
      await lab.daemons.start();
      for (const uuid of Object.values(profileUuids)) {
        await processes.run(["nmcli", "connection", "delete", "uuid", uuid], { timeoutMs: 30_000 });
      }
      for (const address of [...held]) await hold(address, false);
      if (silent) await gateway.dhcp();
      if (!cut) return;
      await gateway.cable("lan", true);
      const device = ["nmcli", "-g", "GENERAL.STATE", "device", "show", "lan0"] as const;
      await until("lan0 as it was", async () => (await lab.run(device)).startsWith("30 "));
    },
  };
}

describe.skipIf(labLacks() !== null)(inLab("the NetworkManager back end"), () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  }, limitMs);
  afterAll(() => lab?.close());

  describeNetworkBackend("NetworkManager", () => openRig(lab));

  describe("where NetworkManager's word is not enough", () => {
    let rig: Awaited<ReturnType<typeof openRig>>;
    const open = async (options?: { helper: boolean }) => {
      rig = await openRig(lab, options);
      return rig;
    };
    afterEach(() => rig?.close(), limitMs);

    const perform = (operation: Operation) => rig.backend.perform(operation, never);
    const lan = async () => (await rig.backend.observe(never)).lan;
    const carrier = async () => (await lab.run(["cat", "/sys/class/net/lan0/carrier"])).trim();
    const nmcli = async (...args: string[]) => (await lab.run(["nmcli", ...args])).trim();
    const tell = (what: string, test: () => Promise<void>) => it(what, test, limitMs);

    tell("success without a cable: nmcli says so, the kernel has no carrier", async () => {
      const { cable, until } = await open();
      await perform(orderDhcp);
      await cable("lan", false);
      // NetworkManager waits 6 s before it believes that.
      await until("unavailable", async () =>
        (await nmcli("-g", "GENERAL.STATE", "device", "show", "lan0")).startsWith("20 "),
      );
      expect(await perform(orderStatic)).toEqual(done);
      expect(rig.lines).toEqual([]);
      expect(await carrier()).toBe("0");
      expect(await lan()).toMatchObject({ carrier: false, speedMbps: null, configured: true });
    });

    tell(
      "a duplicate address: the other machine is named, the kernel has no address, and nobody tries in a loop",
      async () => {
        const { hold, backend, until } = await open();
        await hold("10.77.0.66", true);
        expect(await perform(orderAddress("10.77.0.66"))).toEqual(done);
        const [other] = JSON.parse(await lab.gateway.run(["ip", "-json", "link", "show", "dev", "langw"])) as {
          address: string;
        }[];
        expect(await lan()).toMatchObject({ ipv4: [], duplicate: other?.address });
        expect(await lab.kernel.addresses("lan0")).toEqual([]);
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
      await lab.gateway.run(["ip", "address", "add", ...other, "nodad"]);
      try {
        expect(await perform(orderStatic6)).toEqual(done);
        expect(await lan()).toMatchObject({ ipv6: [], duplicate: "unknown" });
      } finally {
        await lab.gateway.run(["ip", "address", "delete", ...other]);
      }
      expect(await perform(orderStatic6)).toEqual(done);
      expect(await lan()).toMatchObject({ ipv6: ["2001:db8:77::20/64"], duplicate: null });
    });

    tell("a new profile asks for one lease, and is activated by NetworkManager alone from then on", async () => {
      const { cable, until } = await open();
      // A server and a machine that know nothing of earlier leases.
      await rm(`${lab.folder}/leases`);
      await lab.run(["find", "/var/lib/NetworkManager", "-name", "*.lease", "-delete"]);
      await lab.gateway.dhcp();
      expect(await perform(orderDhcp)).toEqual(done);
      expect(lab.gateway.discovers()).toBe(1);
      await cable("lan", false);
      await until("no address", async () => (await lab.kernel.addresses("lan0")).length === 0);
      await cable("lan", true);
      await until("an address", async () => (await lab.kernel.addresses("lan0")).length === 1);
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
        await lab.run(harm);
        await until(harm.join(" "), async () => !(await lan()).configured);
        // NetworkManager will not mend it.
        await delay(2000);
        expect(await lan()).toMatchObject({ configured: false, carrier: true, ipv4: [] });
        expect(await perform(orderDhcp)).toEqual(done);
        expect(await lan()).toMatchObject({ configured: true, ipv4: await lab.kernel.addresses("lan0") });
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
      await lab.gateway.run(["ip", "address", "add", ...router, "nodad"]);
      const advertiser = await lab.start(["ip", "netns", "exec", "gw", ...advertise]);
      try {
        const ipv6 = { method: "auto", dns: ["2001:db8:77::5"] } as const;
        expect(await perform({ ...orderDhcp, mode: "ipv6-only", ipv6 })).toEqual(done);
        const [route] = JSON.parse(await lab.run(["ip", "-json", "-6", "route", "show", "default"])) as {
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
        await lab.gateway.run(["ip", "address", "delete", ...router]);
      }
    });

    tell("WAN's gateway: nmcli knows none for a table of its own, the kernel does", async () => {
      await open();
      await perform({ ...orderDhcp, port: "wan" });
      expect(await nmcli("-g", "IP4.GATEWAY", "device", "show", "wan0")).toBe("");
      expect(await lab.kernel.gateways("wan0")).toEqual(["10.78.0.1"]);
      expect((await rig.backend.observe(never)).wan?.gateway).toBe("10.78.0.1");
      expect(await lab.run(["ip", "route", "show", "dev", "wan0"])).toBe("");
    });

    tell("a lease without a router and one without name servers", async () => {
      await open();
      for (const lacking of ["router", "dns"] as const) {
        await lab.gateway.dhcp({ [lacking]: false });
        expect(await perform(orderDhcp)).toEqual(done);
        const { gateway, dns, ipv4 } = await lan();
        expect([ipv4, gateway, dns]).toEqual([
          await lab.kernel.addresses("lan0"),
          lacking === "router" ? null : "10.77.0.1",
          lacking === "dns" ? [] : ["10.77.0.1"],
        ]);
      }
      await lab.gateway.dhcp();
    });

    tell("profiles are in memory only, survive NetworkManager and are used by it alone", async () => {
      const { until } = await open();
      await perform(orderStatic);
      expect(await lab.run(["find", "/etc/NetworkManager/system-connections", "-type", "f"]).catch(() => "")).toBe("");
      for (const disturb of [lab.daemons.restartNetworkManager, lab.daemons.killNetworkManager]) {
        await disturb();
        expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.20/24"]);
        await lab.daemons.start();
        await until("NetworkManager as before", async () => {
          const { ipv4, gateway, dns, configured } = await lan();
          return configured && ipv4.length === 1 && gateway === "10.77.0.1" && dns.length === 2;
        });
      }
    });

    tell("NetworkManager and its bus dead: the kernel goes on, orders are refused", async () => {
      await open();
      await perform(orderDhcp);
      const before = await lan();
      await lab.daemons.killBus();
      expect(await lan()).toEqual(before);
      expect(await perform(orderStatic)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
      await lab.daemons.start();
      expect(await perform(orderStatic)).toEqual(done);
      expect(await lab.kernel.addresses("lan0")).toEqual(["10.77.0.20/24"]);
    });

    tell("a back end that began without NetworkManager is told by a bell when it can be read", async () => {
      const { until } = await open();
      await perform(orderStatic);
      await lab.daemons.killBus();
      const fresh = await openRig(lab);
      try {
        await expect(fresh.backend.observe(never)).rejects.toMatchObject({ name: "HalError", kind: "absent" });
        let seen: NetworkState | null = null;
        fresh.backend.watch(() => {
          fresh.backend.observe(never).then(
            (state) => {
              seen = state;
            },
            () => {},
          );
        });
        await lab.daemons.start();
        await until("a reading that a bell asked for", async () => seen !== null);
        expect(seen).toMatchObject({ lan: { method: "static", ipv4: ["10.77.0.20/24"] } });
      } finally {
        await fresh.close();
      }
    });

    const activating = () =>
      until("an activation under way", async () =>
        /^activating$/m.test(await nmcli("-g", "GENERAL.STATE", "connection", "show", "uuid", profileUuids.lan)),
      );

    tell(
      "restarted beside a silent server NetworkManager forgets what came with the lease; the reading does not",
      async () => {
        const { serve } = await open();
        await perform(orderDhcp);
        const before = await lan();
        expect(before).toMatchObject({ dns: ["10.77.0.1"], domain: "lab.example", lease: { server: "10.77.0.1" } });
        await serve(false);
        await lab.daemons.restartNetworkManager();
        await activating();
        expect(await nmcli("-g", "IP4.DNS", "connection", "show", "uuid", profileUuids.lan)).toBe("");
        expect(await lan()).toEqual(before);
        expect(await nmcli("-g", "GENERAL.STATE", "connection", "show", "uuid", profileUuids.lan)).toBe("activating");
      },
    );

    tell("killed in the middle of an order NetworkManager is told as gone, whatever nmcli says", async () => {
      const { serve } = await open();
      await perform(orderStatic);
      await serve(false);
      const gone = { ok: false, error: { kind: "unavailable", detail: expect.stringContaining("lan0: ") } };
      for (const order of [orderDhcp, { kind: "renew", port: "lan" }] as const) {
        const performing = perform(order);
        await activating();
        await lab.daemons.killNetworkManager();
        expect(await performing).toEqual(gone);
        await lab.daemons.start();
      }
      expect(await lan()).toMatchObject({ method: "dhcp", dns: [], configured: true });
    });

    tell("nmcli missing", async () => {
      await open();
      await lab.replaceProgram("/usr/bin/nmcli", "");
      try {
        await expect(lan()).rejects.toThrow('nmcli is missing; install the package "network-manager"');
        expect(await perform(orderDhcp)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
      } finally {
        await lab.replaceProgram("/usr/bin/nmcli", null);
      }
      expect(await perform(orderDhcp)).toEqual(done);
    });

    tell("a port that NetworkManager is set up to leave alone is refused, not waited for", async () => {
      await open();
      const file = lab.path("/etc/NetworkManager/conf.d/leave-lan0.conf");
      await mkdir(dirname(file), { recursive: true });
      await writeFile(
        file,
        "[keyfile]\nunmanaged-devices=interface-name:lan0\n[device-all]\nmatch-device=*\nmanaged=0\n",
      );
      try {
        await lab.daemons.restartNetworkManager();
        const detail = expect.stringContaining("NetworkManager is set up not to manage lan0");
        expect(await perform(orderDhcp)).toEqual({ ok: false, error: { kind: "refused", detail } });
      } finally {
        await rm(file);
        await lab.daemons.restartNetworkManager();
      }
      expect(await perform(orderDhcp)).toEqual(done);
    });

    tell("a port that goes and comes back has its address again", async () => {
      const { until } = await open();
      await perform(orderDhcp);
      await lab.run(["ip", "link", "delete", "lan0"]);
      expect(await lan()).toMatchObject({ present: false, carrier: false, configured: true, ipv4: [] });
      const missing = { kind: "refused", detail: "there is no interface lan0" };
      expect(await perform(orderStatic)).toEqual({ ok: false, error: missing });
      await lab.gateway.plugCable("lan");
      await until("the address", async () => (await lab.kernel.addresses("lan0")).includes("10.77.0.20/24"));
      expect(await lan()).toMatchObject({ present: true, ipv4: ["10.77.0.20/24"], gateway: "10.77.0.1" });
    });

    tell("a kernel that makes no VLAN refuses, whatever the wire would have said", async () => {
      await open();
      const vlan = await lab.processes.run(
        ["ip", "link", "add", "link", "lan0", "name", "lan0.20", "type", "vlan", "id", "20"],
        {
          timeoutMs: 30_000,
        },
      );
      const can = vlan.kind === "exited" && vlan.code === 0;
      if (can) await lab.run(["ip", "link", "delete", "lan0.20"]);
      const performed = await perform({ ...orderStatic, vlan: 20 });
      expect(performed.ok).toBe(can);
      expect((await lan()).vlan).toBe(20);
    });
  });
});
