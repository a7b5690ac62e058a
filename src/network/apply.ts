import { type Clock, deadline, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { ConfigurationRefusal } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import type { NetworkState } from "../model/network-state.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { managementPort, type Settings } from "../model/settings.ts";
import type { NetworkBackend, Operation } from "./backend.ts";
import { describeOperation } from "./describe.ts";
import { plan } from "./plan.ts";
import { missing, showsRoutes, type Touched, touchedBy } from "./verify.ts";

/** One operation: an activation that waits for a DHCP server takes 30 s and more. */
export const operationLimitMs = 60_000;
/** One reading of addresses, routes and leases: well under a second from a daemon that lives. */
export const observationLimitMs = 10_000;
/** An address is tentative for a second or two, and a port whose speed was set negotiates. */
const verifyLimitMs = 4000;
/** Between two readings: until the machine says that something changed, at least and at most so long. */
const verifyPauseMs = { min: 100, max: 1000 } as const;

/** What `bringTo` takes at most: two ports with a link and addresses each, one release, the separation, and the reading around them. */
export const bringToLimitMs = 6 * operationLimitMs + verifyLimitMs + 2 * observationLimitMs;

export interface NetworkMachine {
  readonly backend: NetworkBackend;
  readonly clock: Clock;
  readonly log: Log;
}

export interface BringOptions {
  /** What the machine shows, where that is known; else it is read. */
  readonly observed?: NetworkState | null;
  readonly previous: Settings | null;
  readonly standing?: Settings | null;
  readonly atRefusal: "stop" | "go on";
}

/**
 * Brings the machine to the desired settings and reads back that it is there. Does nothing where nothing is to be done.
 * The error says what was refused first, and for which port. `atRefusal` says whether the operations behind it are carried
 * out: what is to be undone anyway need not be finished, but a port that works must not wait for one that is missing.
 *
 * `previous` and `standing` as in `plan`. Rejects with the signal's reason when it aborts: then the machine is anywhere between.
 */
export async function bringTo(
  machine: NetworkMachine,
  desired: Settings,
  { observed = null, previous, standing = previous, atRefusal }: BringOptions,
  signal: AbortSignal,
): Promise<Result<null, ConfigurationRefusal>> {
  try {
    const operations = plan(desired, observed ?? (await observeMachine(machine, signal)), previous, standing);
    let refusal: ConfigurationRefusal | null = null;
    for (const operation of operations) {
      const performed = await performOperation(machine, operation, signal);
      if (performed.ok) continue;
      refusal ??= { port: operation.port, detail: performed.error };
      if (atRefusal === "stop") break;
    }
    if (refusal !== null) return failed(refusal);
    return await verify(machine, desired, new Set(operations.map(touchedBy)), signal);
  } catch (error) {
    if (!(error instanceof HalError) || signal.aborted) throw error;
    return failed({ port: managementPort(desired), detail: error.message });
  }
}

/** One operation within its time limit. Rejects with the signal's reason when it aborts. */
export async function performOperation(
  { backend, clock, log }: NetworkMachine,
  operation: Operation,
  signal: AbortSignal,
): Promise<Result<null, string>> {
  const what = describeOperation(operation);
  log.info({ operation: what }, "network: performing");
  const limit = deadline(clock, what, operationLimitMs, signal);
  try {
    const performed = await backend.perform(operation, limit.signal);
    return performed.ok ? ok(null) : failed(`${what}: ${performed.error.detail}`);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    return failed(`${what}: no result within ${operationLimitMs / 1000} s`);
  } finally {
    limit.done();
  }
}

/**
 * What the machine shows now, within a time limit. Rejects with a HalError when it cannot be read (kind `timeout`: it did
 * not answer), and with the signal's reason when that aborts.
 */
export async function observeMachine(
  { backend, clock }: Pick<NetworkMachine, "backend" | "clock">,
  signal: AbortSignal,
): Promise<NetworkState> {
  const limit = deadline(clock, "network observation", observationLimitMs, signal);
  try {
    return await backend.observe(limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    throw new HalError("timeout", "network", `cannot be read, no answer within ${observationLimitMs / 1000} s`);
  } finally {
    limit.done();
  }
}

async function verify(
  machine: NetworkMachine,
  desired: Settings,
  touched: ReadonlySet<Touched>,
  signal: AbortSignal,
): Promise<Result<null, ConfigurationRefusal>> {
  if (touched.size === 0) return ok(null);
  const { backend, clock } = machine;
  const startMs = clock.monotonic();
  for (;;) {
    // Watched from before the reading, so that no change falls between it and the wait for one.
    const changed = new AbortController();
    const unwatch = backend.watch(() => changed.abort());
    try {
      const observed = await observeMachine(machine, signal);
      const absent = missing(desired, observed, touched);
      const [first] = absent;
      const isOver = clock.monotonic() - startMs >= verifyLimitMs;
      if (first === undefined && (isOver || showsRoutes(desired, observed, touched))) return ok(null);
      if (first !== undefined && isOver) {
        return failed({ port: first.port, detail: absent.map(({ detail }) => detail).join("; ") });
      }
      await sleep(clock, "network read-back", verifyPauseMs.min, signal);
      const cut = AbortSignal.any([signal, changed.signal]);
      await sleep(clock, "network read-back", verifyPauseMs.max - verifyPauseMs.min, cut).catch(() => {});
      signal.throwIfAborted();
    } finally {
      unwatch();
    }
  }
}
