import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { Config } from "../config/config.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Settings } from "../model/settings.ts";
import { observeMachine } from "../network/apply.ts";
import type { NetworkBackend } from "../network/backend.ts";
import { describeOperation } from "../network/describe.ts";
import { plan } from "../network/plan.ts";
import type { ScanNetwork } from "../network/scan/scan-network.ts";
import { scanWishOf } from "../network/scan/wish.ts";
import { readSettings } from "../settings/recover.ts";

export interface PlanParts {
  readonly backend: NetworkBackend;
  readonly scanNetwork: Pick<ScanNetwork, "plan">;
  readonly files: Files;
  readonly clock: Clock;
}

/** `config plan`: what brings the machine to the stored settings, a line a step; or why that cannot be told. Only reads. */
export async function planChange(
  { state }: Config,
  { backend, scanNetwork, files, clock }: PlanParts,
): Promise<Result<string, string>> {
  try {
    const settings = await readSettings(files, `${state.directory}/settings`);
    const { signal } = new AbortController();
    const observed = await observeMachine({ backend, clock }, signal);
    // That a separation is ordered again at each start changes nothing where it stands.
    const ports = plan(settings, observed, null)
      .filter((operation) => operation.kind !== "separate" || operation.on !== observed.separated)
      .map(describeOperation);
    const lines = [...ports, ...(await scanLines(settings, scanNetwork, signal))];
    return ok(lines.length === 0 ? "nothing to do\n" : lines.map((line) => `${line}\n`).join(""));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return failed(error.message);
  }
}

/** A machine without networks of scans need not be set up for them. */
async function scanLines(
  settings: Settings,
  scanNetwork: PlanParts["scanNetwork"],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wish = scanWishOf(settings);
  const planned = await scanNetwork.plan(wish, signal);
  if (planned.ok) return planned.value;
  return wish.vlans.length === 0 ? [] : [`networks of scans: cannot be told, ${planned.error.detail}`];
}
