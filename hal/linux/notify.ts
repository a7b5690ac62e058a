import type { Notify } from "../notify.ts";
import type { Processes } from "../processes.ts";
import { createProcesses } from "./processes.ts";

export interface NotifyOptions {
  /** NOTIFY_SOCKET of our environment; undefined when no service manager listens. */
  readonly socket: string | undefined;
  /** WATCHDOG_USEC of our environment; undefined when nobody waits for heartbeats, each of which costs a child. */
  readonly watchdog: string | undefined;
  /** Children that know NOTIFY_SOCKET. */
  readonly processes?: Processes;
}

/** systemd-notify itself gives up on a manager that is silent for 5 s. */
const timeoutMs = 10_000;
const longestStatus = 200;
/** Two heartbeats may be lost or late before the manager loses patience. */
const heartbeatsPerWatchdog = 3;

/**
 * Tells systemd by systemd-notify(1), since Node has no unix datagram sockets; the unit needs NotifyAccess=all. Never with
 * `--no-block`: the manager finds the unit of a message by the process that sent it, and a child that has ended is none.
 */
export function createNotify({ socket, watchdog, processes }: NotifyOptions): Notify {
  if (socket === undefined || socket === "") {
    return { heartbeatMs: null, ready: () => {}, status: () => {}, alive: () => {}, stopping: () => {} };
  }
  const children = processes ?? createProcesses({ environment: { NOTIFY_SOCKET: socket } });
  const heartbeatMs = heartbeatOf(watchdog);
  // One of each kind: behind a manager that does not answer nothing piles up. All that waits goes in one message.
  const waiting = new Map<string, string>();
  let sending = false;

  const send = async () => {
    if (sending) return;
    sending = true;
    // What the same turn of the event loop has to say comes along.
    await Promise.resolve();
    while (waiting.size > 0) {
      const assignments = [...waiting].map(([name, value]) => `${name}=${value}`);
      waiting.clear();
      await children.run(["systemd-notify", ...assignments], { timeoutMs }).catch(() => {});
    }
    sending = false;
  };
  const tell = (name: string, value = "1") => {
    waiting.set(name, value);
    void send();
  };
  return {
    heartbeatMs,
    ready: () => tell("READY"),
    status: (line) => tell("STATUS", line.replace(/\s+/g, " ").slice(0, longestStatus)),
    alive: () => {
      if (heartbeatMs !== null) tell("WATCHDOG");
    },
    stopping: () => tell("STOPPING"),
  };
}

function heartbeatOf(watchdog: string | undefined): number | null {
  const microseconds = Number(watchdog);
  return microseconds > 0 && Number.isSafeInteger(microseconds) ? microseconds / 1000 / heartbeatsPerWatchdog : null;
}
