import * as z from "zod/mini";
import { HalError } from "../../hal/errors.ts";
import { type EthernetPorts, linkModes } from "../../hal/ethernet.ts";
import type { Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { PortName } from "../model/settings.ts";
import { checkHostAddress } from "../model/validate.ts";
import { vlanInterface } from "../model/vlan-interface.ts";
import { findHolder } from "./arping.ts";
import { askWins } from "./dhcp-inform.ts";
import { parseJson } from "./line.ts";
import type { Refusal } from "./privileged.ts";

/** What the verbs act on. */
export interface VerbMachine {
  /** Of the configuration: a request names a port, never an interface. */
  readonly interfaces: Readonly<Record<PortName, string>>;
  readonly ethernet: Pick<EthernetPorts, "setMode">;
  readonly processes: Processes;
}

interface VerbParts<Arguments extends { readonly port: PortName }, Value> {
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
  readonly port: PortName;
  /** It is done when those before it about the same port have ended. */
  readonly takesTurn: boolean;
  run(machine: VerbMachine, signal: AbortSignal): Promise<Result<unknown, Refusal>>;
}

function verb<Arguments extends { readonly port: PortName }, Value>(parts: VerbParts<Arguments, Value>) {
  const order = (given: unknown): Result<Order, string> => {
    const parsed = parts.arguments.safeParse(given);
    if (!parsed.success) return failed(flawsOf(parsed.error));
    const { port } = parsed.data;
    const { takesTurn = true } = parts;
    return ok({ port, takesTurn, run: (machine, signal) => parts.run(parsed.data, machine, signal).catch(refusalOf) });
  };
  return { value: parts.value, order };
}

function flawsOf({ issues }: z.core.$ZodError): string {
  return issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

function refusalOf(error: unknown): Result<never, Refusal> {
  if (!(error instanceof HalError)) throw error;
  return failed({ kind: error.kind === "timeout" ? "timeout" : "refused", detail: error.message });
}

function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, { error: `takes ${Object.keys(shape).join(", ")} and nothing else` });
}

const port = z.enum(["lan", "wan"], { error: "must be lan or wan" });
/** IEEE 802.1Q; 0 is untagged. */
const vlan = z.int({ error: "must be 0 to 4094" }).check(z.gte(0), z.lte(4094));
const prefixLength = z.int({ error: "must be 1 to 32" }).check(z.gte(1), z.lte(32));
const hostAddress = z
  .string()
  .check(z.refine((address) => checkHostAddress(address) === null, { error: "must be a host's IPv4 address" }));

const onlyLanIsTagged = z.refine<{ readonly port: PortName; readonly vlan: number }>(
  ({ port, vlan }) => port === "lan" || vlan === 0,
  { error: "WAN carries no VLAN" },
);

/** All that the helper does, and nothing else: a verb, what it takes, what it does. */
export const verbs = {
  /** Sets speed and duplex. */
  link: verb({
    arguments: strict({ port, mode: z.enum(linkModes, { error: `must be one of ${linkModes.join(", ")}` }) }),
    value: z.null(),
    run: async ({ port, mode }, { ethernet, interfaces }) => {
      await ethernet.setMode(interfaces[port], mode);
      return ok(null);
    },
  }),
  /** Asks the wire who has an IPv4 address. */
  "find-holder": verb({
    arguments: strict({ port, vlan, address: hostAddress }).check(onlyLanIsTagged),
    value: z.nullable(z.string().check(z.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/))),
    run: ({ port, vlan, address }, { processes, interfaces }, signal) =>
      findHolder(processes, tagged(interfaces[port], vlan), address, signal),
  }),
  /** Asks the DHCP server for its WINS servers. */
  "ask-wins": verb({
    arguments: strict({ port, vlan, address: hostAddress, prefixLength }).check(onlyLanIsTagged),
    value: z.array(hostAddress).check(z.maxLength(2)),
    // Nobody waits for the answer, and a server may take its time.
    takesTurn: false,
    run: ({ port, vlan, address, prefixLength }, { processes, interfaces }, signal) =>
      askWins(processes, tagged(interfaces[port], vlan), `${address}/${prefixLength}`, signal),
  }),
} as const;

function tagged(untagged: string, vlan: number): string {
  return vlan === 0 ? untagged : vlanInterface(untagged, vlan);
}

export type VerbName = keyof typeof verbs;

const verbNames = Object.keys(verbs) as [VerbName, ...VerbName[]];
const named = z.looseObject(
  { verb: z.enum(verbNames, { error: `must be one of ${verbNames.join(", ")}` }) },
  { error: "must be a JSON object" },
);

/** Checks one line, `{"verb": "link", "port": "lan", "mode": "auto"}`. The error says what is wrong with it. */
export function parseRequest(line: string): Result<Order, string> {
  const request = named.safeParse(parseJson(line));
  if (!request.success) return failed(flawsOf(request.error));
  const { verb, ...given } = request.data;
  return verbs[verb].order(given);
}
