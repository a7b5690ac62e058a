import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Argv, RunOptions } from "../../../hal/processes.ts";

const shell = (script: string, options: Partial<RunOptions> = {}) =>
  createProcesses().run(["sh", "-c", script], { timeoutMs: 20_000, ...options });

const turn = () => new Promise((resolve) => setImmediate(resolve));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs a script with a limit of 5 s on a fake clock, and returns once it has written its process id to descriptor 4. */
async function started(script: string) {
  const folder = await mkdtemp(join(tmpdir(), "bezel-processes-"));
  const file = join(folder, "pid");
  const clock = createFakeClock();
  const running = createProcesses({ clock }).run(["sh", "-c", `exec 4>"$0"; ${script}`, file], { timeoutMs: 5000 });
  const read = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  while (!read().endsWith("\n")) await turn();
  const pid = Number(read());
  await rm(folder, { recursive: true });
  return { clock, running, pid };
}

describe("Linux processes", () => {
  it("returns output and a non-zero exit as a value", async () => {
    expect(await shell("echo out; echo err >&2; exit 3")).toEqual({
      kind: "exited",
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("passes arguments as they are, without a shell", async () => {
    const argv: Argv = ["printf", "%s|", "a b", "$HOME", "`id`", "", "ä;"];
    expect(await createProcesses().run(argv, { timeoutMs: 20_000 })).toMatchObject({ stdout: "a b|$HOME|`id`||ä;|" });
  });

  it("gives no environment but its own", async () => {
    const { stdout } = (await createProcesses({ environment: { BEZEL_TEST: "yes" } }).run(["env"], {
      timeoutMs: 20_000,
    })) as { stdout: string };
    expect(stdout.trim().split("\n").sort()).toEqual([
      "BEZEL_TEST=yes",
      "LC_ALL=C",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
  });

  it.each(["/nowhere/program", "no-such-program-here", "/etc/passwd"])(
    "says that %s is not there or cannot be run",
    async (program) => {
      expect(await createProcesses().run([program], { timeoutMs: 20_000 })).toEqual({ kind: "notFound", program });
    },
  );

  it("reports death by a signal as a shell does", async () => {
    expect(await shell("kill -9 $$")).toMatchObject({ kind: "exited", code: 137 });
  });

  it("feeds standard input and further descriptors, which can be opened by name", async () => {
    const inputs = { 0: "in", 3: new Uint8Array([0, 255, 10]), 5: "five" };
    expect(
      await shell("cat; od -An -tx1 /dev/fd/3; od -An -tx1 <&3; cat /dev/fd/5; test -e /dev/fd/4 || echo -n closed", {
        inputs,
      }),
    ).toMatchObject({
      code: 0,
      stdout: "in 00 ff 0a\n 00 ff 0a\nfiveclosed",
    });
  });

  it("gives further descriptors as files that have no name any more", async () => {
    const result = await shell("readlink /proc/self/fd/3", { inputs: { 3: "secret" } });
    expect(result).toMatchObject({ stdout: expect.stringMatching(/ \(deleted\)\n$/) });
  });

  it("survives a child that does not read its input", async () => {
    expect(
      await shell("exec true", { inputs: { 0: Buffer.alloc(5_000_000), 3: Buffer.alloc(5_000_000) } }),
    ).toMatchObject({
      kind: "exited",
      code: 0,
    });
  });

  it("keeps every byte when asked to", async () => {
    const result = await shell("printf '\\000\\377\\200x'", { stdoutEncoding: "latin1" });
    expect(result).toMatchObject({ stdout: "\u0000\u00ff\u0080x" });
  });

  it("kills a child whose time is over, with what it printed", async () => {
    const { clock, running, pid } = await started("echo begun; echo $$ >&4; exec sleep 60");
    await clock.advance(5000);
    expect(await running).toEqual({ kind: "timeout", stdout: "begun\n", stderr: "" });
    expect(isAlive(pid)).toBe(false);
    expect(clock.pending()).toEqual([]);
  });

  it("kills a child that ignores SIGTERM a second later, and does not wait for its children", async () => {
    const { clock, running, pid } = await started("trap '' TERM; echo $$ >&4; while :; do sleep 1; done");
    await clock.advance(5000);
    expect(isAlive(pid)).toBe(true);
    await clock.advance(1000);
    expect(await running).toMatchObject({ kind: "timeout" });
    expect(isAlive(pid)).toBe(false);
  });

  it("returns the result of a child that has ended while a grandchild holds its output", async () => {
    const { clock, running, pid } = await started("echo done; sleep 5 & echo $$ >&4; exit 4");
    while (isAlive(pid)) await turn();
    await clock.advance(5000);
    expect(await running).toEqual({ kind: "exited", code: 4, stdout: "done\n", stderr: "" });
  });

  it("ends an endless output at the limit", async () => {
    const result = await shell("exec yes", { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ kind: "tooMuchOutput", stdout: "y\n".repeat(500) });
    expect(await shell("printf 12345", { maxOutputBytes: 5 })).toMatchObject({ kind: "exited", stdout: "12345" });
  });

  it("aborts before and during a run", async () => {
    expect(await shell("echo x", { signal: AbortSignal.abort() })).toEqual({ kind: "aborted", stdout: "", stderr: "" });
    const controller = new AbortController();
    const running = shell("exec sleep 60", { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect(await running).toMatchObject({ kind: "aborted" });
  });

  it("takes a wrong descriptor and a NUL for a bug", async () => {
    await expect(shell("true", { inputs: { 1: "x" } })).rejects.toThrow(RangeError);
    await expect(createProcesses().run(["echo", "a\0b"], { timeoutMs: 1000 })).rejects.toThrow(TypeError);
  });

  it("reports arguments that the kernel refuses as an error of the machine", async () => {
    await expect(createProcesses().run(["echo", "x".repeat(3_000_000)], { timeoutMs: 1000 })).rejects.toMatchObject({
      name: "HalError",
    });
  });
});
