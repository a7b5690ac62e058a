import { describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import type { Argv, Processes } from "../../../hal/processes.ts";
import { findHolder } from "../../../src/helper/arping.ts";
import { hasTool } from "../../support/tools.ts";

const never = new AbortController().signal;

/** iputils-arping 20221126. */
const taken = `ARPING 10.77.0.20 from 0.0.0.0 lan0
Unicast reply from 10.77.0.20 [EA:3D:F7:E0:0C:B1]  0.528ms
Sent 1 probes (1 broadcast(s))
Received 1 response(s)
`;
const free = "ARPING 10.77.0.20 from 0.0.0.0 lan0\nSent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n";
/** Without `-D` in this sense: "." for no answer, and the ending the other way round. */
const otherProgram =
  "ARPING 10.77.0.20\n..\n--- 10.77.0.20 statistics ---\n2 packets transmitted, 0 packets received\n";

describe("the holder of an address", () => {
  it.each<[string, Reply, object]>([
    ["answers", { code: 1, stdout: taken }, { ok: true, value: "ea:3d:f7:e0:0c:b1" }],
    ["does not answer", { code: 0, stdout: free }, { ok: true, value: null }],
    [
      "cannot be asked, the port is down",
      { code: 2, stderr: 'Interface "lan0" is down\n' },
      { ok: false, error: { kind: "refused", detail: 'lan0: arping ended with 2: Interface "lan0" is down' } },
    ],
    [
      "is said to be there, but not who",
      { code: 1, stdout: "" },
      { ok: false, error: { kind: "refused", detail: "lan0: arping ended with 1: no word" } },
    ],
    [
      "was asked for by the other program of this name",
      { code: 0, stdout: otherProgram },
      { ok: false, error: { kind: "refused", detail: "lan0: arping ended with 0: ARPING 10.77.0.20" } },
    ],
    [
      "cannot be asked, arping is missing",
      { kind: "notFound", program: "arping" },
      { ok: false, error: { kind: "refused", detail: expect.stringContaining("iputils-arping") } },
    ],
    [
      "cannot be asked, arping hangs",
      { kind: "timeout", stdout: "", stderr: "" },
      { ok: false, error: { kind: "timeout" } },
    ],
  ])("%s", async (_, reply, result) => {
    const expected = ["arping", "-D", "-c", "2", "-w", "2", "-I", "lan0", "10.77.0.20"] as const;
    const processes = createScriptedProcesses([{ expect: expected, reply }]);
    expect(await findHolder(processes, "lan0", "10.77.0.20", never)).toMatchObject(result);
    processes.done();
  });
});

const able = process.getuid?.() === 0 && hasTool("arping") && hasTool("ip");

describe.skipIf(!able)("on a wire of the kernel (needs root, ip and arping)", { timeout: 60_000 }, () => {
  it("the one who has the address answers, and nobody answers for another", async () => {
    const processes = createProcesses();
    const [near, far] = [`bezel-arp-${process.pid}`, `bezel-arp-far-${process.pid}`];
    const ip = async (...args: string[]) => {
      expect(await processes.run(["ip", ...args], { timeoutMs: 30_000 })).toMatchObject({ code: 0, stderr: "" });
    };
    const inside: Processes = {
      run: (argv: Argv, options) => processes.run(["ip", "netns", "exec", near, ...argv], options),
    };
    await ip("netns", "add", near);
    await ip("netns", "add", far);
    try {
      await ip("-n", near, "link", "add", "lan0", "type", "veth", "peer", "name", "far0", "netns", far);
      await ip("-n", far, "link", "set", "far0", "address", "02:00:00:00:00:99");
      await ip("-n", far, "address", "add", "10.77.0.5/24", "dev", "far0");
      await ip("-n", far, "link", "set", "far0", "up");
      await ip("-n", near, "link", "set", "lan0", "up");
      expect(await findHolder(inside, "lan0", "10.77.0.5", never)).toEqual({ ok: true, value: "02:00:00:00:00:99" });
      expect(await findHolder(inside, "lan0", "10.77.0.6", never)).toEqual({ ok: true, value: null });
      expect(await findHolder(inside, "wan0", "10.77.0.6", never)).toMatchObject({
        ok: false,
        error: { kind: "refused", detail: expect.stringContaining("wan0") },
      });
    } finally {
      await ip("netns", "delete", near);
      await ip("netns", "delete", far);
    }
  });
});
