import { describe, expect, it } from "vitest";
import type { FileSystemState } from "../../../hal/file-systems.ts";
import { createSystemdFileSystems } from "../../../hal/linux/file-systems.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import { describeFileSystems } from "../../contract/file-systems.ts";

const fsck = "systemd-fsck@dev-disk-by\\x2dlabel-state.service";
/** As systemd 252 prints them. */
const lines = {
  fsck: `${fsck} loaded failed failed File System Check on /dev/disk/by-label/state\n`,
  root: "systemd-fsck-root.service loaded failed failed File System Check on Root Device\n",
  mount: "var-lib-bezel.mount loaded failed failed /var/lib/bezel\n",
};

const saying = (reply: Reply) =>
  createSystemdFileSystems({ processes: createScriptedProcesses([{ expect: () => true, reply }]) });
const look = (reply: Reply) => saying(reply).look(new AbortController().signal);

describeFileSystems("systemd", (state) => {
  const replies: Readonly<Record<FileSystemState["state"], Reply>> = {
    unknown: { code: 1, stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n" },
    sound: { stdout: "" },
    "fsck-failed": { stdout: lines.fsck },
    "mount-failed": { stdout: lines.mount },
  };
  return saying(replies[state]);
});

describe("file systems by systemd", () => {
  it.each<[string, Reply, FileSystemState]>([
    ["a failed check", { stdout: lines.fsck }, { state: "fsck-failed", detail: `failed: ${fsck}` }],
    ["that of the root", { stdout: lines.root }, { state: "fsck-failed", detail: "failed: systemd-fsck-root.service" }],
    ["a failed mount", { stdout: lines.mount }, { state: "mount-failed", detail: "failed: var-lib-bezel.mount" }],
    [
      "a failed check before a failed mount",
      { stdout: lines.mount + lines.fsck + lines.root },
      { state: "fsck-failed", detail: `failed: ${fsck}, systemd-fsck-root.service` },
    ],
    ["nobody to ask", { kind: "notFound", program: "systemctl" }, { state: "unknown", detail: "" }],
    [
      "a bus that does not answer",
      { kind: "timeout", stdout: lines.mount, stderr: "" },
      { state: "unknown", detail: "" },
    ],
    ["an endless answer", { kind: "tooMuchOutput", stdout: lines.fsck, stderr: "" }, { state: "unknown", detail: "" }],
    ["units of other kinds", { stdout: "ssh.service loaded failed failed x\n" }, { state: "sound", detail: "" }],
  ])("%s", async (_, reply, state) => expect(await look(reply)).toEqual(state));

  it("says in one printable line of 200 what failed, however much that is", async () => {
    const stdout = Array.from({ length: 90 }, (_, n) => `mnt-ü${n}.mount loaded failed failed /mnt/ü${n}\n`).join("");
    const { detail } = await look({ stdout });
    expect(detail).toMatch(/^failed: mnt-\?0\.mount, [ -~]+\.\.\.$/);
    expect(detail).toHaveLength(200);
  });
});
