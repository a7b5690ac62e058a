import { describe, expect, it } from "vitest";
import { createPower } from "../../../hal/linux/power.ts";
import { createScriptedProcesses } from "../../../hal/mock/scripted-processes.ts";

describe("power", () => {
  it.each([
    ["reboot", "reboot"],
    ["powerOff", "poweroff"],
  ] as const)("%s asks systemd", async (method, verb) => {
    const expected = ["systemctl", "--no-ask-password", "--no-wall", verb] as const;
    const processes = createScriptedProcesses([{ expect: expected, reply: {} }]);
    await createPower({ processes })[method]();
    processes.done();
  });

  it.each([
    [{ code: 1, stderr: "Failed to reboot system via logind: Interactive authentication required.\n" }, "denied"],
    [{ code: 1, stderr: "Failed to talk to init daemon.\n" }, "io"],
    [{ code: 1 }, "io"],
    [{ kind: "timeout", stdout: "", stderr: "" }, "io"],
    [{ kind: "notFound", program: "systemctl" }, "unsupported"],
  ] as const)("%j rejects with kind %s", async (reply, kind) => {
    const processes = createScriptedProcesses([{ expect: () => true, reply }]);
    await expect(createPower({ processes }).reboot()).rejects.toMatchObject({
      name: "HalError",
      kind,
      device: "systemd",
    });
  });

  it("passes on the presses of the board's button", () => {
    const listeners = new Set<() => void>();
    const power = createPower({
      processes: createScriptedProcesses([]),
      button: (pressed) => {
        listeners.add(pressed);
        return () => listeners.delete(pressed);
      },
    });
    let presses = 0;
    const stop = power.onButton(() => presses++);
    for (const listener of listeners) listener();
    stop();
    expect([presses, listeners.size]).toEqual([1, 0]);
    createPower({ processes: createScriptedProcesses([]) }).onButton(() => presses++)();
  });
});
