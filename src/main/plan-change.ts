import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { Config } from "../config/config.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { observeMachine } from "../network/apply.ts";
import type { NetworkBackend } from "../network/backend.ts";
import { describeOperation } from "../network/describe.ts";
import { plan } from "../network/plan.ts";
import { readSettings } from "../settings/recover.ts";

export interface PlanParts {
  readonly backend: NetworkBackend;
  readonly files: Files;
  readonly clock: Clock;
}

/** `config plan`: what brings the machine to the stored settings, a line a step; or why that cannot be told. Only reads. */
export async function planChange(
  { state }: Config,
  { backend, files, clock }: PlanParts,
): Promise<Result<string, string>> {
  try {
    const settings = await readSettings(files, `${state.directory}/settings`);
    const observed = await observeMachine({ backend, clock }, new AbortController().signal);
    const lines = plan(settings, observed, null).map((operation) => `${describeOperation(operation)}\n`);
    return ok(lines.length === 0 ? "nothing to do\n" : lines.join(""));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return failed(error.message);
  }
}
