import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "../../hal/processes.ts";
import { createChildScanHelper } from "../../src/helper/scan/client.ts";
import { silentLog } from "../../src/model/log.ts";
import { createScanNetwork } from "../../src/network/scan/namespace.ts";
import type { ScanNetwork } from "../../src/network/scan/scan-network.ts";
import type { ShownScans } from "../contract/scan-network.ts";
import { bundle } from "../support/bench-process.ts";
import { type Namespaces, openNamespaces } from "./namespaces.ts";

/**
 * A machine with the port `lan0`, a cable in it, and the namespace `scan`; no NetworkManager. Not every kernel that tests run
 * on has 802.1Q: the VLANs are macvlan links here, put in their place between the helper and ip(8). Their names and groups,
 * by which ours are known, are the same.
 */
export interface ScanLab extends Pick<Namespaces, "processes" | "run" | "start" | "path"> {
  /** Over helpers that are children, as a controller that root runs has them. */
  readonly network: ScanNetwork;
  /** Starts a helper. */
  readonly helper: Argv;
  readonly folder: string;
  /** ip(8) itself, without the substitution. */
  readonly ip: string;
  /** What the kernel says. */
  shown(): Promise<ShownScans>;
  plugPort(): Promise<void>;
  /** The VLANs that LAN carries outside of the namespace. */
  hold(tags: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

export const insideScan: Argv = ["nsenter", "--net=/run/netns/scan", "--"];
/** Of the modes of macvlan the one in which, as on VLANs, no link hears what another one sends: 4094 talk at once when they come up. */
export const vlanInLab = "type macvlan mode private";

const wrapper = (ip: string, edits: string) => `#!/bin/sh
case " $* " in
  *" -batch "*) sed -E -f ${edits} | ${ip} "$@";;
  *) exec ${ip} "$@";;
esac
`;
/** Edits of the lines for ip. A macvlan link has no tag that could be taken: that of one is refused for its name. */
const edits = (held: readonly number[]) =>
  [
    ...held.map((tag) => `s/^(link add .*) name lan0.${tag} (.*) type vlan .*/\\1 name lo \\2 ${vlanInLab}/`),
    `s/ type vlan id [0-9]+ loose_binding on$/ ${vlanInLab}/`,
  ].join("\n");

/** `program`: the built controller. */
export async function openScanLab(program = bundle): Promise<ScanLab> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-scan-"));
  const inside = await openNamespaces();
  const { run } = inside;
  const close = async () => {
    await inside.close();
    await rm(folder, { recursive: true, force: true });
  };
  const plugPort = async () => {
    await run(["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "langw"]);
    for (const end of ["lan0", "langw"]) await run(["ip", "link", "set", end, "up"]);
  };
  const ipJson = async (...args: readonly string[]) => {
    const options = { timeoutMs: 30_000, maxOutputBytes: 16 * 2 ** 20 };
    const ended = await inside.processes.run(["ip", "-n", "scan", "-json", ...args], options);
    if (ended.kind !== "exited" || ended.code !== 0) throw new Error(`ip ${args.join(" ")} ended by ${ended.kind}`);
    return JSON.parse(ended.stdout) as readonly Record<string, unknown>[];
  };
  try {
    const [config, real, inItsPlace] = [join(folder, "bezel.toml"), join(folder, "ip-itself"), join(folder, "ip")];
    const editsFile = join(folder, "edits");
    const hold = (tags: readonly number[]) => writeFile(editsFile, edits(tags));
    await writeFile(config, '[network]\nlan = "lan0"\nwan = "wan0"\n');
    await copyFile("/usr/bin/ip", real);
    await writeFile(inItsPlace, wrapper(real, editsFile), { mode: 0o755 });
    await hold([]);
    await run(["mount", "-t", "tmpfs", "none", "/run"]);
    await plugPort();
    await run(["ip", "netns", "add", "scan"]);
    await run(["ip", "-n", "scan", "link", "set", "lo", "up"]);
    await run(["mount", "--bind", inItsPlace, "/usr/bin/ip"]);
    const helper: Argv = [process.execPath, program, "helper", "--config", config];
    const privileged = createChildScanHelper({ processes: inside.processes, argv: helper });
    return {
      ...inside,
      network: createScanNetwork({ privileged, log: silentLog }),
      helper,
      folder,
      ip: real,
      shown: async () => ({
        links: (await ipJson("address", "show"))
          .filter(({ group }) => group === "4094" || group === "4095")
          .map(({ ifname, ifindex, addr_info }) => ({
            tag: tagOf(ifname),
            identity: ifindex,
            addresses: (addr_info as readonly { scope: string; local: string; prefixlen: number }[])
              .filter(({ scope }) => scope === "global")
              .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
          }))
          .sort((a, b) => a.tag - b.tag),
        routes: (await ipJson("route", "show", "proto", "static"))
          .map(({ dev, dst, gateway }) => ({
            tag: tagOf(dev),
            destination: String(dst).includes("/") ? String(dst) : `${dst}/32`,
            gateway: String(gateway),
          }))
          .sort((a, b) => a.destination.localeCompare(b.destination)),
      }),
      plugPort,
      hold,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function tagOf(name: unknown): number {
  return Number(String(name).split(".")[1]);
}
