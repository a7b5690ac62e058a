import * as z from "zod";
import { HalError } from "../errors.ts";
import type { FileSystemState, FileSystems } from "../file-systems.ts";
import type { Argv, Processes } from "../processes.ts";

export interface SystemdFileSystemsParts {
  readonly processes: Processes;
  /** Absolute. Where it lies on a file system of its own, that one has to be mounted. */
  readonly stateDirectory: string;
}

/** Where the service manager hangs, nobody waits for longer. */
const timeoutMs = 10_000;
/** Some 120 bytes a unit; 4 KB on a usual machine. */
const maxOutputBytes = 256 * 1024;
const maxDetailLength = 200;

/**
 * The units that check and mount file systems, systemd-fsck@.service(8) and systemd.mount(5). Every user may ask. As JSON since
 * systemd 246; the table leaves out a column that is empty in every row.
 */
const argv: Argv = [
  "systemctl",
  "list-units",
  "--all",
  "--output=json",
  "--no-pager",
  "systemd-fsck@*.service",
  "systemd-fsck-root.service",
  "*.mount",
];

const unitSchema = z.object({
  unit: z.string().max(1024),
  load: z.string(),
  active: z.string(),
});
type Unit = z.infer<typeof unitSchema>;

/** The file systems as systemd brought them up; `unknown` on a machine without it. */
export function createSystemdFileSystems({ processes, stateDirectory }: SystemdFileSystemsParts): FileSystems {
  const own = mountUnitsOf(stateDirectory);
  return {
    look: async (signal) => {
      try {
        const exited = await processes.run(argv, { timeoutMs, maxOutputBytes, signal });
        const units = exited.kind === "exited" && exited.code === 0 ? parse(exited.stdout) : null;
        return units === null ? unknown : stateOf(units, own);
      } catch (error) {
        if (!(error instanceof HalError)) throw error;
        return unknown;
      }
    },
  };
}

const unknown: FileSystemState = { state: "unknown", detail: "" };

function parse(stdout: string): readonly Unit[] | null {
  try {
    return z.array(unitSchema).safeParse(JSON.parse(stdout)).data ?? null;
  } catch {
    return null;
  }
}

/** A failed check says more than the mount that was given up for it. */
function stateOf(units: readonly Unit[], own: readonly string[]): FileSystemState {
  const failed = units.filter(({ active }) => active === "failed");
  // A mount whose disk is not there has not failed for systemd: its start was given up, and it is as if nobody had wanted it.
  const missing = units.filter(
    ({ unit, load, active }) => own.includes(unit) && load === "loaded" && active === "inactive",
  );
  const checks = failed.filter(({ unit }) => unit.startsWith("systemd-fsck"));
  const mounts = [...failed, ...missing].filter(({ unit }) => unit.endsWith(".mount"));
  if (checks.length > 0) return { state: "fsck-failed", detail: detailOf(checks) };
  if (mounts.length > 0) return { state: "mount-failed", detail: detailOf(mounts) };
  // Somebody checks or mounts one right now: what comes of it will be seen.
  if (units.some(({ active }) => active === "activating")) return unknown;
  return { state: "sound", detail: "" };
}

function detailOf(units: readonly Unit[]): string {
  const text = `failed: ${units.map(({ unit }) => unit).join(", ")}`.replace(/[^ -~]/g, "?");
  return text.length <= maxDetailLength ? text : `${text.slice(0, maxDetailLength - 3)}...`;
}

/** The names of the mounts that a folder may lie on, but for the root's: systemd.unit(5), "String escaping". */
export function mountUnitsOf(directory: string): readonly string[] {
  const parts = directory.split("/").filter((part) => part !== "");
  const escaped = parts.map((part, at) => {
    const bytes = Buffer.from(part).toString("latin1");
    return bytes.replace(
      at === 0 ? /[^\w:.]|^\./g : /[^\w:.]/g,
      (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
  });
  return escaped.map((_, at) => `${escaped.slice(0, at + 1).join("-")}.mount`).reverse();
}
