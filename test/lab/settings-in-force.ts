import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import { type SeparationRule, separationRules } from "../../src/helper/rules.ts";
import { lanPorts, sets } from "../../src/helper/ruleset.ts";
import { wantedRules } from "../../src/helper/separation.ts";
import type { Ipv4Settings, PortName, Settings } from "../../src/model/settings.ts";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import { storeFiles } from "../../src/settings/recover.ts";
import { accounts } from "./accounts.ts";
import type { FarSide } from "./far-side.ts";
import { gatewayAddress, platformAddress } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import { leased } from "./steps.ts";

interface RouteLine {
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly table?: string;
}

/**
 * What kernel, packet filter and NetworkManager have of the machine's configuration, as far as settings without VLANs, ordered
 * routes and IPv6 decide it.
 */
async function inForce(lab: Lab): Promise<object> {
  const json = async <T>(argv: Argv): Promise<T> => JSON.parse((await lab.run(argv)) || "[]") as T;
  const rules = async (family: 4 | 6): Promise<readonly SeparationRule[]> =>
    separationRules(await json<readonly unknown[]>(["ip", "-json", `-${family}`, "rule", "show"]));
  const set = async (name: string) => {
    const { nftables } = await json<{ readonly nftables: readonly { readonly set?: { readonly elem?: unknown[] } }[] }>(
      ["nft", "-j", "list", "set", "inet", "bezel", name],
    );
    return nftables.flatMap(({ set }) => set?.elem ?? []);
  };
  const routes = await json<readonly RouteLine[]>(["ip", "-json", "-4", "route", "show", "table", "all"]);
  const ways = (table: string | undefined) =>
    routes
      .filter((route) => route.table === table)
      .map(({ dst, dev, gateway = null }) => ({ dst, dev, gateway }))
      .sort((a, b) => `${a.dev} ${a.dst}`.localeCompare(`${b.dev} ${b.dst}`));
  const profiles = await lab.run(["nmcli", "-t", "-f", "UUID,DEVICE,STATE", "connection", "show"]);
  return {
    addresses: { lan: await lab.kernel.addresses("lan0"), wan: await lab.kernel.addresses("wan0") },
    // Without a table of its own a route is in the main one.
    routes: { main: ways(undefined), wan: ways("100") },
    rules: { ipv4: await rules(4), ipv6: await rules(6) },
    managementPorts: await set(sets.managementPorts),
    scanByWan: await set(sets.scanByWan),
    // The loopback interface is external, without a profile of anybody's.
    profiles: profiles
      .split("\n")
      .filter((line) => line !== "" && !line.includes(":lo:"))
      .sort(),
  };
}

function wanted({ lan, wan }: Settings): object {
  const addresses = (ipv4: Ipv4Settings | undefined) => {
    if (ipv4 === undefined) return [];
    return ipv4.method === "static" ? [`${ipv4.address}/${ipv4.prefixLength}`] : [leased];
  };
  const ways = (dev: string, network: string, gateway: string) => [
    { dst: `${network}.0/24`, dev, gateway: null },
    { dst: "default", dev, gateway },
  ];
  const uid = wan === null ? null : accounts.bezel;
  const up = (port: PortName) => `${profileUuids[port]}:${port}0:activated`;
  return {
    addresses: { lan: addresses(lan.ipv4), wan: addresses(wan?.ipv4) },
    routes: {
      main: ways("lan0", "10.77.0", gatewayAddress),
      wan: wan === null ? [] : ways("wan0", "10.78.0", "10.78.0.1"),
    },
    rules: { ipv4: sorted(wantedRules(uid, 4)), ipv6: sorted(wantedRules(uid, 6)) },
    managementPorts: wan === null ? expect.arrayContaining([lanPorts("lan0")[0]]) : ["wan0"],
    scanByWan: [],
    profiles: wan === null ? [up("lan")] : [up("lan"), up("wan")],
  };
}

function sorted(rules: readonly SeparationRule[]): readonly SeparationRule[] {
  return [...rules].sort((a, b) => a.priority - b.priority);
}

/** Waits until the machine is as these settings say, and says what is different where it does not come to that. */
export async function expectInForce(lab: Lab, settings: Settings): Promise<void> {
  await expect.poll(() => inForce(lab)).toEqual(wanted(settings));
}

/** No change stands open on the disk of a box. */
export function expectNoJournal(lab: Lab): void {
  const folder = join(lab.folder, "box/state/settings");
  expect(existsSync(join(folder, storeFiles.current))).toBe(true);
  expect(existsSync(join(folder, storeFiles.journal))).toBe(false);
}

/** The controller's account reaches the platform, and by the port that carries management only. */
export async function expectWayToPlatform(lab: Lab, far: FarSide, { wan }: Settings): Promise<void> {
  await lab.gateway.run(["nft", "flush", "set", "inet", "far", "seen"]);
  const account = accounts.bezel;
  const become = ["setpriv", `--reuid=${account}`, `--regid=${account}`, "--clear-groups"] as const;
  // That the platform refuses who has no certificate is an answer too.
  const curl = [
    "curl",
    "-q",
    "-s",
    "-k",
    "-o",
    "/dev/null",
    "--max-time",
    "20",
    `https://${platformAddress}/`,
  ] as const;
  const ended = await lab.processes.run([...become, ...curl], { timeoutMs: 30_000 });
  expect(ended).toMatchObject({ kind: "exited", code: expect.toBeOneOf([0, 56]) });
  expect(await far.arrivals(platformAddress)).toEqual([wan === null ? "lan" : "wan"]);
}
