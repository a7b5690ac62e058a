import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Argv, Processes } from "../../hal/processes.ts";
import { separate } from "../../src/helper/separation.ts";
import { bundle } from "../support/bench-process.ts";
import { type LabRig, openRig } from "./backend-rig.ts";
import { type FarSide, farPort, watchFarSide } from "./far-side.ts";
import { type Lab, openLab } from "./lab.ts";
import { until } from "./until.ts";

/** A lab whose box is locked down as at boot, before its two ports got leases. */
export interface LockedBox {
  readonly lab: Lab;
  readonly far: FarSide;
  /** The kernel's settings that are shipped, a file for systemd-sysctl. */
  readonly sysctl: string;
  /**
   * `bezel lock-down` with what the table `[network]` says beside the ports; null: there is no configuration. In
   * the namespace `scan` of the lab, or in the machine's own.
   */
  lockDown(network: string | null, namespace?: "scan"): Promise<{ code: number; said: string }>;
  /** The helper's verb by its own account, which has its capabilities. */
  separate(on: boolean, scanByWan?: readonly string[]): ReturnType<typeof separate>;
  /** The address of a port, without its prefix length. */
  address(port: "lan0" | "wan0", family: 4 | 6): Promise<string>;
  /**
   * How curl ends that this account runs to `farPort` there: 0, connected; 7, refused at once; 28, never answered. All but root
   * have no capability.
   */
  curl(account: string, address: string, ...options: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const never = new AbortController().signal;
const sysctl = resolve("systemd/bezel.sysctl.conf");

export async function openLockedBox(): Promise<LockedBox> {
  const lab = await openLab();
  let rig: LabRig | null = null;
  const close = async () => {
    await rig?.close();
    await lab.close();
  };
  try {
    await lab.run(["/usr/lib/systemd/systemd-sysctl", sysctl]);
    const lockDown: LockedBox["lockDown"] = async (network, namespace) => {
      const file = join(lab.folder, network === null ? "nonesuch.toml" : "bezel.toml");
      if (network !== null) await writeFile(file, `[network]\nlan = "lan0"\nwan = "wan0"\n${network}\n`);
      const argv: Argv = [process.execPath, bundle, "lock-down", "--config", file];
      const inside: Argv = ["ip", "netns", "exec", "scan", ...argv, "--namespace", "scan"];
      const ended = await lab.processes.run(namespace === "scan" ? inside : argv, { timeoutMs: 60_000 });
      if (ended.kind !== "exited") throw new Error(JSON.stringify(ended));
      return { code: ended.code, said: ended.stderr };
    };
    const locked = await lockDown("");
    if (locked.code !== 0) throw new Error(locked.said);
    const far = await watchFarSide(lab);
    rig = await openRig(lab);
    for (const port of ["lan", "wan"] as const) {
      const order = { kind: "configure", port, mode: "ipv4+v6", vlan: 0, routes: [] } as const;
      await rig.backend.perform({ ...order, ipv4: { method: "dhcp" }, ipv6: { method: "auto", dns: [] } }, never);
    }
    const address: LockedBox["address"] = (port, family) =>
      until(`an address of ${port}`, async () => {
        const show: Argv = [
          "ip",
          "-json",
          `-${family}`,
          "address",
          "show",
          "dev",
          port,
          "scope",
          "global",
          "-tentative",
        ];
        const [link] = JSON.parse((await lab.run(show)) || "[]") as { addr_info?: { local: string }[] }[];
        // Of IPv6 the one by DHCP, which comes after the one that the router's prefix makes.
        return link?.addr_info?.find(({ local }) => family === 4 || /^fd00:77::[5-9]\d$/.test(local))?.local;
      });
    await Promise.all([address("lan0", 4), address("wan0", 4), address("lan0", 6)]);
    return {
      lab,
      far,
      sysctl,
      lockDown,
      separate: (on, scanByWan = []) =>
        separate(as(lab.processes, "bezel-net", "+net_admin,+net_raw"), ports, { on, scanByWan }, never),
      address,
      curl: async (account, target, ...options) => {
        const host = target.includes(":") ? `[${target}]` : target;
        const argv: Argv = ["curl", "-q", "-s", "--max-time", "20", ...options, `http://${host}:${farPort}/`];
        const ended = await as(lab.processes, account, account === "root" ? "+all" : "-all").run(argv, {
          timeoutMs: 60_000,
        });
        if (ended.kind !== "exited") throw new Error(JSON.stringify(ended));
        return ended.code;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const ports = { lan: "lan0", wan: "wan0" };

/** Programs of the lab as an account of its own, as the service manager would start them. */
function as(processes: Processes, account: string, capabilities: string): Processes {
  const rights = account === "root" ? [] : [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  const become = ["setpriv", `--reuid=${account}`, `--regid=${account}`, "--clear-groups", ...rights] as const;
  return { run: (argv, options) => processes.run([...become, ...argv], options) };
}
