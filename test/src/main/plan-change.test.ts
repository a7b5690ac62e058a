import { expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { defaultConfig } from "../../../src/config/load.ts";
import { planChange } from "../../../src/main/plan-change.ts";
import { createModelBackend } from "../../support/model-backend.ts";

it("says what brings the machine to the stored settings, and does none of it", async () => {
  const backend = createModelBackend();
  const parts = { backend, files: createMemoryFiles(), clock: createFakeClock() };
  expect(await planChange(defaultConfig(), parts)).toEqual({ ok: true, value: "configure LAN: DHCP\n" });
  expect(backend.operations).toEqual([]);
});

it("says why the machine cannot be read", async () => {
  const backend = createModelBackend();
  backend.blind(new HalError("absent", "NetworkManager", "is not running"));
  const parts = { backend, files: createMemoryFiles(), clock: createFakeClock() };
  expect(await planChange(defaultConfig(), parts)).toEqual({ ok: false, error: "NetworkManager: is not running" });
});
