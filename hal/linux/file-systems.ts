import { HalError } from "../errors.ts";
import type { FileSystemState, FileSystems } from "../file-systems.ts";
import type { Argv, Processes } from "../processes.ts";

/** Where the service manager hangs, nobody waits for longer. */
const timeoutMs = 5000;
const maxOutputBytes = 64 * 1024;
const maxDetailLength = 200;

/**
 * The units that check and mount file systems, systemd-fsck@.service(8) and systemd.mount(5), as far as they failed. Every user
 * may ask. `--plain` leaves out the bullet in front of a name.
 */
const argv: Argv = [
  "systemctl",
  "list-units",
  "--state=failed",
  "--plain",
  "--full",
  "--no-legend",
  "--no-pager",
  "systemd-fsck@*.service",
  "systemd-fsck-root.service",
  "*.mount",
];

/** The file systems as systemd brought them up; `unknown` on a machine without it. */
export function createSystemdFileSystems({ processes }: { readonly processes: Processes }): FileSystems {
  return {
    look: async (signal) => {
      try {
        const exited = await processes.run(argv, { timeoutMs, maxOutputBytes, signal });
        return exited.kind === "exited" && exited.code === 0 ? stateOf(exited.stdout) : unknown;
      } catch (error) {
        if (!(error instanceof HalError)) throw error;
        return unknown;
      }
    },
  };
}

const unknown: FileSystemState = { state: "unknown", detail: "" };

/** A failed check says more than the mount that failed for it. */
function stateOf(stdout: string): FileSystemState {
  const units = stdout.split("\n").map((line) => line.trim().split(/\s+/, 1).join());
  const checks = units.filter((unit) => /^systemd-fsck(@.*|-root)\.service$/.test(unit));
  const mounts = units.filter((unit) => unit.endsWith(".mount"));
  if (checks.length > 0) return { state: "fsck-failed", detail: detailOf(checks) };
  if (mounts.length > 0) return { state: "mount-failed", detail: detailOf(mounts) };
  return { state: "sound", detail: "" };
}

function detailOf(units: readonly string[]): string {
  const text = `failed: ${units.join(", ")}`.replace(/[^ -~]/g, "?");
  return text.length <= maxDetailLength ? text : `${text.slice(0, maxDetailLength - 3)}...`;
}
