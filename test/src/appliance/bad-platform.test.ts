import { describe, expect, it } from "vitest";
import { createScriptedPlatform, type ScriptedPlatform, spoils } from "../../support/scripted-platform.ts";
import { startBox, startedBox } from "./harness.ts";

const roundMs = 220_000;

describe("a reply that is not what it should be", () => {
  const rows: readonly [name: string, fault: ScriptedPlatform["fault"], message: string, detail: RegExp][] = [
    ["too long", () => ({ kind: "tooLarge", maxReplyBytes: 1_048_576 }), "Malformed QG reply", /1048576/],
    ["with a field that nobody knows", spoils((good) => ({ ...good, more: 1 })), "Malformed QG reply", /more/],
    [
      "with a job that is wrong",
      spoils((good) => ({ ...good, jobs: [{ id: "a b", kind: "scan", parameters: {} }] })),
      "Malformed QG reply",
      /jobs\.0\.id/,
    ],
    [
      "with a good job, but of an older request",
      spoils((good) => ({ ...good, nonce: "x".repeat(22), jobs: [{ id: "a", kind: "scan", parameters: {} }] })),
      "Malformed QG reply",
      /nonce/,
    ],
    [
      "with a name that no glass can show",
      spoils((good) => ({ ...good, registration: { ...good.registration, name: "böx\x1b[2J" } })),
      "Malformed QG reply",
      /name/,
    ],
    ["late", "hangs", "Timeout was reached (28)", /timed out/],
  ];

  it.each(rows)("%s: said, and nothing has changed", async (_name, fault, message, detail) => {
    const box = await startedBox();
    const { registration, settings } = box.facts();
    box.platform.fault = fault;
    await box.until("communication-failure", roundMs + 60_000);
    expect(box.facts()).toMatchObject({ fault: { message }, registration, settings, jobs: [] });
    expect(box.facts().fault?.detail).toMatch(detail);
    box.platform.fault = null;
    await box.until("home", roundMs);
    expect(box.glass()[0]).toBe("is_box         ↵");
  });
});

describe("curl", () => {
  it("is missing: said by name, and what to do", async () => {
    const platform = createScriptedPlatform();
    platform.fault = () => ({ kind: "unavailable", message: "curl is not installed" });
    const box = await startBox({ curl: "missing", platform });
    await box.until("network-error");
    expect(box.glass()).toEqual(["curl is not  →↓↵", "installed       "]);
    expect(box.facts().fault?.next).toBe("Install the package curl on this machine.");
    expect(box.log.some((line) => line.startsWith("error: ") && line.includes("curl"))).toBe(true);
  });
});
