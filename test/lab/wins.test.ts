import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { Argv, Processes } from "../../hal/processes.ts";
import { askWins } from "../../src/helper/dhcp-inform.ts";
import { orderDhcp } from "../contract/network-backend.ts";
import { done, never, useBackend } from "./backend-rig.ts";
import { inLab, labLacks } from "./needs.ts";
import { until } from "./until.ts";

const [first, second] = ["10.77.0.8", "10.77.0.9"];

/** The rights of the helper's unit: a user's and two capabilities, and a /run of its own. */
const asHelper = ([...argv]: Argv): Argv => [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'mount -t tmpfs -o mode=1777 tmpfs /run && exec "$@"',
  "sh",
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--no-new-privs",
  "--inh-caps=-all,+net_admin,+net_raw",
  "--ambient-caps=-all,+net_admin,+net_raw",
  "--bounding-set=-all,+net_admin,+net_raw",
  "--",
  ...argv,
];

describe.skipIf(labLacks() !== null)(inLab("WINS servers by DHCP"), () => {
  const { lab, open, perform, observe, lan, nmcli, tell } = useBackend();

  /** All that a second client could disturb: the kernel's side of the lease and the server's. */
  const lease = async () => ({
    addresses: await lab().run(["ip", "-json", "address", "show", "dev", "lan0"]).then(withoutLifetimes),
    routes: await lab().run(["ip", "route", "show", "table", "all"]),
    settings: await lab().run(["sh", "-c", "grep -H . /proc/sys/net/ipv4/conf/lan0/* 2>/dev/null"]),
    leases: await readFile(`${lab().folder}/leases`, "utf8"),
    discovers: lab().gateway.discovers(),
    profile: await nmcli("-g", "DHCP4.OPTION,GENERAL.STATE", "device", "show", "lan0"),
  });
  /** Looks until they are there; the first look asks. */
  const winsAre = async (servers: readonly string[], { until }: Awaited<ReturnType<typeof open>>) => {
    await until(`WINS servers ${servers}`, async () => (await lan()).wins.join() === servers.join());
  };

  tell("are asked for beside NetworkManager, once, and disturb nothing", async () => {
    const rig = await open();
    await lab().gateway.dhcp({ wins: [first, second] });
    expect(await perform(orderDhcp)).toEqual(done);
    // The kernel's own address becomes one by itself, and a route with it (RFC 4862 section 5.4).
    await until("no address under detection", async () => {
      return !(await lab().run(["ip", "address", "show", "dev", "lan0"])).includes("tentative");
    });
    const before = await lease();
    expect(before.profile).toContain("ip_address");
    expect(before.profile, "NetworkManager would have asked").not.toContain("netbios");
    await winsAre([first, second], rig);
    for (let look = 0; look < 5; look++) await observe();
    expect(await lease()).toEqual(before);
    expect(lab().gateway.informs()).toBe(1);
    expect(rig.lines).toEqual([]);
  });

  tell("are others after a renewal, when the server has others", async () => {
    const rig = await open();
    await lab().gateway.dhcp({ wins: [first, second] });
    await perform(orderDhcp);
    await winsAre([first, second], rig);
    await lab().gateway.dhcp({ wins: ["10.77.0.7"] });
    await perform({ kind: "renew", port: "lan" });
    await winsAre(["10.77.0.7"], rig);
    expect(lab().gateway.informs()).toBe(1);
  });

  tell("are none of a server that has none, which is no fault", async () => {
    const rig = await open();
    await lab().gateway.dhcp({ wins: [] });
    await perform(orderDhcp);
    await observe();
    await rig.until("an answer", async () => rig.winsQuestions.ended === 1);
    expect(await lan()).toMatchObject({ wins: [], configured: true, method: "dhcp" });
    expect(lab().gateway.informs()).toBe(1);
    expect(rig.lines).toEqual([]);
  });

  tell("leave the lease as it is when nobody answers and the cable flaps meanwhile", async () => {
    const rig = await open();
    await lab().gateway.dhcp({ wins: [first] });
    await perform(orderDhcp);
    await rig.serve(false);
    const addresses = await lab().kernel.addresses("lan0");
    await observe();
    expect(rig.winsQuestions).toEqual({ begun: 1, ended: 0 });
    await rig.cable("lan", false);
    await rig.cable("lan", true);
    await rig.until("the end of the question", async () => rig.winsQuestions.ended === 1);
    expect(rig.lines).toEqual(["debug: network: the DHCP server does not tell its WINS servers"]);
    expect(await lan()).toMatchObject({ wins: [], ipv4: addresses, configured: true });
    expect(addresses).toHaveLength(1);
  });

  tell("are to be had with the helper's rights alone", async () => {
    await open();
    await lab().gateway.dhcp({ wins: [first, second] });
    await perform(orderDhcp);
    const [address = ""] = await lab().kernel.addresses("lan0");
    const processes: Processes = { run: (argv, options) => lab().processes.run(asHelper(argv), options) };
    expect(await askWins(processes, "lan0", address, never)).toEqual({ ok: true, value: [first, second] });
    const gone = await askWins(processes, "lan0", "10.77.0.200/24", never);
    expect(gone).toMatchObject({ ok: false, error: { kind: "refused", detail: expect.stringContaining("test mode") } });
  });
});

function withoutLifetimes(json: string): unknown {
  return JSON.parse(json, (key, value) => (key.endsWith("_life_time") ? undefined : value));
}
