import type { StorageFacts } from "../model/facts.ts";
import type { Fault } from "../model/fault.ts";

const ours = { legacyCode: null } as const;

const losses: Readonly<Record<StorageFacts["loaded"], Fault | null>> = {
  current: null,
  new: null,
  previous: {
    ...ours,
    code: "settings-older",
    message: "Last settings lost, older used",
    detail: "The newest settings on the disk were unreadable; those before them are in force.",
    next: "Check the settings and enter the last change again. If it happens again, replace the disk.",
  },
  factory: {
    ...ours,
    code: "settings-lost",
    message: "Settings lost, factory DHCP set",
    detail: "No settings on the disk were readable.",
    next: "Enter the settings again. If it happens again, replace the disk.",
  },
  reverted: {
    ...ours,
    code: "change-undone",
    message: "Change undone after restart",
    detail: "The box went down in the middle of a change; the settings before it are in force.",
    next: "Enter the change again.",
  },
};

/** What the start has to tell of the stored settings; null when they are as they were left. */
export function lossAtStart({ loaded }: StorageFacts): Fault | null {
  return losses[loaded];
}

/** Something that was asked for at the panel and did not come about. */
export function notDone(notice: string): Fault {
  return {
    ...ours,
    code: "not-done",
    message: "Not done as asked",
    detail: notice,
    next: "Mend what the detail names and try again.",
  };
}
