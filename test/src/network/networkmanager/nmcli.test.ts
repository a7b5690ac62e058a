import { describe, expect, it } from "vitest";
import { createScriptedProcesses, type Reply } from "../../../../hal/mock/scripted-processes.ts";
import type { Argv, Exited, Processes } from "../../../../hal/processes.ts";
import { createNmcli } from "../../../../src/network/networkmanager/nmcli.ts";
import { type Profile, profileUuids } from "../../../../src/network/networkmanager/profile.ts";

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

const lan: Profile = {
  uuid: profileUuids.lan,
  type: "ethernet",
  interface: "lan0",
  vlan: 0,
  fixed: null,
  properties: [],
};
const timeout: Exited = { kind: "timeout", stdout: "", stderr: "" };

/** A NetworkManager that has profiles and nothing else. `answer` goes before its own. */
function openManager() {
  const profiles = new Set<string>();
  const commands: string[] = [];
  const manager = {
    profiles,
    commands,
    answer: (_command: string): Promise<Exited> | null => null,
  };
  const exit = (code: number, stdout = ""): Exited => ({ kind: "exited", code, stdout, stderr: "" });
  const own = (command: string, uuids: readonly string[]): Exited => {
    const [first = ""] = uuids;
    const count = uuids.findIndex((uuid) => !profiles.has(uuid));
    switch (command) {
      case "show": {
        const shown = count === -1 ? uuids : uuids.slice(0, count);
        return exit(count === -1 ? 0 : 10, shown.map((uuid) => `connection.uuid:${uuid}\n`).join("\n"));
      }
      case "add":
        profiles.add(first);
        return exit(0);
      case "delete":
        return exit(profiles.delete(first) ? 0 : 10);
      default:
        return exit(profiles.has(first) ? 0 : 10);
    }
  };
  const run = async (argv: Argv) => {
    const command = argv[argv.indexOf("connection") + 1] ?? "";
    const uuids = argv.filter((word) => Object.values<string>(profileUuids).includes(word));
    commands.push(command);
    return (await manager.answer(command)) ?? own(command, uuids);
  };
  const processes: Processes = { run };
  return { manager, nmcli: createNmcli(processes) };
}

describe("what there is", () => {
  const uuidsOf = async (nmcli: ReturnType<typeof createNmcli>) => {
    const read = await nmcli.read(never);
    return read.ok ? read.value.map(({ uuid }) => uuid) : read.error;
  };

  it.each(["timeout", "abort"])("a profile that is made after its %s is seen, and removed", async (end) => {
    const { manager, nmcli } = openManager();
    const abort = new AbortController();
    manager.answer = (command) => {
      if (command !== "add") return null;
      // A reading that begins and ends meanwhile finds nothing.
      return uuidsOf(nmcli).then((uuids) => {
        expect(uuids).toEqual([]);
        if (end === "abort") abort.abort(new Error("enough"));
        return timeout;
      });
    };
    const written = nmcli.write(lan, abort.signal);
    if (end === "abort") await expect(written).rejects.toThrow("enough");
    else expect(await written).toMatchObject({ ok: false, error: { kind: "timeout" } });
    expect(await uuidsOf(nmcli)).toEqual([]);
    expect(await nmcli.remove(lan.uuid, never)).toEqual({ ok: true, value: null });
    manager.profiles.add(lan.uuid);
    expect(await uuidsOf(nmcli)).toEqual([lan.uuid]);
    expect(await nmcli.remove(lan.uuid, never)).toEqual({ ok: true, value: null });
    expect([...manager.profiles]).toEqual([]);
    manager.commands.length = 0;
    expect(await nmcli.remove(lan.uuid, never)).toEqual({ ok: true, value: null });
    expect(manager.commands).toEqual([]);
  });

  it("a reading that a change overtakes believes nothing", async () => {
    const { manager, nmcli } = openManager();
    let isFirst = true;
    manager.answer = (command) => {
      if (command !== "show" || !isFirst) return null;
      isFirst = false;
      return nmcli.write(lan, never).then(() => ({ kind: "exited", code: 10, stdout: "", stderr: "" }));
    };
    expect(await uuidsOf(nmcli)).toEqual([]);
    expect(await uuidsOf(nmcli)).toEqual([lan.uuid]);
  });

  it("a new profile activates itself once it was brought up, or when it is there already", async () => {
    const { manager, nmcli } = openManager();
    const commands = async (act: () => Promise<unknown>) => {
      manager.commands.length = 0;
      await act();
      return manager.commands.join(" ");
    };
    const write = () => nmcli.write(lan, never);
    const up = () => nmcli.up(lan.uuid, never);
    expect(await commands(write)).toBe("modify add");
    expect(await commands(up)).toBe("up modify");
    expect(await commands(up)).toBe("up");
    await nmcli.remove(lan.uuid, never);
    await write();
    expect(await commands(write)).toBe("modify");
    expect(await commands(up)).toBe("up");
    await nmcli.remove(lan.uuid, never);
    await write();
    await nmcli.remove(lan.uuid, never);
    expect(await commands(up)).toBe("up");
  });
});
