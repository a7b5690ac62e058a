import { chown, cp, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Argv } from "../../hal/processes.ts";
import { helperSocket } from "../../src/helper/client.ts";
import { scanSocket } from "../../src/helper/scan/client.ts";
import { scanNamespace } from "../../src/helper/scan/links.ts";
import { sealSocket } from "../../src/helper/seal/client.ts";
import { bundle } from "../support/bench-process.ts";
import { accounts } from "./accounts.ts";
import type { Lab } from "./lab.ts";
import { until } from "./until.ts";

/**
 * Lays the program out for accounts that are not root, gives the box its folder, and has the helpers listen: they hold the
 * capabilities of their units and answer `bezel` only. Gives what `run --config FILE` is to be added to. One box a lab.
 */
export async function installForUser(lab: Lab, folder: string): Promise<Argv> {
  // Where Node and the program lie on this machine may be root's own.
  const node = join(lab.folder, "node");
  const program = join(lab.folder, "dist");
  await writeFile(node, "");
  await lab.run(["mount", "--bind", process.execPath, node]);
  // A copy: who builds while the lab stands takes nothing away from it.
  await cp(dirname(bundle), program, { recursive: true });
  const run: Argv = [node, join(program, "bezel.cjs")];
  await chown(folder, accounts.bezel, accounts.bezel);
  // dhcpcd locks a file there; its unit has a folder of its own.
  await lab.run(["chmod", "1777", "/run"]);
  const argv = [...run, "helper", "--config", join(folder, "bezel.toml")];
  await listen(lab, { socket: helperSocket, as: become("bezel-net", "+net_admin,+net_raw"), argv });
  const enter = ["nsenter", `--net=/run/netns/${scanNamespace}`, "--"];
  await listen(lab, {
    ...{ socket: scanSocket, as: [...enter, ...become("bezel-net", "+net_admin")] },
    argv: [...argv, "--inside"],
  });
  const keeper = ["setpriv", "--inh-caps=-all", "--bounding-set=-all,+dac_override", "--no-new-privs"];
  await listen(lab, { socket: sealSocket, as: keeper, argv: [...argv, "--seal"] });
  // As its unit has it: no core file, wherever it is started.
  return ["env", "-C", folder, "prlimit", "--core=0", ...become("bezel", "-all"), ...run];
}

/** The end of the lab is its own end too, although giving up rights makes the kernel forget that. */
function become(account: keyof typeof accounts, capabilities: string): Argv {
  const id = accounts[account];
  const held = [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  return ["setpriv", `--reuid=${id}`, `--regid=${id}`, "--clear-groups", ...held, "--no-new-privs", "--pdeathsig=KILL"];
}

/** In the place of the service manager: a helper for each connection. */
async function listen(lab: Lab, helper: HelperPlace): Promise<void> {
  const { socket, as, argv } = helper;
  const program = join(lab.folder, basename(socket, ".sock"));
  const line = [...as, ...argv];
  await writeFile(program, `#!/bin/sh\nexec ${line.join(" ")}\n`, { mode: 0o755 });
  const listener = await lab.start([
    "socat",
    `UNIX-LISTEN:${socket},fork,user=${accounts.bezel},mode=0600`,
    `EXEC:${program}`,
  ]);
  await until(
    () => `the helper's socket: ${listener.log()}`,
    async () => {
      const looked = await lab.processes.run(["test", "-S", socket], { timeoutMs: 10_000 });
      return looked.kind === "exited" && looked.code === 0;
    },
  );
}

interface HelperPlace {
  readonly socket: string;
  /** What makes it run with the rights of its unit, and where it works. */
  readonly as: readonly string[];
  readonly argv: readonly string[];
}

/**
 * What the units of the boot do before the controller starts: the namespace of the scans, the kernel's settings, and the packet
 * filters of both namespaces, by a configuration file.
 */
export async function bootMachine(lab: Lab, config: string): Promise<void> {
  await lab.run(["ip", "netns", "add", scanNamespace]);
  await lab.run(["ip", "-n", scanNamespace, "link", "set", "lo", "up"]);
  await lab.run(["/usr/lib/systemd/systemd-sysctl", resolve("systemd/bezel.sysctl.conf")]);
  const inside: Argv = ["ip", "netns", "exec", scanNamespace];
  await lab.run([...inside, "/usr/lib/systemd/systemd-sysctl", resolve("systemd/bezel-scan.sysctl.conf")] as Argv);
  // Benchmarks and the lab for people run this from another place, at the same root.
  const lockDown = [process.execPath, resolve("dist/bezel.cjs"), "lock-down", "--config", config] as const;
  await lab.run(lockDown);
  await lab.run([...inside, ...lockDown, "--namespace", "scan"] as Argv);
}
