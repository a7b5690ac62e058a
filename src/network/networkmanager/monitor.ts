import { type Clock, type Stop, sleep } from "../../../hal/clock.ts";
import { HalError } from "../../../hal/errors.ts";
import type { Followers } from "../../../hal/processes.ts";
import type { Log } from "../../model/log.ts";
import type { NetworkEvent } from "../backend.ts";
import { parseDadFailure } from "./kernel.ts";

export interface NetworkMonitor {
  /** Calls `changed` after each change that the kernel reports, and when some may have been missed. */
  watch(changed: (event: NetworkEvent) => void): Stop;
  /** Calls `changed` later, as for a change that is no link's, unless a call is due before that. */
  ringIn(ms: number): void;
  /** Listens from now on for the word that another machine has this IPv6 address, with prefix length, and for no other. */
  expectDad(interfaceName: string, address: string): void;
  /** The kernel has said so of the address that was last expected. */
  dadFailed(): boolean;
}

/** Plain text: `ip -json monitor` prints that too in iproute2 6.1. Any line will do as a bell. */
export const monitorArgv = ["ip", "monitor", "link", "address", "route", "rule"] as const;

/** An address or a route has no colon behind the name of its interface. */
const linkLine = /^(Deleted )?\d+: [^ :]+: </;
const firstPauseMs = 500;
const lastPauseMs = 30_000;
/** It tells nobody when it has begun to listen; this is plenty. */
const listeningMs = 1000;

/** One child for all listeners, from the first one on; ends with the signal. */
export function createNetworkMonitor({
  followers,
  clock,
  log,
  signal,
}: {
  readonly followers: Followers;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): NetworkMonitor {
  const listeners = new Set<(event: NetworkEvent) => void>();
  let dad = { interface: "", address: "", failed: false };
  let following = false;
  let cancelRing: Stop | null = null;
  signal.addEventListener("abort", () => cancelRing?.(), { once: true });

  const ring = (event: NetworkEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const ringIn = (ms: number, event: NetworkEvent = "other") => {
    if (signal.aborted) return;
    cancelRing ??= clock.after("network monitor: look again", ms, () => {
      cancelRing = null;
      ring(event);
    });
  };
  const heard = (line: string) => {
    const failure = parseDadFailure(line);
    if (failure?.interface === dad.interface && failure.address === dad.address) dad.failed = true;
    ring(linkLine.test(line) ? "link" : "other");
  };
  const follow = async (): Promise<string> => {
    try {
      const ended = await followers.follow(monitorArgv, { line: heard, signal });
      return ended.kind === "exited" ? `it ended with ${ended.code}: ${ended.stderr.trim()}` : ended.kind;
    } catch (error) {
      if (error instanceof HalError) return error.message;
      throw error;
    }
  };
  const keepFollowing = async () => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
      const sinceMs = clock.monotonic();
      const detail = await follow();
      if (signal.aborted) return;
      if (clock.monotonic() - sinceMs > lastPauseMs) pauseMs = firstPauseMs;
      log.warn(
        { detail, retryMs: pauseMs },
        "network: the kernel's changes are not seen, the monitor is started again",
      );
      await sleep(clock, "network monitor", pauseMs, signal);
      // What was missed meanwhile may have been anything.
      ringIn(listeningMs, "link");
    }
  };

  return {
    watch: (changed) => {
      listeners.add(changed);
      if (!following) {
        following = true;
        keepFollowing().catch((error) => {
          if (!signal.aborted) throw error;
        });
      }
      return () => listeners.delete(changed);
    },
    ringIn,
    expectDad: (interfaceName, address) => {
      dad = { interface: interfaceName, address, failed: false };
    },
    dadFailed: () => dad.failed,
  };
}
