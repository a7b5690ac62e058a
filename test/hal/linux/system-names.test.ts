import { describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createSystemNames, printLookUp } from "../../../hal/linux/system-names.ts";
import type { Argv } from "../../../hal/processes.ts";
import { bundle } from "../../support/bench-process.ts";

const signal = new AbortController().signal;
const names = (argv: Argv = [process.execPath, bundle, "look-up"]) =>
  createSystemNames({ processes: createProcesses(), argv });

describe("the names of this machine", () => {
  it("are looked up by a process of the program", async () => {
    const answer = await names().lookUp("localhost", 60_000, signal);
    expect(answer.kind === "addresses" && answer.addresses).toContain("127.0.0.1");
  });

  it("need not exist", async () => {
    // RFC 6761 section 6.4; without a name server nobody can say so.
    const answer = await names().lookUp("nobody.invalid", 60_000, signal);
    expect(answer.kind).not.toBe("addresses");
  });

  it("are waited for as long as they may take, or until an abort", async () => {
    const node = names([process.execPath, "-e", "setTimeout(() => {}, 60_000)"]);
    expect(await node.lookUp("x", 50, signal)).toEqual({ kind: "unreachable", code: "ETIMEOUT" });
    const interrupt = new AbortController();
    const left = node.lookUp("x", 60_000, interrupt.signal);
    interrupt.abort();
    expect(await left).toEqual({ kind: "unreachable", code: "ECANCELLED" });
  });

  it("are not known to a process that fails", async () => {
    expect(await names(["false"]).lookUp("x", 60_000, signal)).toEqual({ kind: "unreachable", code: "EUNKNOWN" });
    expect(await names(["/nowhere"]).lookUp("x", 60_000, signal)).toEqual({ kind: "unreachable", code: "EUNKNOWN" });
  });

  it("are printed as they are read", async () => {
    let printed = "";
    await printLookUp("127.0.0.1", (text) => {
      printed += text;
    });
    expect(JSON.parse(printed)).toEqual({ kind: "addresses", addresses: ["127.0.0.1"] });
  });
});
