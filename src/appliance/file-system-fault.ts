import type { FileSystemState } from "../../hal/file-systems.ts";
import { wordFault } from "../connectivity/messages.ts";
import type { Fault } from "../model/fault.ts";

const codes = { "fsck-failed": "efs-fsck", "mount-failed": "efs-mount" } as const;

/** What the state of the file systems is called; null: nothing is known to be wrong. */
export function fileSystemFault({ state, detail }: FileSystemState): Fault | null {
  return state === "unknown" || state === "sound" ? null : wordFault(codes[state], detail, new Set());
}
