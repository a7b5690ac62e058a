import { describe, expect, it } from "vitest";
import { createNotify } from "../../../hal/linux/notify.ts";
import { createScriptedProcesses } from "../../../hal/mock/scripted-processes.ts";
import type { Exited, Processes } from "../../../hal/processes.ts";

describe("notify", () => {
  const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it("is silent without a service manager", async () => {
    const notify = createNotify({ socket: undefined, watchdog: "1", processes: createScriptedProcesses([]) });
    for (const tell of [notify.ready, notify.alive, notify.stopping]) tell();
    notify.status("x");
    await settled();
    expect(notify.heartbeatMs).toBeNull();
  });

  it("says what waits in one message, once the one before has been taken", async () => {
    const told: string[] = [];
    const ends: (() => void)[] = [];
    const processes: Processes = {
      run: (argv) => {
        told.push(argv.join(" "));
        return new Promise<Exited>((resolve) => ends.push(() => resolve({ kind: "notFound", program: "x" })));
      },
    };
    const notify = createNotify({ socket: "/run/x", watchdog: "30000000", processes });
    notify.ready();
    notify.status("one");
    await settled();
    expect(told).toEqual(["systemd-notify READY=1 STATUS=one"]);
    notify.status("two");
    notify.alive();
    notify.status("three\nlines");
    notify.alive();
    notify.stopping();
    await settled();
    expect(told).toHaveLength(1);
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await settled();
    }
    expect(told.slice(1)).toEqual(["systemd-notify STATUS=three lines WATCHDOG=1 STOPPING=1"]);
  });

  it.each([
    ["60000000", 20_000],
    [undefined, null],
    ["", null],
    ["0", null],
    ["-1", null],
    ["soon", null],
  ])("WATCHDOG_USEC %s: a heartbeat every %s ms", async (watchdog, heartbeatMs) => {
    const told: string[] = [];
    const processes: Processes = {
      run: async (argv) => {
        told.push(argv.join(" "));
        return { kind: "notFound", program: "x" };
      },
    };
    const notify = createNotify({ socket: "/run/x", watchdog, processes });
    notify.alive();
    await settled();
    expect(notify.heartbeatMs).toBe(heartbeatMs);
    expect(told).toEqual(heartbeatMs === null ? [] : ["systemd-notify WATCHDOG=1"]);
  });

  it("does not mind a child that cannot be started", async () => {
    let runs = 0;
    const run = () => {
      runs++;
      return Promise.reject(new Error("no memory"));
    };
    const notify = createNotify({ socket: "/run/x", watchdog: undefined, processes: { run } });
    notify.ready();
    await settled();
    notify.stopping();
    await settled();
    expect(runs).toBe(2);
  });
});
