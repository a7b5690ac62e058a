import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createScriptedProcesses, type Reply, type ScriptedRun } from "../../../hal/mock/scripted-processes.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createHealthWatch } from "../../../src/uplink/health.ts";
import { holding, readHealth } from "../../../src/uplink/health-process.ts";
import { healthSchema } from "../../../src/uplink/protocol.ts";

const argv = ["node", "bezel.cjs", "health", "/var/lib/bezel"] as const;
const health = {
  uptimeSeconds: 60,
  load: 0.5,
  memory: { totalBytes: 1000, availableBytes: 500 },
  disk: null,
  temperatureCelsius: 40,
};
const good: Reply = { stdout: `${JSON.stringify(health)}\n` };

function watch(replies: readonly ScriptedRun["reply"][]) {
  const clock = createFakeClock();
  const processes = createScriptedProcesses(replies.map((reply) => ({ expect: argv, reply })));
  const stop = new AbortController();
  const watched = createHealthWatch({ processes, clock, log: silentLog, argv });
  return { clock, processes, stop, watched, ended: watched.run(stop.signal) };
}

describe("the health watch", () => {
  it("looks at the start and every quarter of an hour, within 5 s", async () => {
    const { clock, processes, stop, watched, ended } = watch([good, good]);
    expect(watched.latest()).toBeNull();
    await clock.advance(0);
    expect(watched.latest()).toEqual(health);
    await clock.advance(15 * 60_000);
    expect(processes.runs.map(({ options }) => options.timeoutMs)).toEqual([30_000, 30_000]);
    stop.abort();
    await ended;
    expect(clock.pending()).toEqual([]);
    processes.done();
  });

  it.each<[string, ScriptedRun["reply"]]>([
    ["fails", { code: 1, stderr: "no" }],
    ["says nothing", {}],
    ["prints something else", { stdout: "[1]" }],
    ["takes too long", { kind: "timeout", stdout: "", stderr: "" }],
    ["is missing", { kind: "notFound", program: "node" }],
    [
      "cannot be started",
      () => {
        throw new HalError("io", "node", "no memory");
      },
    ],
  ])("has none when the look %s, and the next one counts again", async (_what, reply) => {
    const { clock, stop, watched, ended } = watch([good, reply, good]);
    await clock.advance(15 * 60_000);
    expect(watched.latest()).toBeNull();
    await clock.advance(15 * 60_000);
    expect(watched.latest()).toEqual(health);
    stop.abort();
    await ended;
  });

  it("ends while it looks", async () => {
    const { clock, stop, ended } = watch(["hangs"]);
    await clock.advance(0);
    stop.abort();
    await ended;
    expect(clock.pending()).toEqual([]);
  });
});

describe("a look", () => {
  it("at this machine gives what the protocol carries", async () => {
    expect(healthSchema.safeParse(await readHealth("/"))).toMatchObject({ success: true });
  });

  it.each([
    ["/var/lib/bezel", "/var/lib"],
    ["/var/library", "/var"],
    ["/opt", "/"],
    ["/", "/"],
  ])("finds what holds %s", (directory, mount) => {
    expect(holding(directory, [{ mount: "/" }, { mount: "/var/lib" }, { mount: "/var" }])?.mount).toBe(mount);
  });
});
