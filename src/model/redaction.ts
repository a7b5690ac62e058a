import type { Log } from "./log.ts";

/** A shorter secret is hidden only where it is all of a text: in longer ones it would be found by chance, and be told so. */
const shortestWithin = 4;
const mask = "***";
/** Deeper than anything that is logged; a circle ends there. */
const maxDepth = 8;

/** The last line before a log: nobody means to say a secret, but whoever quotes others may. */
export interface Redaction {
  /** From now on this text is not said, as it is or as JSON quotes it. */
  hide(secret: string): void;
  /** The log, with `***` in the place of what is hidden, in fields of any depth and in messages. */
  over(log: Log): Log;
}

export function createRedaction(): Redaction {
  const hidden = new Set<string>();
  /** Longest first: one may be part of another. */
  let within: readonly string[] = [];

  const masked = (text: string): string => {
    if (hidden.has(text)) return mask;
    return within.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
  };

  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return masked(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth === maxDepth) return mask;
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    if ("toJSON" in value && typeof value.toJSON === "function") return clean(value.toJSON(), depth + 1);
    // The message and the stack of an error are no enumerable properties; the names are pino's.
    const error = value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : {};
    const fields = Object.entries({ ...error, ...value });
    return Object.fromEntries(fields.map(([key, item]) => [key, clean(item, depth + 1)]));
  };

  return {
    hide: (secret) => {
      if (secret === "") return;
      for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) hidden.add(form);
      within = [...hidden].filter(({ length }) => length >= shortestWithin).sort((a, b) => b.length - a.length);
    },
    over: (log) => {
      const say = (level: keyof Log) => (fields: object, message: string) => {
        if (hidden.size === 0) log[level](fields, message);
        else log[level](clean(fields, 0) as object, masked(message));
      };
      return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
    },
  };
}
