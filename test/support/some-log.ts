import type { Log } from "../../src/model/log.ts";

/** A log that remembers: `lines` holds `level: message`, `records` the same with all details as JSON. */
export function createSomeLog(): { log: Log; lines: string[]; records: string[] } {
  const lines: string[] = [];
  const records: string[] = [];
  const at = (level: string) => (details: object, message: string) => {
    lines.push(`${level}: ${message}`);
    records.push(`${level}: ${message} ${JSON.stringify(details)}`);
  };
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines, records };
}
