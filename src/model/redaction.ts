import type { Log } from "./log.ts";
import { createMask } from "./mask.ts";

const instead = "***";
/** Deeper than anything that is logged; a circle ends there. */
const maxDepth = 8;

/** The last line before a log: nobody means to say a secret, but whoever quotes others may. */
export interface Redaction {
  /** From now on this is not said, in none of the ways that {@link createMask} knows. */
  hide(secret: string): void;
  /** The text, with `***` in the place of what is hidden. */
  clean(text: string): string;
  /** The log, with `***` in the place of what is hidden, in fields of any depth and in messages. */
  over(log: Log): Log;
}

export function createRedaction(): Redaction {
  const hidden = new Set<string>();
  let mask = createMask([]);
  const masked = (text: string) => mask(text).text;

  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return masked(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth === maxDepth) return instead;
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    if ("toJSON" in value && typeof value.toJSON === "function") return clean(value.toJSON(), depth + 1);
    // The message and the stack of an error are no enumerable properties; the names are pino's.
    const error = value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : {};
    const fields = Object.entries({ ...error, ...value });
    return Object.fromEntries(fields.map(([key, item]) => [key, clean(item, depth + 1)]));
  };

  return {
    hide: (secret) => {
      hidden.add(secret);
      mask = createMask([...hidden], instead);
    },
    clean: masked,
    over: (log) => {
      const say = (level: keyof Log) => (fields: object, message: string) => {
        if (hidden.size === 0) log[level](fields, message);
        else log[level](clean(fields, 0) as object, masked(message));
      };
      return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
    },
  };
}
