import type { Exited } from "../../hal/processes.ts";
import { type CurlReport, parseLook, parseReport } from "./curl-report.ts";
import type { HttpsOutcome, HttpsRequest, Timings } from "./https.ts";

/** curl(1), exit codes. */
export const exit = { timeout: 28, receive: 56, fileTooLarge: 63 } as const;

/** Nothing was reached. */
export const noTimings: Timings = { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 0 };

/** What a run of curl means. `stdout` holds one character a byte. */
export function curlOutcome(
  ended: Exited,
  asked: Pick<HttpsRequest, "maxReplyBytes" | "totalTimeoutMs" | "showsCertificates">,
): HttpsOutcome {
  switch (ended.kind) {
    case "aborted":
      return { kind: "aborted" };
    case "notFound":
      return { kind: "unavailable", message: missingCurl };
    case "tooMuchOutput":
      return { kind: "tooLarge", maxReplyBytes: asked.maxReplyBytes };
    case "timeout":
      return {
        kind: "failed",
        exitCode: exit.timeout,
        proxyStatus: 0,
        message: `curl did not end by itself after ${asked.totalTimeoutMs} ms`,
        timings: { ...noTimings, totalMs: asked.totalTimeoutMs },
      };
    case "exited":
      return exitedOutcome(ended, asked);
  }
}

export function noReport(code: number): string {
  return `curl ended with ${code} and gave no report; its version may be too old, see "curl --version"`;
}

export const missingCurl = 'curl is missing or may not be run; install the package "curl"';

function exitedOutcome(
  { code, stdout, stderr }: Extract<Exited, { kind: "exited" }>,
  { maxReplyBytes, showsCertificates = false }: Pick<HttpsRequest, "maxReplyBytes" | "showsCertificates">,
): HttpsOutcome {
  // A chunked reply states no size, so that curl's own limit does not see it.
  if (code === exit.fileTooLarge || stdout.length > maxReplyBytes) return { kind: "tooLarge", maxReplyBytes };
  const report = showsCertificates ? parseLook(stderr) : parseReport(stderr);
  if (report === null) {
    return { kind: "unavailable", message: noReport(code) };
  }
  const timings = timingsOf(report);
  const { remote, certificates } = report;
  if (code !== 0) {
    const message = report.message ?? `curl ended with ${code}`;
    return { kind: "failed", exitCode: code, proxyStatus: report.httpConnect, message, timings, remote };
  }
  const body = Buffer.from(stdout, "latin1");
  return { kind: "reply", status: report.httpCode, body, timings, remote, certificates };
}

/** Stands for a time that curl does not tell, of a step that was reached all the same. */
const soonMs = 0.001;

export function timingsOf(report: CurlReport): Timings {
  const milliseconds = (seconds: number) => Math.round(seconds * 1e6) / 1e3;
  return {
    connectedMs: report.connect === 0 && report.remote !== null ? soonMs : milliseconds(report.connect),
    tlsMs: milliseconds(report.appConnect),
    firstByteMs: milliseconds(report.startTransfer),
    totalMs: milliseconds(report.total),
  };
}
