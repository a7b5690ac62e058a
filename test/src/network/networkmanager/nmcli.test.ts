import { describe, expect, it } from "vitest";
import { createScriptedProcesses, type Reply } from "../../../../hal/mock/scripted-processes.ts";
import { createNmcli } from "../../../../src/network/networkmanager/nmcli.ts";

const never = new AbortController().signal;
const after = (reply: Reply) => createNmcli(createScriptedProcesses([{ expect: () => true, reply }])).up("uuid", never);

describe("nmcli", () => {
  it.each<[Reply, string, string]>([
    [{ code: 1, stderr: "Error: not authorized\n" }, "refused", "not authorized"],
    [
      { code: 1, stderr: "Error: Could not create NMClient object: x\n" },
      "unavailable",
      "Could not create NMClient object: x",
    ],
    [{ code: 2, stderr: "Error: bad\nHint: y\n" }, "refused", "bad"],
    [{ code: 3, stderr: "Error: Timeout expired (45 seconds)\n" }, "timeout", "Timeout expired (45 seconds)"],
    [
      { code: 4, stderr: "Error: Connection activation failed: z\n" },
      "notActivated",
      "Connection activation failed: z",
    ],
    [{ code: 8 }, "unavailable", "nmcli ended with 8"],
    [{ code: 10, stderr: "Error: unknown connection 'uuid'.\n" }, "unknown", "unknown connection 'uuid'."],
    [{ code: 137 }, "refused", "nmcli ended with 137"],
    [{ kind: "notFound", program: "nmcli" }, "unavailable", 'nmcli is missing; install the package "network-manager"'],
    [{ kind: "timeout", stdout: "", stderr: "" }, "timeout", "NetworkManager does not answer"],
    [{ kind: "tooMuchOutput", stdout: "", stderr: "" }, "refused", "nmcli was ended: tooMuchOutput"],
  ])("%j", async (reply, kind, detail) => expect(await after(reply)).toEqual({ ok: false, error: { kind, detail } }));

  it("ends with its signal", async () => {
    const abort = new AbortController();
    const nmcli = createNmcli(createScriptedProcesses([{ expect: () => true, reply: "hangs" }]));
    const running = nmcli.up("uuid", abort.signal);
    setImmediate(() => setImmediate(() => abort.abort(new Error("enough"))));
    await expect(running).rejects.toThrow("enough");
  });
});
