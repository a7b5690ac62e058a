import { type Clock, sleep } from "../../hal/clock.ts";
import type { Notify } from "../../hal/notify.ts";
import type { Log } from "../model/log.ts";
import type { Pulse } from "./pulse.ts";

/**
 * Tells the service manager that we are alive, as often as it wants to hear it, until the signal aborts. That this runs
 * shows that the event loop turns; nothing is said while something is under way past its bound, so that we are ended and
 * started again.
 */
export async function runHeartbeat(
  { notify, pulse, clock, log }: { notify: Notify; pulse: Pulse; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { heartbeatMs } = notify;
  if (heartbeatMs === null) return;
  let named = "";
  while (!signal.aborted) {
    const overdue = pulse.overdue();
    if (overdue.length === 0) notify.alive();
    const names = overdue.join(", ");
    if (names !== "" && names !== named) log.error({}, `no heartbeat, because this does not end: ${names}`);
    named = names;
    await sleep(clock, "heartbeat", heartbeatMs, signal).catch(() => {});
  }
}
