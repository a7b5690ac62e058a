/**
 * What curl is asked to report, curl(1) `--write-out`. Not `%{json}`: curl writes a report piece by piece to an unbuffered
 * standard error, and the hundreds of pieces of that one make a poll take a third longer. The message stands last, since
 * nothing is known of its characters.
 */
export const reportFormat =
  "%{stderr}\\n%{http_code} %{http_connect} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} %{errormsg}";

/** Codes are HTTP statuses, 0 for none; times are seconds from the start, 0 for a step that was not reached. */
export interface CurlReport {
  readonly httpCode: number;
  /** Of the proxy's answer to CONNECT. */
  readonly httpConnect: number;
  readonly connect: number;
  readonly appConnect: number;
  readonly startTransfer: number;
  readonly total: number;
  /** One line; null where nothing failed. */
  readonly message: string | null;
}

const report = /\n(\d{3}) (\d{3}) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (.*)$/s;

/** Reads the report from what curl wrote to standard error, where warnings may stand before it. null: there is none. */
export function parseReport(stderr: string): CurlReport | null {
  const match = report.exec(stderr);
  if (match === null) return null;
  const [httpCode = 0, httpConnect = 0, connect = 0, appConnect = 0, startTransfer = 0, total = 0] = match
    .slice(1, -1)
    .map(Number);
  const message = match.at(-1)?.replace(/\s+/g, " ").trim() ?? "";
  return {
    httpCode,
    httpConnect,
    connect,
    appConnect,
    startTransfer,
    total,
    message: message === "" ? null : message,
  };
}
