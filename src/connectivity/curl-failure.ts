import type { HttpsOutcome } from "../https/https.ts";
import type { FaultCode } from "./fault-code.ts";
import type { RungName } from "./rung.ts";

type Failed = Extract<HttpsOutcome, { kind: "failed" }>;
type ContactRung = Extract<RungName, "dns" | "proxy" | "connect" | "tls" | "http">;

/** Where a transfer broke and what it is called. `status` is the proxy's. */
export interface CurlFailure {
  readonly rung: ContactRung;
  readonly code: FaultCode | "name-unresolved";
  readonly status?: number;
}

/** A TLS alert by which the far side refuses our certificate (RFC 8446 section 6.2); curl reports it as 35 or 56. */
const certificateAlert =
  /alert (certificate required|bad certificate|unsupported certificate|certificate revoked|certificate expired|certificate unknown|unknown ca|access denied)/i;

/** What came first was no TLS: OpenSSL's words, then GnuTLS's. Servers of plain HTTP answer so. */
export const noTls = /wrong version number|http request|packet length too long|unexpected TLS packet/i;

/** A connection that died while TLS was being set up, as OpenSSL and GnuTLS builds of curl word it. */
const cutHandshake =
  /reset by peer|SYSCALL|unexpected eof|pull function|non-properly terminated|connection (was )?(closed|aborted)/i;

/**
 * How curl 7.88 to 8.14 ends when a server sent what is no HTTP. 1: a version or a status that it does not know, or none at all;
 * 8: header fields; 27 and, from 8.6, 100: one that is too long. With 56 its words tell it from a connection that died.
 */
const notHttp: readonly number[] = [1, 8, 27, 100];
const badHttp = /header|chunk/i;

/** Exit codes of curl(1) that say the same thing whatever came before. */
const byExitCode: Readonly<Record<number, FaultCode | "name-unresolved">> = {
  5: "name-unresolved",
  6: "name-unresolved",
  7: "connect-failed",
  8: "receive-failed",
  16: "receive-failed",
  18: "receive-failed",
  28: "timeout",
  43: "receive-failed",
  45: "connect-failed",
  51: "tls-certificate",
  52: "receive-failed",
  55: "send-failed",
  56: "receive-failed",
  58: "tls-certificate",
  60: "tls-certificate",
  83: "tls-certificate",
  90: "tls-certificate",
  91: "tls-certificate",
  92: "receive-failed",
  97: "connect-failed",
  98: "device-certificate-refused",
};

/**
 * Names the failure of one curl run. The status of CONNECT is looked at before the exit code: for a refused CONNECT the
 * exit code is 56 in curl 7 and 7 from 8.21.
 */
export function nameCurlFailure(failure: Failed, viaProxy: boolean): CurlFailure {
  const { proxyStatus, exitCode, message } = failure;
  if (viaProxy && proxyStatus !== 0 && (proxyStatus < 200 || proxyStatus > 299)) {
    return { rung: "proxy", code: proxyCode(proxyStatus), status: proxyStatus };
  }
  if ([35, 55, 56].includes(exitCode) && certificateAlert.test(message)) {
    return { rung: "tls", code: "device-certificate-refused" };
  }
  const { tlsMs, firstByteMs } = failure.timings;
  const hasAnswered = tlsMs > 0 && firstByteMs > 0;
  if (hasAnswered && (notHttp.includes(exitCode) || (exitCode === 56 && badHttp.test(message)))) {
    return { rung: "http", code: "reply-malformed" };
  }
  const code =
    exitCode === 35
      ? cutHandshake.test(message)
        ? "receive-failed"
        : "tls-certificate"
      : (byExitCode[exitCode] ?? "curl-failed");
  return { rung: rungOf(code, failure, viaProxy), code };
}

/** Squid answers 503 for an upstream that is dead or refuses; other proxies use 502 and 504 for that. */
function proxyCode(status: number): FaultCode {
  if (status === 403 || status === 407) return `proxy-http-${status}`;
  return status === 502 || status === 503 || status === 504 ? "proxy-http-503" : "proxy-http";
}

/** A status line came, and behind it no end of the answer to CONNECT, as curl words it. */
const cutConnect = /^(Proxy CONNECT aborted|CONNECT response too large)/;

/** Exit codes for an answer that cannot be read as HTTP: 8 in curl 7.88 for a NUL, 43 for a line that is no header. */
export function isNoHttp({ exitCode }: Pick<Failed, "exitCode">): boolean {
  return exitCode === 8 || exitCode === 43;
}

/** How far the transfer had come. curl 7.88 tells no time of TCP before TLS is set up: its code and its words say that it stood. */
function rungOf(code: CurlFailure["code"], failure: Failed, viaProxy: boolean): ContactRung {
  const { timings, proxyStatus, exitCode, message } = failure;
  if (code === "name-unresolved") return "dns";
  if (code === "tls-certificate" || code === "device-certificate-refused") return "tls";
  if (exitCode === 35 || /SSL connection timeout/i.test(message)) return "tls";
  const first = viaProxy ? "proxy" : "connect";
  if (code === "connect-failed" || code === "curl-failed") return first;
  if (timings.tlsMs > 0) return "http";
  const isOpen = proxyStatus !== 0 && !cutConnect.test(message) && !isNoHttp(failure);
  const connected = viaProxy ? isOpen : timings.connectedMs > 0;
  return connected ? "tls" : first;
}
