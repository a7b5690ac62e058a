import { oneLine } from "../model/one-line.ts";

/**
 * What curl is asked to report, curl(1) `--write-out`. Not `%{json}`: curl writes a report piece by piece to an unbuffered
 * standard error, and the hundreds of pieces of that one make a poll take a third longer. The message stands last, since
 * nothing is known of its characters.
 */
export const reportFormat =
  "%{stderr}\\n%{http_code} %{http_connect} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} [%{remote_ip}] %{errormsg}";

/** The report of a look: behind it the certificates that were presented, with a line of text for each of their fields. */
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
  /** The other end of a connection was reached: curl 7.88 tells no {@link connect} of one on which TLS fails. */
  readonly hasConnected: boolean;
  /** One line; null where nothing failed. */
  readonly message: string | null;
}

/** PEM as `%{certs}` holds it. */
const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,100000}?-----END CERTIFICATE-----/g;
const mostCertificates = 10;

/** Reads the report of a look, {@link lookFormat}. null: there is none. */
export function parseLook(stderr: string): (CurlReport & { readonly certificates: readonly string[] }) | null {
  const certificates = (stderr.match(certificate) ?? []).slice(0, mostCertificates);
  // What the fields of a certificate hold was chosen by the far side: only the first line of the report is read.
  const begin = stderr.search(/\n\d{3} \d{3} /);
  const end = stderr.indexOf("\n", begin + 1);
  const found = begin === -1 ? null : parseReport(end === -1 ? stderr.slice(begin) : stderr.slice(begin, end));
  return found === null ? null : { ...found, certificates };
}

const report = /\n(\d{3}) (\d{3}) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) \[([^\]]*)\] (.*)$/s;

/** Reads the report from what curl wrote to standard error, where warnings may stand before it. null: there is none. */
export function parseReport(stderr: string): CurlReport | null {
  const match = report.exec(stderr);
  if (match === null) return null;
  const [httpCode = 0, httpConnect = 0, connect = 0, appConnect = 0, startTransfer = 0, total = 0] = match
    .slice(1, -2)
    .map(Number);
  const hasConnected = match.at(-2) !== "";
  const message = oneLine(match.at(-1) ?? "");
  return {
    httpCode,
    httpConnect,
    connect,
    appConnect,
    startTransfer,
    total,
    hasConnected,
    message: message === "" ? null : message,
  };
}
