import { untilAborted } from "../../hal/clock.ts";
import type { ProxyPlace } from "../https/proxy-scheme.ts";
import { requestByProxy } from "../https/request-by-proxy.ts";
import {
  type Bandwidth,
  bandwidthTimeoutMs,
  downloadsOf,
  isEnough,
  measureBandwidth,
  type PlatformDownload,
  whyNoDownload,
} from "./bandwidth.ts";
import { checkHost, type HostParts, withoutPassword } from "./check-host.ts";
import { type CheckedHost, judgeHost } from "./judge.ts";
import { nothingSeen, type Seen } from "./seen.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Target } from "./target.ts";
import { pageRequest } from "./way-to.ts";

export interface Check {
  readonly targets: readonly Target[];
  readonly proxy: ProxyPlace | null;
  /** What our own platform has to measure with; null: it is not among the targets. */
  readonly platform: PlatformDownload | null;
}

export interface CheckReport {
  /** All hosts are well and the line is fast enough; nothing was left out by an interruption. */
  readonly ok: boolean;
  readonly interrupted: boolean;
  /** In the order of the targets. */
  readonly hosts: readonly CheckedHost[];
  readonly bandwidth: Bandwidth;
}

/** How far a check has come. */
export interface Progress {
  readonly hosts: readonly CheckedHost[];
  /** So many hosts are done. */
  readonly done: number;
  /** All are, and the bandwidth is being measured. */
  readonly measuring: boolean;
}

/** As many as the notice names, so that all of them take as long as the slowest one. */
const hostsAtOnce = 6;

/** Checks all hosts, then the bandwidth. An abort ends it at once, with what is known by then. */
export async function runCheck(
  { targets, proxy, platform }: Check,
  parts: HostParts,
  signal: AbortSignal,
  tell: (progress: Progress) => void = () => {},
): Promise<CheckReport> {
  const seen: Seen[] = targets.map((target) => nothingSeen(target, withoutPassword(proxy)));
  // Judged when something of theirs was seen, and no more often: it takes some 20 ms to read all public authorities.
  const hosts = seen.map(judgeHost);
  const done = new Set<number>();
  let bandwidth: Bandwidth = { kind: "notMeasured", reason: "interrupted" };

  const checkAll = async () => {
    const told = (measuring: boolean) => tell({ hosts: [...hosts], done: done.size, measuring });
    const checkOne = async (target: Target, index: number) => {
      await checkHost(target, proxy, parts, signal, (now) => {
        seen[index] = now;
        hosts[index] = judgeHost(now);
        told(false);
      });
      done.add(index);
      told(false);
    };
    // Six wrong passwords at once lock many an account: the first host finds out whether it is right.
    const alone = proxy?.account == null ? 0 : 1;
    await sideBySide(targets.slice(0, alone), 1, checkOne);
    await sideBySide(targets.slice(alone), hostsAtOnce, (target, index) => checkOne(target, index + alone));
    const downloads = downloadsOf(seen, platform);
    if (downloads.length === 0) {
      bandwidth = { kind: "notMeasured", reason: whyNoDownload(seen) };
      return;
    }
    told(true);
    bandwidth = await measureBandwidth(downloads, async (download) => {
      const page = pageRequest(download.seen, proxy, signal);
      const request = { ...page, url: download.url ?? page.url, totalTimeoutMs: bandwidthTimeoutMs };
      return (await requestByProxy(parts, request)).outcome;
    });
  };
  try {
    await Promise.race([checkAll(), untilAborted(signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const ok = !signal.aborted && hosts.every((host) => host.ok) && isEnough(bandwidth);
  return { ok, interrupted: signal.aborted, hosts, bandwidth };
}
