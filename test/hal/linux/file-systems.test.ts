import { describe, expect, it } from "vitest";
import type { FileSystemState } from "../../../hal/file-systems.ts";
import { createSystemdFileSystems, mountUnitsOf } from "../../../hal/linux/file-systems.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import { describeFileSystems } from "../../contract/file-systems.ts";

const fsck = "systemd-fsck@dev-disk-by\\x2dlabel-state.service";
const rootFsck = "systemd-fsck-root.service";
const own = "var-lib-bezel.mount";

/** As systemd 252 prints them. */
const unit = (name: string, active: string, more: object = {}) => ({
  unit: name,
  load: "loaded",
  active,
  sub: active === "active" ? "mounted" : "dead",
  description: name,
  ...more,
});
const usual = [
  unit("-.mount", "active"),
  unit("home.mount", "inactive", { load: "not-found" }),
  unit("proc-sys-fs-binfmt_misc.mount", "inactive"),
  unit(rootFsck, "inactive"),
];
const printing = (...units: readonly object[]): Reply => ({ stdout: `${JSON.stringify([...usual, ...units])}\n` });

const saying = (reply: Reply) =>
  createSystemdFileSystems({
    processes: createScriptedProcesses([{ expect: () => true, reply }]),
    stateDirectory: "/var/lib/bezel",
  });
const look = (reply: Reply) => saying(reply).look(new AbortController().signal);

describeFileSystems("systemd", (state) => {
  const replies: Readonly<Record<FileSystemState["state"], Reply>> = {
    unknown: { code: 1, stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n" },
    sound: printing(unit(own, "active")),
    "fsck-failed": printing(unit(fsck, "failed")),
    "mount-failed": printing(unit(own, "failed")),
  };
  return saying(replies[state]);
});

const sound: FileSystemState = { state: "sound", detail: "" };
const unknown: FileSystemState = { state: "unknown", detail: "" };
const fsckFailed = (...units: readonly string[]): FileSystemState => ({
  state: "fsck-failed",
  detail: `failed: ${units.join(", ")}`,
});
const mountFailed = (...units: readonly string[]): FileSystemState => ({
  state: "mount-failed",
  detail: `failed: ${units.join(", ")}`,
});

describe("file systems by systemd", () => {
  it.each<[string, Reply, FileSystemState]>([
    ["nothing mounted beside the root", printing(), sound],
    ["a failed check", printing(unit(fsck, "failed")), fsckFailed(fsck)],
    ["that of the root", { stdout: JSON.stringify([unit(rootFsck, "failed")]) }, fsckFailed(rootFsck)],
    ["a failed mount", printing(unit("data.mount", "failed")), mountFailed("data.mount")],
    [
      "a failed check before the mount that was given up for it, and before others",
      printing(unit(fsck, "failed"), unit(own, "inactive"), unit("data.mount", "failed")),
      fsckFailed(fsck),
    ],
    ["no disk for our own mount", printing(unit(own, "inactive")), mountFailed(own)],
    ["no disk for the mount above it", printing(unit("var.mount", "inactive")), mountFailed("var.mount")],
    ["a mount that is being tried again", printing(unit(own, "activating")), unknown],
    ["a check that is under way", printing(unit(fsck, "activating")), unknown],
    [
      "one that is tried again beside another that failed",
      printing(unit(own, "activating"), unit("data.mount", "failed")),
      mountFailed("data.mount"),
    ],
    [
      "our own mount as the units name it, where there is none",
      printing(unit(own, "inactive", { load: "not-found" })),
      sound,
    ],
    ["somebody else's mount that nobody wants now", printing(unit("data.mount", "inactive")), sound],
    ["a check that is over", printing(unit(fsck, "active")), sound],
    ["nobody to ask", { kind: "notFound", program: "systemctl" }, unknown],
    ["a bus that does not answer", { kind: "timeout", stdout: "", stderr: "" }, unknown],
    ["an endless answer", { kind: "tooMuchOutput", stdout: "[", stderr: "" }, unknown],
    ["a table, from before there was JSON", { stdout: `${own} loaded failed failed /var/lib/bezel\n` }, unknown],
    ["something else", { stdout: '[{"unit":7}]' }, unknown],
  ])("%s", async (_, reply, state) => expect(await look(reply)).toEqual(state));

  it("says in one printable line of 200 what failed, however much that is", async () => {
    const { detail } = await look(printing(...Array.from({ length: 90 }, (_, n) => unit(`mnt-ü${n}.mount`, "failed"))));
    expect(detail).toMatch(/^failed: mnt-\?0\.mount, [ -~]+\.\.\.$/);
    expect(detail).toHaveLength(200);
  });

  // By systemd-escape(1) of systemd 252, `--path --suffix=mount`.
  it.each([
    ["/var/lib/bezel", [own, "var-lib.mount", "var.mount"]],
    ["/srv/my-box/.state/", ["srv-my\\x2dbox-.state.mount", "srv-my\\x2dbox.mount", "srv.mount"]],
    ["/.a", ["\\x2ea.mount"]],
    ["/ö", ["\\xc3\\xb6.mount"]],
    ["/", []],
  ])("%s lies on these mounts", (directory, units) => expect(mountUnitsOf(directory)).toEqual(units));
});
