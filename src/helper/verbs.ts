import * as z from "zod/mini";
import { HalError } from "../../hal/errors.ts";
import { type EthernetPorts, linkModes } from "../../hal/ethernet.ts";
import type { Processes } from "../../hal/processes.ts";
import { canonicalIpv4, ipv4Number, maskNumber, parseIpv4 } from "../model/address.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { PortName } from "../model/settings.ts";
import { checkHostAddress } from "../model/validate.ts";
import { vlanInterface } from "../model/vlan-interface.ts";
import { findHolder } from "./arping.ts";
import { parseJson } from "./line.ts";
import type { Refusal } from "./privileged.ts";
import { separate } from "./separation.ts";

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
  /** Bounds its own time. A HalError is a refusal. */
  readonly run: (parts: Arguments, machine: VerbMachine, signal: AbortSignal) => Promise<Result<Value, Refusal>>;
}

/** A request that was found to be in order. */
export interface Order {
  readonly port: PortName;
  run(machine: VerbMachine, signal: AbortSignal): Promise<Result<unknown, Refusal>>;
}

function verb<Arguments extends { readonly port: PortName }, Value>(parts: VerbParts<Arguments, Value>) {
  const order = (given: unknown): Result<Order, string> => {
    const parsed = parts.arguments.safeParse(given);
    if (!parsed.success) return failed(flawsOf(parsed.error));
    const { port } = parsed.data;
    return ok({ port, run: (machine, signal) => parts.run(parsed.data, machine, signal).catch(refusalOf) });
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
const hostAddress = z
  .string()
  .check(z.refine((address) => checkHostAddress(address) === null, { error: "must be a host's IPv4 address" }));

/** A network and not a host in one: its host bits are zero. */
const network = z.string().check(z.refine(isNetwork, { error: "must be an IPv4 network, such as 10.9.0.0/16" }));
/** As many as there may be routes of scans. */
const maxNetworks = 99;

function isNetwork(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  if (more.length > 0 || canonicalIpv4(address) !== address || !/^(0|[1-9]\d?)$/.test(length)) return false;
  const octets = parseIpv4(address);
  return octets !== null && Number(length) <= 32 && (ipv4Number(octets) & ~maskNumber(Number(length))) === 0;
}

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
    arguments: strict({ port, vlan, address: hostAddress }).check(
      z.refine(({ port, vlan }) => port === "lan" || vlan === 0, { error: "WAN carries no VLAN" }),
    ),
    value: z.nullable(z.string().check(z.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/))),
    run: ({ port, vlan, address }, { processes, interfaces }, signal) => {
      const untagged = interfaces[port];
      return findHolder(processes, vlan === 0 ? untagged : vlanInterface(untagged, vlan), address, signal);
    },
  }),
  /** Keeps management to WAN, and scans to LAN but for these networks; or management to LAN. */
  separate: verb({
    arguments: strict({
      port: z.literal("wan", { error: "must be wan" }),
      on: z.boolean({ error: "must be true or false" }),
      scanByWan: z
        .array(network, { error: "must be a list of networks" })
        .check(z.maxLength(maxNetworks, { error: `must be at most ${maxNetworks} networks` })),
    }),
    value: z.null(),
    run: ({ on, scanByWan }, { processes, interfaces }, signal) =>
      separate(processes, interfaces, { on, scanByWan }, signal),
  }),
} as const;

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
