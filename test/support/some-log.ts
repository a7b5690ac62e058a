import type { Log } from "../../src/model/log.ts";

/** A log that remembers: `lines` holds `level: message`. */
export function createSomeLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (_: object, message: string) => {
    lines.push(`${level}: ${message}`);
  };
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}
