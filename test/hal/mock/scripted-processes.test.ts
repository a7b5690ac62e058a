import { describe, expect, it } from "vitest";
import { createScriptedProcesses } from "../../../hal/mock/scripted-processes.ts";

const limits = { timeoutMs: 1000 };

describe("scripted processes", () => {
  it("plays the script in order and records what was run", async () => {
    const processes = createScriptedProcesses([
      { expect: ["ip", "link"], reply: { stdout: "lan0" } },
      { expect: ([program]) => program === "nmcli", reply: ({ length }) => ({ code: length, stderr: "no" }) },
      { expect: ["curl"], reply: { kind: "notFound", program: "curl" } },
    ]);
    expect(await processes.run(["ip", "link"], limits)).toEqual({
      kind: "exited",
      code: 0,
      stdout: "lan0",
      stderr: "",
    });
    expect(await processes.run(["nmcli", "x"], { ...limits, inputs: { 0: "in" } })).toEqual({
      kind: "exited",
      code: 2,
      stdout: "",
      stderr: "no",
    });
    expect(await processes.run(["curl"], limits)).toEqual({ kind: "notFound", program: "curl" });
    expect(processes.runs[1]?.options.inputs).toEqual({ 0: "in" });
    processes.done();
  });

  it("fails the test for a run that is left", async () => {
    const processes = createScriptedProcesses([{ expect: ["ip", "link"], reply: {} }]);
    expect(() => processes.done()).toThrow('never run: ["ip","link"]');
  });

  it("fails the test for an unexpected run, though the code under test swallows the error", async () => {
    const processes = createScriptedProcesses([{ expect: ["ip", "link"], reply: {} }]);
    await expect(processes.run(["ip", "addr"], limits)).rejects.toThrow('got ["ip","addr"]');
    await expect(processes.run(["ip", "route"], limits)).rejects.toThrow("no further run");
    expect(() => processes.done()).toThrow(/run 1: .*\nrun 2: /);
  });

  it("hangs until it is aborted", async () => {
    const processes = createScriptedProcesses([
      { expect: ["curl"], reply: "hangs" },
      { expect: ["curl"], reply: {} },
    ]);
    const controller = new AbortController();
    const running = processes.run(["curl"], { ...limits, signal: controller.signal });
    setImmediate(() => setImmediate(() => controller.abort()));
    expect(await running).toEqual({ kind: "aborted", stdout: "", stderr: "" });
    expect(await processes.run(["curl"], { ...limits, signal: controller.signal })).toMatchObject({ kind: "aborted" });
    processes.done();
  });
});
