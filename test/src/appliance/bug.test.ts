import { describe, expect, it } from "vitest";
import type { NetworkBackend } from "../../../src/network/backend.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

const bug = new TypeError("a bug of ours");

/** A back end that is sound until `strike` is called. */
function timeBomb(method: "perform" | "observe"): {
  tamper: (backend: NetworkBackend) => NetworkBackend;
  strike(): void;
} {
  let struck = false;
  return {
    tamper: (backend) => {
      const fatal = { ...backend, [method]: () => Promise.reject(bug) };
      return {
        ...backend,
        perform: (operation, signal) => (struck ? fatal : backend).perform(operation, signal),
        observe: (signal) => (struck ? fatal : backend).observe(signal),
      };
    },
    strike: () => {
      struck = true;
    },
  };
}

async function dies(box: Bench): Promise<void> {
  const died = box.ended.then(
    () => "ended well",
    (error: unknown) => error,
  );
  await box.advance(5000);
  expect(await died).toBe(bug);
  expect(box.told.at(-1)).toBe("stopping");
  // Nothing goes on behind it.
  const polls = box.platform.polls.length;
  await box.advance(600_000);
  expect(box.platform.polls.length).toBe(polls);
}

describe("a bug of ours ends everything, for the service manager to start it again", () => {
  it.each(["perform", "observe"] as const)("in %s of the network at the start", async (method) => {
    const { tamper, strike } = timeBomb(method);
    strike();
    const box = await startBox({ tamper });
    await box.advance(2500);
    await dies(box);
  });

  it("in a change asked for at the panel", async () => {
    const { tamper, strike } = timeBomb("perform");
    const box = await startedBox({ tamper });
    strike();
    await box.press("ENTER", "ENTER", "ENTER");
    await dies(box);
  });

  it("in looking at the network when a cable is pulled", async () => {
    const { tamper, strike } = timeBomb("observe");
    const box = await startedBox({ tamper });
    strike();
    box.world.patch({ lan: { cable: false } });
    await dies(box);
  });

  it("while a poll is made", async () => {
    const box = await startedBox();
    box.platform.fault = () => {
      throw bug;
    };
    await box.advance(200_000);
    await dies(box);
  });
});
