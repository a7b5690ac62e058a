import { chown, cp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Argv } from "../../hal/processes.ts";
import { helperSocket } from "../../src/helper/client.ts";
import { bundle } from "../support/bench-process.ts";
import { accounts } from "./accounts.ts";
import type { Lab } from "./lab.ts";
import { until } from "./until.ts";

/**
 * Lays the program out for accounts that are not root, gives the box its folder, and has the helper listen: it holds the
 * capabilities of its unit and answers `bezel` only. Gives what `run --config FILE` is to be added to. One box a lab.
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
  await listen(lab, folder, run);
  return [...become("bezel", "-all"), ...run];
}

/** The end of the lab is its own end too, although giving up rights makes the kernel forget that. */
function become(account: keyof typeof accounts, capabilities: string): Argv {
  const id = accounts[account];
  const held = [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  return ["setpriv", `--reuid=${id}`, `--regid=${id}`, "--clear-groups", ...held, "--no-new-privs", "--pdeathsig=KILL"];
}

/** In the place of the service manager: a helper for each connection. */
async function listen(lab: Lab, folder: string, run: Argv): Promise<void> {
  const helper = join(lab.folder, "helper");
  const argv = [
    ...become("bezel-net", "+net_admin,+net_raw"),
    ...run,
    "helper",
    "--config",
    join(folder, "bezel.toml"),
  ];
  await writeFile(helper, `#!/bin/sh\nexec ${argv.join(" ")}\n`, { mode: 0o755 });
  const socket = `UNIX-LISTEN:${helperSocket},fork,user=${accounts.bezel},mode=0600`;
  const listener = await lab.start(["socat", socket, `EXEC:${helper}`]);
  await until(
    () => `the helper's socket: ${listener.log()}`,
    async () => {
      const looked = await lab.processes.run(["test", "-S", helperSocket], { timeoutMs: 10_000 });
      return looked.kind === "exited" && looked.code === 0;
    },
  );
}
