import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "../../hal/processes.ts";
import { provideAccounts } from "./accounts.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { type Namespaces, openNamespaces } from "./namespaces.ts";
import { type NetworkDaemons, prepareNetworkDaemons } from "./network-daemons.ts";

/**
 * A machine with the ports `lan0` and `wan0`, D-Bus and a real NetworkManager, and what is at the other end of its cables.
 * Nothing of it is to be seen outside; any number of them stand side by side. Needs root.
 */
export interface Lab extends Pick<Namespaces, "processes" | "path" | "start" | "run"> {
  readonly daemons: NetworkDaemons;
  readonly gateway: Gateway;
  /** A folder of the lab's own that is the same inside and outside; goes with the lab. */
  readonly folder: string;
  /** What the kernel says, never what a program of ours believes. */
  readonly kernel: Kernel;
  /**
   * Puts a program of the tests in the place of one of the machine, or puts the machine's own back (null). The text is a
   * shell script; an empty one may not even be run.
   */
  replaceProgram(path: string, script: string | null): Promise<void>;
  /** Ends every process of the lab. Idempotent. */
  close(): Promise<void>;
}

export interface Kernel {
  /** IPv4 addresses of global scope with their prefix length, such as `10.77.0.20/24`. */
  addresses(interfaceName: string): Promise<readonly string[]>;
  /** IPv4 routers of the default routes through the interface, of all tables, the preferred one first. */
  gateways(interfaceName: string): Promise<readonly string[]>;
  /** What is left of the lease of the first address; null: it has no end, or there is no address. */
  lifetimeSeconds(interfaceName: string): Promise<number | null>;
}

export async function openLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-lab-"));
  const inside = await openNamespaces();
  let gateway: Gateway | null = null;
  const close = async () => {
    await inside.close();
    await gateway?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const daemons = await prepareNetworkDaemons(inside);
    await inside.run(["ip", "link", "set", "lo", "up"]);
    await provideAccounts(inside, folder);
    // A host key of its own: this machine's is not the tests' to make.
    await mkdir(join(folder, "systemd"));
    await inside.run(["mount", "--bind", join(folder, "systemd"), "/var/lib/systemd"]);
    gateway = await openGateway(inside, folder);
    await daemons.start();
    return {
      ...inside,
      daemons,
      gateway,
      folder,
      kernel: kernelOf(inside),
      replaceProgram: replacer(inside, folder),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface IpLink {
  readonly addr_info?: readonly {
    readonly local: string;
    readonly prefixlen: number;
    /** 2^32 - 1: for ever. */
    readonly valid_life_time: number;
  }[];
}

interface IpRoute {
  readonly gateway?: string;
  readonly metric?: number;
}

function kernelOf(inside: Namespaces): Kernel {
  const ip = async <T>(...args: readonly string[]): Promise<readonly T[]> => {
    const text = await inside.run(["ip", "-json", "-4", ...args] as Argv);
    return text.trim() === "" ? [] : (JSON.parse(text) as readonly T[]);
  };
  const addresses = async (name: string) => {
    const links = await ip<IpLink>("address", "show", "dev", name, "scope", "global");
    return links.flatMap(({ addr_info }) => addr_info ?? []);
  };
  return {
    addresses: async (name) => (await addresses(name)).map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    lifetimeSeconds: async (name) => {
      const [first] = await addresses(name);
      return first === undefined || first.valid_life_time === 2 ** 32 - 1 ? null : first.valid_life_time;
    },
    gateways: async (name) => {
      const routes = await ip<IpRoute>("route", "show", "default", "table", "all", "dev", name);
      return [...routes]
        .sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
        .flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway]));
    },
  };
}

function replacer(inside: Namespaces, folder: string): Lab["replaceProgram"] {
  const replaced = new Set<string>();
  let files = 0;
  return async (path, script) => {
    // Lazily: the program in its place may be running.
    if (replaced.delete(path)) await inside.run(["umount", "--lazy", path]);
    if (script === null) return;
    files += 1;
    const file = join(folder, `program-${files}`);
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: script === "" ? 0o644 : 0o755 });
    await inside.run(["mount", "--bind", file, path]);
    replaced.add(path);
  };
}
