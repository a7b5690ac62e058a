import { type Bandwidth, mbpsOf, recommendedMbps } from "./bandwidth.ts";
import type { CheckReport } from "./check.ts";
import type { CheckDocument } from "./schema.ts";

/** The report for programs. */
export function toDocument(
  { ok, interrupted, hosts, bandwidth }: CheckReport,
  advice: readonly string[],
): CheckDocument {
  return {
    ok,
    interrupted,
    hosts: hosts.map(({ host, ok, rungs, fault, issuer, warnings }) => ({
      host,
      ok,
      rungs: [...rungs],
      fault,
      issuer,
      warnings: [...warnings],
    })),
    bandwidthMbps: mbpsOf(bandwidth),
    bandwidth: { recommendedMbps, detail: describeBandwidth(bandwidth) },
    advice: [...advice],
  };
}

/** How fast, measured how; or why not. One line. */
export function describeBandwidth(bandwidth: Bandwidth): string {
  if (bandwidth.kind === "notMeasured") return `not measured: ${bandwidth.reason}`;
  const { mbps, bytes, ms, from } = bandwidth;
  const seconds = `${(ms / 1000).toFixed(ms < 10 ? 4 : 2)} s`;
  return bandwidth.kind === "less"
    ? `less than ${mbps} Mbit/s: ${bytes} bytes from ${from} did not come in ${seconds}`
    : `${mbps} Mbit/s: ${bytes} bytes from ${from} in ${seconds}`;
}
