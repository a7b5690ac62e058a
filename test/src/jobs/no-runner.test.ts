import { expect, it } from "vitest";
import { createNoRunner } from "../../../src/jobs/no-runner.ts";
import { createSomeLog } from "../../support/some-log.ts";

it("a machine without jobs fails each one at once, and says so", async () => {
  const { log, lines } = createSomeLog();
  const order = { id: "7", kind: "scan", parameters: {} } as const;
  const control = { signal: new AbortController().signal, progress: () => expect.unreachable("it makes no progress") };
  expect(await createNoRunner(log).run(order, control)).toBe("failed");
  expect(lines).toEqual(["warn: job refused: this version carries out no jobs on this machine"]);
});
