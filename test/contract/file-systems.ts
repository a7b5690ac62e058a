import { describe, expect, it } from "vitest";
import type { FileSystemState, FileSystems } from "../../hal/file-systems.ts";

/** What every {@link FileSystems} promises. `make` gives one of a machine in that state. */
export function describeFileSystems(name: string, make: (state: FileSystemState["state"]) => FileSystems): void {
  describe(`file systems contract: ${name}`, () => {
    it.each(["unknown", "sound", "fsck-failed", "mount-failed"] as const)("says %s", async (state) => {
      const found = await make(state).look(new AbortController().signal);
      expect(found.state).toBe(state);
      expect(found.detail).toMatch(state.endsWith("-failed") ? /^[ -~]{1,200}$/ : /^$/);
    });

    it("knows nothing once it is not to look any more", async () => {
      expect(await make("sound").look(AbortSignal.abort())).toEqual({ state: "unknown", detail: "" });
    });
  });
}
