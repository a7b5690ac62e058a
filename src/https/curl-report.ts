import { oneLine } from "../model/one-line.ts";

/**
 * What curl is asked to report, curl(1) `--write-out`. Not `%{json}`: curl writes a report piece by piece to an unbuffered
 * standard error, and the hundreds of pieces of that one make a poll take a third longer. The message stands last, since
 * nothing is known of its characters.
 */
export const reportFormat =
  "%{stderr}\\n%{http_code} %{http_connect} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} [%{remote_ip}]:%{remote_port} %{errormsg}";

/** The same, and behind it the certificates that were presented, with a line of text for each of their fields. */
export const lookFormat = `${reportFormat}\\n%{certs}`;

/** Codes are HTTP statuses, 0 for none; times are seconds from the start, 0 for a step that was not reached. */
export interface CurlReport {
  readonly httpCode: number;
  /** Of the proxy's answer to CONNECT. */
  readonly httpConnect: number;
  readonly connect: number;
  readonly appConnect: number;
  readonly startTransfer: number;
  readonly total: number;
  /**
   * `address:port` of the other end of the connection, an IPv6 address in brackets; null: none stood. curl 7.88 tells no
   * {@link connect} of one on which TLS fails.
   */
  readonly remote: string | null;
  /** One line; null where nothing failed. */
  readonly message: string | null;
  /** As presented, PEM, the leaf first; empty where {@link lookFormat} was not asked for. */
  readonly certificates: readonly string[];
}

/** PEM as `%{certs}` holds it. */
const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,100000}?-----END CERTIFICATE-----/g;
const mostCertificates = 10;

/** Reads a report as {@link lookFormat} has it. null: there is none. */
export function parseLook(stderr: string): CurlReport | null {
  const certificates = (stderr.match(certificate) ?? []).slice(0, mostCertificates);
  // What the fields of a certificate hold was chosen by the far side: only the first line of the report is read.
  const begin = stderr.search(/\n\d{3} \d{3} /);
  const end = stderr.indexOf("\n", begin + 1);
  const found = begin === -1 ? null : parseReport(end === -1 ? stderr.slice(begin) : stderr.slice(begin, end));
  return found === null ? null : { ...found, certificates };
}

const report = /\n(\d{3}) (\d{3}) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) \[([^\]]*)\]:(-?\d*) (.*)$/s;

/** Reads the report from what curl wrote to standard error, where warnings may stand before it. null: there is none. */
export function parseReport(stderr: string): CurlReport | null {
  const match = report.exec(stderr);
  if (match === null) return null;
  const [httpCode = 0, httpConnect = 0, connect = 0, appConnect = 0, startTransfer = 0, total = 0] = match
    .slice(1, -3)
    .map(Number);
  const [address = "", port] = match.slice(-3);
  const message = oneLine(match.at(-1) ?? "");
  return {
    httpCode,
    httpConnect,
    connect,
    appConnect,
    startTransfer,
    total,
    remote: address === "" ? null : `${address.includes(":") ? `[${address}]` : address}:${port}`,
    message: message === "" ? null : message,
    certificates: [],
  };
}
