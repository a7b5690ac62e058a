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

  it("gathers the output in a file, to the same end", async () => {
    const toFile = { stdoutTo: "file" } as const;
    const printed = await shell("printf 'some '; printf words; echo and an error >&2; exit 3", toFile);
    expect(printed).toEqual({ kind: "exited", code: 3, stdout: "some words", stderr: "and an error\n" });
    expect(await shell("printf 123456", { ...toFile, maxOutputBytes: 5 })).toMatchObject({
      kind: "tooMuchOutput",
      stdout: "12345",
    });
    expect(await shell("cat", { ...toFile, inputs: { 0: "x".repeat(100_000) } })).toMatchObject({
      kind: "exited",
      stdout: "x".repeat(100_000),
    });
    expect(await shell("printf '\\377'", { ...toFile, stdoutEncoding: "latin1" })).toMatchObject({ stdout: "\xff" });
    expect(await shell("exec sleep 60", { ...toFile, timeoutMs: 200 })).toMatchObject({ kind: "timeout" });
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

describe("Linux processes that last", () => {
  async function follow(script: string, options: { maxLineBytes?: number } = {}) {
    const lines: string[] = [];
    const signal = new AbortController().signal;
    const line = (text: string) => lines.push(text);
    const ended = await createProcesses().follow(["sh", "-c", script], { line, signal, ...options });
    return { lines, ended };
  }

  it("hands over each line as it comes and the end as a value", async () => {
    const { lines, ended } = await follow("printf 'a\\n\\nb c\\n'; echo why >&2; printf last; exit 3");
    expect(lines).toEqual(["a", "", "b c", "last"]);
    expect(ended).toEqual({ kind: "exited", code: 3, stdout: "", stderr: "why\n" });
  });

  it("puts a line together that comes in pieces, inside a character too", async () => {
    const { lines } = await follow("printf '\\303'; sleep 0.05; printf '\\244x'; sleep 0.05; printf 'y\\nz\\n'");
    expect(lines).toEqual(["\u00e4xy", "z"]);
  });

  it("cuts lines that are too long and goes on behind them", async () => {
    const { lines } = await follow("printf '12345\\n123456\\n'; head -c 300000 /dev/zero; printf '\\nend\\n'", {
      maxLineBytes: 5,
    });
    expect(lines).toEqual(["12345", "12345", "\0\0\0\0\0", "end"]);
  });

  it("bounds the error output without ending the child", async () => {
    const { lines, ended } = await follow("head -c 300000 /dev/zero >&2; echo still there");
    expect(lines).toEqual(["still there"]);
    expect(ended.kind === "exited" && ended.stderr.length).toBe(2 ** 16);
  });

  it("says that a program is not there", async () => {
    const options = { line: () => {}, signal: new AbortController().signal };
    const ended = await createProcesses().follow(["no-such-program-here"], options);
    expect(ended).toEqual({ kind: "notFound", program: "no-such-program-here" });
  });

  it("ends the child with its signal, before and while it runs", async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const line = (text: string) => {
      lines.push(text);
      controller.abort();
    };
    const options = { line, signal: controller.signal };
    const script = "echo $$; while echo more; do sleep 0.01; done";
    const ended = await createProcesses().follow(["sh", "-c", script], options);
    expect(ended).toMatchObject({ kind: "aborted", stdout: "" });
    expect(lines).toHaveLength(1);
    expect(isAlive(Number(lines[0]))).toBe(false);
    expect(await createProcesses().follow(["echo", "x"], options)).toEqual({ kind: "aborted", stdout: "", stderr: "" });
    expect(lines).toHaveLength(1);
  });

  it("kills a child that ignores SIGTERM a second later", async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    let pid = 0;
    const line = (text: string) => {
      pid = Number(text);
    };
    const script = "trap '' TERM; echo $$; while :; do sleep 1; done";
    const following = createProcesses({ clock }).follow(["sh", "-c", script], { line, signal: controller.signal });
    while (pid === 0) await turn();
    controller.abort();
    expect(isAlive(pid)).toBe(true);
    await clock.advance(1000);
    expect(await following).toMatchObject({ kind: "aborted" });
    expect(clock.pending()).toEqual([]);
  });
});
