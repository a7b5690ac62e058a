import * as z from "zod/mini";
import type { Log } from "../model/log.ts";
import { failed, type Result } from "../model/result.ts";
import type { PortName } from "../model/settings.ts";
import type { Refusal } from "./privileged.ts";
import { parseRequest, type VerbMachine, type VerbTable } from "./verb.ts";
import { verbs as portVerbs } from "./verbs.ts";

export interface AnswerOptions {
  readonly machine: VerbMachine;
  readonly log: Log;
  /** All that it does; by default what the helper beside the ports does. */
  readonly verbs?: VerbTable;
}

/**
 * Does what a line asks for and returns the line of the reply, with its end. `awaited` says at its turn whether anybody still
 * waits for it. Rejects only for a bug.
 */
export type Answer = (line: string, awaited: () => boolean, signal: AbortSignal) => Promise<string>;

/**
 * Answers requests: those about one port one after the other, in the order in which they came, but for those that no change need wait for. One whose asker has gone
 * before its turn is not done: it would undo what was ordered since.
 */
export function createAnswer({ machine, log, verbs = portVerbs }: AnswerOptions): Answer {
  const turns: Record<PortName, Promise<unknown>> = { lan: Promise.resolve(), wan: Promise.resolve() };

  return async (line, awaited, signal) => {
    const order = parseRequest(line, verbs);
    if (!order.ok) {
      log.warn({ reason: order.error }, "refused a request");
      return refusalLine(order.error);
    }
    const { turn: port, shown, run } = order.value;
    const turn =
      port === null
        ? run(machine, signal)
        : turns[port].then(() => (awaited() ? run(machine, signal) : failed(givenUp)));
    if (port !== null) turns[port] = turn.catch(() => {});
    const result = await turn;
    log.info(
      { request: shown ?? line.slice(0, maxDetail), ...(result.ok ? {} : { refusal: result.error }) },
      "answered a request",
    );
    return replyLine(result);
  };
}

const givenUp: Refusal = { kind: "refused", detail: "whoever asked did not wait for its turn" };

/** Room for it in a line, whatever a program complained of, escaped; and in the log, whatever was asked for. */
const maxDetail = 500;

export function refusalLine(reason: string): string {
  return replyLine(failed({ kind: "refused", detail: reason }));
}

function replyLine(result: Result<unknown, Refusal>): string {
  const reply = result.ok
    ? { ok: true, value: result.value }
    : { ok: false, error: { ...result.error, detail: result.error.detail.slice(0, maxDetail) } };
  return `${JSON.stringify(reply)}\n`;
}

/** A reply as it travels. The value is checked by the verb's own schema. */
export const replySchema = z.union([
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({ kind: z.enum(["refused", "unavailable", "timeout"]), detail: z.string() }),
  }),
]);
