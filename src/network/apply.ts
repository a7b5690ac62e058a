import { type Clock, deadline, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { ConfigurationRefusal } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import type { NetworkState } from "../model/network-state.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { managementPort, type PortName, type Settings } from "../model/settings.ts";
import type { NetworkBackend, Operation } from "./backend.ts";
import { describeOperation } from "./describe.ts";
import { plan } from "./plan.ts";
import { missing } from "./verify.ts";

/** One operation: an activation that waits for a DHCP server takes 30 s and more. */
const operationLimitMs = 60_000;
/** One reading of addresses, routes and leases: well under a second from a daemon that lives. */
const observationLimitMs = 10_000;
/** An address is tentative for a second or two, and a port whose speed was set negotiates: looked at this often. */
const verifyAttempts = 5;
const verifyPauseMs = 1000;

export interface NetworkMachine {
  readonly backend: NetworkBackend;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the machine to the desired settings and reads back that it is there. Does nothing where nothing is to be done.
 * The error says what was refused, and for which port; operations before it have been carried out.
 *
 * `previous` as in `plan`. Rejects with the signal's reason when it aborts: then the machine is anywhere between.
 */
export async function bringTo(
  machine: NetworkMachine,
  desired: Settings,
  previous: Settings | null,
  signal: AbortSignal,
): Promise<Result<null, ConfigurationRefusal>> {
  try {
    const operations = plan(desired, await observeMachine(machine, signal), previous);
    for (const operation of operations) {
      const performed = await performOperation(machine, operation, signal);
      if (!performed.ok) return failed({ port: operation.port, detail: performed.error });
    }
    return await verify(machine, desired, new Set(operations.map(({ port }) => port)), signal);
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
  ports: ReadonlySet<PortName>,
  signal: AbortSignal,
): Promise<Result<null, ConfigurationRefusal>> {
  if (ports.size === 0) return ok(null);
  for (let attempt = 1; ; attempt++) {
    const absent = missing(desired, await observeMachine(machine, signal), ports);
    const [first] = absent;
    if (first === undefined) return ok(null);
    if (attempt === verifyAttempts) {
      return failed({ port: first.port, detail: absent.map(({ detail }) => detail).join("; ") });
    }
    await sleep(machine.clock, "network read-back", verifyPauseMs, signal);
  }
}
