import * as z from "zod/mini";
import { HalError } from "../../hal/errors.ts";
import type { EthernetPorts } from "../../hal/ethernet.ts";
import type { Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { PortName } from "../model/settings.ts";
import { parseJson } from "./line.ts";
import type { Refusal } from "./privileged.ts";

/** What the verbs act on. */
export interface VerbMachine {
  /** Of the configuration: a request names a port, never an interface. */
  readonly interfaces: Readonly<Record<PortName, string>>;
  readonly ethernet: Pick<EthernetPorts, "setMode">;
  readonly processes: Processes;
}

interface VerbParts<Arguments, Value> {
  /** Strict: a key that is not named is refused. */
  readonly arguments: z.ZodMiniType<Arguments>;
  /** What a success brings. */
  readonly value: z.ZodMiniType<Value>;
  /** false: nothing waits for it, and it for nothing. By default those about one port are done one after the other. */
  readonly takesTurn?: false;
  /** Bounds its own time. A HalError is a refusal. */
  readonly run: (parts: Arguments, machine: VerbMachine, signal: AbortSignal) => Promise<Result<Value, Refusal>>;
}

/** A request that was found to be in order. */
export interface Order {
  /** It is done when those before it about the same port have ended; null: nothing waits for it, and it for nothing. */
  readonly turn: PortName | null;
  /** What the log may say of it; null: all of it. */
  readonly shown: string | null;
  run(machine: VerbMachine, signal: AbortSignal): Promise<Result<unknown, Refusal>>;
}

export interface Verb<Value = unknown> {
  readonly value: z.ZodMiniType<Value>;
  order(given: unknown): Result<Order, string>;
}

/** All that one helper does. */
export type VerbTable = Readonly<Record<string, Verb>>;

/** About one of the two ports. */
export function verb<Arguments extends { readonly port: PortName }, Value>(
  parts: VerbParts<Arguments, Value>,
): Verb<Value> {
  const { takesTurn = true } = parts;
  return checkedVerb(parts, ({ port }) => ({ turn: takesTurn ? port : null, shown: null }));
}

/** With a secret in what it takes or brings: the log says `shown` of it. About no port, and it waits for nothing. */
export function secretVerb<Arguments, Value>(
  shown: string,
  parts: Omit<VerbParts<Arguments, Value>, "takesTurn">,
): Verb<Value> {
  return checkedVerb(parts, () => ({ turn: null, shown }));
}

function checkedVerb<Arguments, Value>(
  parts: VerbParts<Arguments, Value>,
  describe: (given: Arguments) => Pick<Order, "turn" | "shown">,
): Verb<Value> {
  return {
    value: parts.value,
    order: (given) => {
      const parsed = parts.arguments.safeParse(given);
      if (!parsed.success) return failed(flawsOf(parsed.error));
      return ok({
        ...describe(parsed.data),
        run: (machine, signal) => parts.run(parsed.data, machine, signal).catch(refusalOf),
      });
    },
  };
}

function flawsOf({ issues }: z.core.$ZodError): string {
  return issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

function refusalOf(error: unknown): Result<never, Refusal> {
  if (!(error instanceof HalError)) throw error;
  return failed({ kind: error.kind === "timeout" ? "timeout" : "refused", detail: error.message });
}

export function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, { error: `takes ${Object.keys(shape).join(", ")} and nothing else` });
}

/** Checks one line, `{"verb": "link", "port": "lan", "mode": "auto"}`. The error says what is wrong with it. */
export function parseRequest(line: string, verbs: VerbTable): Result<Order, string> {
  const names = Object.keys(verbs);
  const named = z.looseObject(
    { verb: z.enum(names, { error: `must be one of ${names.join(", ")}` }) },
    { error: "must be a JSON object" },
  );
  const request = named.safeParse(parseJson(line));
  if (!request.success) return failed(flawsOf(request.error));
  const { verb: name, ...given } = request.data;
  const found = verbs[name];
  if (found === undefined) throw new Error(`${name} was found among ${names.join(", ")}`);
  return found.order(given);
}
