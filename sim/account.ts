import type { Stop } from "../hal/clock.ts";
import type { KnownAppliance } from "../platform/fleet.ts";
import type { PlatformControl } from "../platform/platform.ts";
import { failed, ok, type Result } from "../src/model/result.ts";
import type { BenchPatch, PlatformState } from "./bench-document.ts";
import { createListeners } from "./listeners.ts";

/** The bench's one box in its account on the reference platform. */
export interface Account {
  state(): PlatformState;
  /** Resolves when the change is in force. Before the box's first poll it is kept for it. */
  set(change: NonNullable<BenchPatch["platform"]>): Promise<void>;
  /** Orders a job at the box's next poll, or cancels all that have not ended; fails in words for people. */
  order(kind: "scan" | "update", seconds: number): Result<null, string>;
  cancelJobs(): void;
  /** Told after `set` and after each poll. */
  subscribe(changed: () => void): Stop;
}

const ended = ["done", "canceled", "failed"];

export function createAccount(platform: PlatformControl, activated: boolean): Account {
  const { tell, subscribe } = createListeners();
  // What the box will find at its first poll, and a name and an indicator for when it is activated.
  let expected = { activated, name: "is_bench", indicator: "P" };
  const foresee = () => {
    const { name, indicator } = expected;
    platform.activateOnSight(expected.activated ? { name, indicator } : null);
  };
  /** The box: of several in a kept store the one that polled last. */
  const box = (): KnownAppliance | null => {
    const polled = (appliance: KnownAppliance) => appliance.lastPoll?.at ?? "";
    return [...platform.appliances()].sort((a, b) => polled(a).localeCompare(polled(b))).at(-1) ?? null;
  };
  if (activated) foresee();
  platform.subscribe(tell);

  return {
    state: () => {
      const known = box();
      if (known === null) return { answer: platform.answer(), ...expected };
      if (known.state === "unactivated") return { answer: platform.answer(), ...expected, activated: false };
      const { name, indicator } = known;
      return { answer: platform.answer(), activated: true, name, indicator };
    },
    set: async ({ answer, activated: active, name, indicator }) => {
      const known = box();
      const now = known === null || known.state === "unactivated" ? expected : known;
      expected = {
        activated: active ?? expected.activated,
        name: name ?? now.name,
        indicator: indicator ?? now.indicator,
      };
      foresee();
      if (known !== null) {
        const state = active === undefined ? {} : { state: active ? ("active" as const) : ("unactivated" as const) };
        platform.change(known.fingerprint, { ...state, name: expected.name, indicator: expected.indicator });
      }
      if (answer !== undefined) await platform.setAnswer(answer);
      tell();
    },
    order: (kind, seconds) => {
      const known = box();
      if (known === null) return failed("the platform does not know the box yet: it has not polled");
      const queued = platform.queueJob(known.fingerprint, { kind, parameters: { seconds } });
      return queued.ok ? ok(null) : failed(queued.problem);
    },
    cancelJobs: () => {
      const known = box();
      for (const job of known?.jobs ?? []) {
        if (known !== null && !ended.includes(job.state)) platform.cancelJob(known.fingerprint, job.id);
      }
    },
    subscribe,
  };
}
