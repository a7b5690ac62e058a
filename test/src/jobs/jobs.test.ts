import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createTimedRunner } from "../../../sim/timed-runner.ts";
import { createJobs, type JobRunner } from "../../../src/jobs/jobs.ts";
import type { Job } from "../../../src/model/facts.ts";
import { type Log, silentLog } from "../../../src/model/log.ts";

function setUp(runner?: JobRunner, log: Log = silentLog) {
  const clock = createFakeClock();
  let jobs: readonly Job[] = [];
  const publish = (now: readonly Job[]) => {
    jobs = now;
  };
  const room = createJobs({ runner: runner ?? createTimedRunner(clock), publish, log });
  return { clock, room, states: () => jobs.map(({ id, state, percent }) => `${id} ${state} ${percent}`) };
}
const scan = (id: string, parameters = {}) => ({ id, kind: "scan" as const, parameters });
const update = (id: string) => ({ id, kind: "update" as const, parameters: {} });
const patience = () => new AbortController().signal;

describe("jobs", () => {
  it("run once, however often the order is repeated, and tell how far they are", async () => {
    const { clock, room, states } = setUp();
    room.accept([scan("a", { seconds: 100 })], []);
    await clock.advance(30_000);
    room.accept([scan("a", { seconds: 100 })], []);
    expect(states()).toEqual(["a running 30"]);
    await clock.advance(70_000);
    expect(states()).toEqual(["a done 100"]);
    room.accept([scan("a")], []);
    expect(states()).toEqual(["a done 100"]);
    expect(clock.pending()).toEqual([]);
  });

  it("stop when the platform cancels them", async () => {
    const { clock, room, states } = setUp();
    room.accept([scan("a"), scan("b")], []);
    await clock.advance(6000);
    room.accept([], ["a", "unknown"]);
    expect(states()).toEqual(["b running 10", "a canceling 10"]);
    await clock.advance(2000);
    expect(states()).toEqual(["b running 13", "a canceled 10"]);
  });

  it("are canceled in the reply that orders them", async () => {
    const { clock, room, states } = setUp();
    room.accept([scan("a")], ["a"]);
    await clock.advance(2000);
    expect(states()).toEqual(["a canceled 0"]);
  });

  it("whose runner breaks have failed, and the log says why", async () => {
    const error = new Error("no scanner");
    const logged: object[] = [];
    const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
    const { clock, room, states } = setUp({ run: () => Promise.reject(error) }, log);
    room.accept([scan("a")], []);
    await clock.advance(0);
    expect(states()).toEqual(["a failed 0"]);
    // The writer of the log spells errors out under this name only.
    expect(logged).toEqual([{ id: "a", kind: "scan", err: error }]);
  });
});

describe("cancelAll", () => {
  it("resolves when the last one has stopped", async () => {
    const { clock, room, states } = setUp();
    room.accept([scan("a", { cancelSeconds: 1 }), scan("b", { cancelSeconds: 3 }), update("u")], []);
    let stopped: boolean | null = null;
    void room.cancelAll(patience(), "scan").then((all) => {
      stopped = all;
    });
    await clock.advance(2999);
    expect(stopped).toBeNull();
    await clock.advance(1);
    expect(stopped).toBe(true);
    expect(states()).toEqual(["u running 5", "b canceled 0", "a canceled 0"]);
  });

  it("resolves at once when there is none", async () => {
    const { room } = setUp();
    room.accept([update("u")], []);
    expect(await room.cancelAll(patience(), "scan")).toBe(true);
    const gone = AbortSignal.abort();
    expect(await room.cancelAll(gone)).toBe(false);
  });

  it("gives up when its signal aborts, and the job goes on stopping", async () => {
    const { clock, room, states } = setUp();
    room.accept([scan("a", { cancelSeconds: 60 })], []);
    const stop = new AbortController();
    const canceled = room.cancelAll(stop.signal);
    await clock.advance(10_000);
    stop.abort();
    expect(await canceled).toBe(false);
    await clock.advance(50_000);
    expect(states()).toEqual(["a canceled 0"]);
  });
});
