import type { Readable } from "node:stream";
import type { Clock } from "../../hal/clock.ts";
import { failed, ok, type Result } from "../model/result.ts";

/** Requests and replies are one line of JSON each, with its line end at most this long, but for those that list links. */
export const maxLineBytes = 4096;

/** Why there is no line. `ended` covers a peer that closed, died or was never there. */
export type NoLine = "ended" | "tooLong" | "tooSlow" | "notText";

/** The first line of a stream, without its end; what follows it is not read. Always ends within `limitMs`. */
export function readLine(
  stream: Readable,
  clock: Clock,
  limitMs: number,
  maxBytes = maxLineBytes,
): Promise<Result<string, NoLine>> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let total = 0;
    const settle = (result: Result<string, NoLine>) => {
      stop();
      stream.off("data", take).off("end", ended).off("close", ended);
      stream.pause();
      resolve(result);
    };
    const take = (part: Buffer) => {
      const end = part.indexOf(lineEnd);
      const kept = end === -1 ? part : part.subarray(0, end + 1);
      total += kept.length;
      if (total > maxBytes) return settle(failed("tooLong"));
      parts.push(kept);
      if (end !== -1) settle(decode(Buffer.concat(parts)));
    };
    const ended = () => settle(failed("ended"));
    const stop = clock.after("line", limitMs, () => settle(failed("tooSlow")));
    stream.on("data", take).on("end", ended).on("close", ended);
    // A stream may have ended before anybody listened.
    if (stream.destroyed || stream.readableEnded) ended();
  });
}

const lineEnd = 0x0a;

function decode(bytes: Buffer): Result<string, NoLine> {
  try {
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, -1)));
  } catch {
    return failed("notText");
  }
}

/** undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
