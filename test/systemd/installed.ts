import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { hasTool } from "../support/tools.ts";

export const project = resolve(import.meta.dirname, "../..");
const systemUnits = "/usr/lib/systemd/system";

/** Why the installer cannot be tried here; null when it can. */
export const noInstall = ["systemctl", "systemd-analyze", "systemd-sysusers", "systemd-tmpfiles"].every(hasTool)
  ? null
  : "no systemd";

/** The installer's work in a folder of its own, with this machine's units beside ours; Node is only a name in it. */
export function install(): string {
  const root = mkdtempSync(join(tmpdir(), "bezel-root-"));
  mkdirSync(join(root, systemUnits), { recursive: true });
  if (existsSync(systemUnits))
    cpSync(systemUnits, join(root, systemUnits), { recursive: true, verbatimSymlinks: true });
  installInto(root);
  return root;
}

/** The installer's work below a folder, where an older version may lie. Throws when it refuses. */
export function installInto(root: string, node = "/bin/true"): void {
  execFileSync(join(project, "systemd/install.sh"), [root], {
    env: { ...process.env, NODE: node },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

export function uninstall(root: string): void {
  rmSync(root, { recursive: true, force: true });
}

/** Its exit code, and all that it printed. */
export function run(
  program: string,
  ...args: readonly string[]
): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
  return { code: status, said: `${stdout}${stderr}` };
}
