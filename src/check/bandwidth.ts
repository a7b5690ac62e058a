import type { Https, HttpsOutcome } from "../https/https.ts";
import type { Seen } from "./seen.ts";
import { nameTarget, type Target } from "./target.ts";

/** The network requirements: "minimum recommended bandwidth". */
export const recommendedMbps = 1.5;
/** Less is over before the line is filled. */
const minBytes = 64 * 1024;
/** Five seconds for a megabyte on the slowest line that is recommended, and as much again for all else. */
export const bandwidthTimeoutMs = 30_000;

export type Bandwidth =
  | {
      readonly kind: "measured";
      /** Megabits a second, between the first byte and the last one. */
      readonly mbps: number;
      readonly bytes: number;
      readonly ms: number;
      /** `host:port` that sent them. */
      readonly from: string;
    }
  /** They did not all come in time: less than `mbps`. */
  | { readonly kind: "less"; readonly mbps: number; readonly bytes: number; readonly ms: number; readonly from: string }
  | { readonly kind: "notMeasured"; readonly reason: string };

/** A transfer to measure with. */
export interface Download {
  readonly seen: Seen;
  /** A path that only the platform has; null: the front page. */
  readonly url: string | null;
  /** What has to come; null: not known. */
  readonly bytes: number | null;
}

/** The platform's own bytes to measure with. */
export interface PlatformDownload {
  readonly target: Pick<Target, "host" | "port">;
  readonly url: string;
  readonly bytes: number;
}

/** What may be measured with, the best first: what the platform has for it, else the largest front page. Pure. */
export function downloadsOf(hosts: readonly Seen[], platform: PlatformDownload | null): readonly Download[] {
  const answered = hosts.filter(({ contact }) => contact?.kind === "reply");
  const own =
    platform === null ? [] : answered.filter(({ target }) => nameTarget(target) === nameTarget(platform.target));
  const pages = answered.filter((seen) => pageBytes(seen) >= minBytes).sort((a, b) => pageBytes(b) - pageBytes(a));
  return [
    ...own.map((seen) => ({ seen, url: platform?.url ?? null, bytes: platform?.bytes ?? null })),
    ...pages.slice(0, 1).map((seen) => ({ seen, url: null, bytes: null })),
  ];
}

function pageBytes({ contact }: Seen): number {
  return contact?.kind === "reply" ? contact.body.length : 0;
}

/** Why there is nothing to measure with. Pure. */
export function whyNoDownload(hosts: readonly Seen[]): string {
  return hosts.some(({ contact }) => contact?.kind === "reply")
    ? `no host has sent ${minBytes / 1024} KB, which it takes`
    : "no host has answered";
}

/** Measures with the first download that comes; there is one at least. `get` fetches it, once and alone on the line. */
export async function measureBandwidth(
  downloads: readonly Download[],
  get: (download: Download) => ReturnType<Https["request"]>,
): Promise<Bandwidth> {
  const reasons: string[] = [];
  for (const download of downloads) {
    const judged = judgeDownload(download, await get(download));
    if (judged.kind !== "notMeasured") return judged;
    reasons.push(judged.reason);
  }
  return {
    kind: "notMeasured",
    reason: reasons.join("; "),
  };
}

/** What one transfer says of the line. Pure. */
export function judgeDownload({ seen, bytes }: Download, outcome: HttpsOutcome): Bandwidth {
  const from = nameTarget(seen.target);
  if (outcome.kind === "reply" && outcome.body.length >= minBytes) {
    const { firstByteMs, totalMs } = outcome.timings;
    // What comes in a tenth of a millisecond was all there before the first byte was looked at.
    const ms = Math.max(0.1, totalMs - firstByteMs);
    return { kind: "measured", mbps: megabits(outcome.body.length, ms), bytes: outcome.body.length, ms, from };
  }
  if (outcome.kind === "failed" && outcome.exitCode === 28 && bytes !== null && outcome.timings.firstByteMs > 0) {
    const ms = outcome.timings.totalMs - outcome.timings.firstByteMs;
    return { kind: "less", mbps: megabits(bytes, ms), bytes, ms, from };
  }
  return { kind: "notMeasured", reason: `${from} ${reasonOf(outcome)}` };
}

function reasonOf(outcome: HttpsOutcome): string {
  switch (outcome.kind) {
    case "reply":
      return `answered HTTP/${outcome.status} with ${outcome.body.length} bytes, too few to measure with`;
    case "failed":
      return `did not send all: ${outcome.message.slice(0, 200)}`;
    case "tooLarge":
      return `sent more than ${outcome.maxReplyBytes} bytes`;
    case "unavailable":
      return outcome.message;
    case "aborted":
      return "was not waited for";
  }
}

function megabits(bytes: number, ms: number): number {
  return Math.round((bytes * 8) / ms / 10) / 100;
}

/** As `bandwidthMbps` says it; null: not measured. */
export function mbpsOf(bandwidth: Bandwidth): number | null {
  return bandwidth.kind === "notMeasured" ? null : bandwidth.mbps;
}

/** A line that was not measured is not held against the network. */
export function isEnough(bandwidth: Bandwidth): boolean {
  return bandwidth.kind === "notMeasured" || (bandwidth.kind === "measured" && bandwidth.mbps >= recommendedMbps);
}
