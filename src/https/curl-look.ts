import type { Exited } from "../../hal/processes.ts";
import { oneLine } from "../model/one-line.ts";
import { exit, missingCurl, noReport, noTimings, timingsOf } from "./curl-outcome.ts";
import { parseLook } from "./curl-report.ts";
import type { LookOutcome } from "./https.ts";

type Seen = Extract<LookOutcome, { kind: "seen" }>;

const nothing: Seen = {
  kind: "seen",
  exitCode: 0,
  proxyStatus: 0,
  status: 0,
  message: "",
  timings: noTimings,
  proxySchemes: [],
  certificates: [],
  date: null,
  location: null,
};

/** What a look by curl means. `stdout` holds the headers, one character a byte. */
export function lookOutcome(ended: Exited, totalTimeoutMs: number): LookOutcome {
  switch (ended.kind) {
    case "aborted":
      return { kind: "aborted" };
    case "notFound":
      return { kind: "unavailable", message: missingCurl };
    case "tooMuchOutput":
      return { ...nothing, exitCode: exit.receive, message: "headers without end" };
    case "timeout":
      return {
        ...nothing,
        exitCode: exit.timeout,
        message: `curl did not end by itself after ${totalTimeoutMs} ms`,
        timings: { ...noTimings, totalMs: totalTimeoutMs },
      };
    case "exited":
      return seen(ended);
  }
}

function seen({ code, stdout, stderr }: Extract<Exited, { kind: "exited" }>): LookOutcome {
  const report = parseLook(stderr);
  if (report === null) return { kind: "unavailable", message: noReport(code) };
  const heads = stdout.split(/\r?\n\r?\n/).filter((head) => head.startsWith("HTTP/"));
  const refusal = heads.find((head) => /^HTTP\/[\d.]+ 407\b/.test(head));
  const answer = report.httpCode === 0 ? "" : (heads.at(-1) ?? "");
  return {
    kind: "seen",
    exitCode: code,
    proxyStatus: report.httpConnect,
    status: report.httpCode,
    message: report.message ?? (code === 0 ? "" : `curl ended with ${code}`),
    timings: timingsOf(report),
    proxySchemes: schemesOf(refusal ?? ""),
    certificates: report.certificates,
    date: valuesOf(answer, "date")[0] ?? null,
    location: valuesOf(answer, "location")[0] ?? null,
  };
}

/** At most so much of a header's value. */
const maxValueLength = 500;

function valuesOf(head: string, name: string): readonly string[] {
  return head.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(":");
    if (colon === -1 || line.slice(0, colon).trim().toLowerCase() !== name) return [];
    return [oneLine(line.slice(colon + 1)).slice(0, maxValueLength)];
  });
}

/**
 * RFC 9110 section 11.6.1: several challenges may share a line, each a scheme followed by a token or by parameters
 * `name=value`. A scheme is a word that no `=` follows.
 */
function schemesOf(head: string): readonly string[] {
  const schemes = valuesOf(head, "proxy-authenticate").flatMap((value) =>
    value
      .replace(/"(\\.|[^"\\])*"/g, '""')
      .split(",")
      .flatMap((part) => {
        const [, scheme, parameter] = /^\s*([A-Za-z][A-Za-z0-9-]*)(\s*=)?/.exec(part) ?? [];
        return scheme === undefined || parameter !== undefined ? [] : [scheme.toLowerCase()];
      }),
  );
  return [...new Set(schemes)].slice(0, 10);
}
