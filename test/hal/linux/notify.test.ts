import { describe, expect, it } from "vitest";
import { createNotify } from "../../../hal/linux/notify.ts";
import { createScriptedProcesses } from "../../../hal/mock/scripted-processes.ts";
import type { Exited, Processes } from "../../../hal/processes.ts";

describe("notify", () => {
  const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it("is silent without a service manager", () => {
    const notify = createNotify({ socket: undefined, watchdog: "1", processes: createScriptedProcesses([]) });
    for (const tell of [notify.ready, notify.alive, notify.stopping]) tell();
    notify.status("x");
  });

  it("tells in order, one line at a time, and keeps only the last status and one heartbeat waiting", async () => {
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
    notify.status("two\nlines");
    notify.alive();
    notify.alive();
    notify.stopping();
    expect(told).toEqual(["systemd-notify --no-block READY=1"]);
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await settled();
    }
    expect(told.slice(1)).toEqual([
      "systemd-notify --no-block STATUS=two lines",
      "systemd-notify --no-block WATCHDOG=1",
      "systemd-notify --no-block STOPPING=1",
    ]);
  });

  it("starts no child for a heartbeat that nobody waits for", () => {
    const notify = createNotify({ socket: "/run/x", watchdog: undefined, processes: createScriptedProcesses([]) });
    notify.alive();
  });

  it("does not mind a child that cannot be started", async () => {
    let runs = 0;
    const run = () => {
      runs++;
      return Promise.reject(new Error("no memory"));
    };
    const notify = createNotify({ socket: "/run/x", watchdog: undefined, processes: { run } });
    notify.ready();
    notify.stopping();
    await settled();
    expect(runs).toBe(2);
  });
});
