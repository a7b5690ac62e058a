import type { Resolver } from "../../hal/resolver.ts";
import type { Https } from "../https/https.ts";
import { observationLimitMs, operationLimitMs } from "../network/apply.ts";
import type { NetworkBackend } from "../network/backend.ts";
import { scanLimitMs } from "../network/scan/keeper.ts";
import type { ScanNetwork } from "../network/scan/scan-network.ts";
import type { Pulse } from "./pulse.ts";

/** What a limit may be overrun by: a child that has to be killed, on a machine that is busy with something else. */
export const graceMs = 60_000;

/** The back end whose operations and readings have to end when they are told to. */
export function watchedBackend({ during }: Pulse, backend: NetworkBackend): NetworkBackend {
  return {
    perform: (operation, signal) =>
      during(`network ${operation.kind}`, operationLimitMs + graceMs, () => backend.perform(operation, signal)),
    observe: (signal) => during("network observation", observationLimitMs + graceMs, () => backend.observe(signal)),
    watch: (changed) => backend.watch(changed),
  };
}

export function watchedScanNetwork({ during }: Pulse, scan: ScanNetwork): ScanNetwork {
  return {
    bring: (wish, signal) => during("networks of scans", scanLimitMs + graceMs, () => scan.bring(wish, signal)),
    plan: (wish, signal) =>
      during("plan of the networks of scans", scanLimitMs + graceMs, () => scan.plan(wish, signal)),
  };
}

export function watchedHttps({ during }: Pulse, https: Https): Https {
  return {
    request: (request) => during("HTTPS request", request.totalTimeoutMs + graceMs, () => https.request(request)),
    look: (request) => during("HTTPS look", request.totalTimeoutMs + graceMs, () => https.look(request)),
  };
}

export function watchedResolver({ during }: Pulse, resolver: Resolver): Resolver {
  return {
    resolve: (question) => during("DNS question", question.timeoutMs + graceMs, () => resolver.resolve(question)),
  };
}
