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

const timeoutMs = 5000;
const longestStatus = 200;

/**
 * Tells systemd by systemd-notify(1), since Node has no unix datagram sockets; the unit needs NotifyAccess=all. Messages are
 * sent one after the other, in order.
 */
export function createNotify({ socket, watchdog, processes }: NotifyOptions): Notify {
  if (socket === undefined || socket === "") {
    return { ready: () => {}, status: () => {}, alive: () => {}, stopping: () => {} };
  }
  const children = processes ?? createProcesses({ environment: { NOTIFY_SOCKET: socket } });
  let waiting: string[] = [];
  let sending = false;

  const send = async () => {
    if (sending) return;
    sending = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await children.run(["systemd-notify", "--no-block", next], { timeoutMs }).catch(() => {});
    }
    sending = false;
  };
  const tell = (assignment: string) => {
    waiting.push(assignment);
    void send();
  };
  return {
    ready: () => tell("READY=1"),
    // Behind a service manager that does not answer nothing may pile up: the last status and one heartbeat are enough.
    status: (line) => {
      waiting = waiting.filter((assignment) => !assignment.startsWith("STATUS="));
      tell(`STATUS=${line.replace(/\s+/g, " ").slice(0, longestStatus)}`);
    },
    alive: () => {
      if (watchdog !== undefined && !waiting.includes("WATCHDOG=1")) tell("WATCHDOG=1");
    },
    stopping: () => tell("STOPPING=1"),
  };
}
