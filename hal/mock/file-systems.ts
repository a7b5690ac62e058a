import type { FileSystemState, FileSystems } from "../file-systems.ts";

const details: Readonly<Record<FileSystemState["state"], string>> = {
  unknown: "",
  sound: "",
  "fsck-failed": "failed: systemd-fsck@dev-mmcblk0p3.service",
  "mount-failed": "failed: var-lib-bezel.mount",
};

/** File systems that are as somebody says whenever they are looked at. */
export function createMockFileSystems(state: () => FileSystemState["state"]): FileSystems {
  return {
    look: async (signal) => {
      const found = signal.aborted ? "unknown" : state();
      return { state: found, detail: details[found] };
    },
  };
}
