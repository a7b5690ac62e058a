import * as z from "zod/mini";
import { linkModes } from "../../hal/ethernet.ts";
import { canonicalIpv4, ipv4Number, maskNumber, parseIpv4 } from "../model/address.ts";
import { ok } from "../model/result.ts";
import type { PortName } from "../model/settings.ts";
import { checkHostAddress } from "../model/validate.ts";
import { vlanInterface } from "../model/vlan-interface.ts";
import { findHolder } from "./arping.ts";
import { askWins } from "./dhcp-inform.ts";
import { makeScanLinks } from "./scan/make.ts";
import { separate } from "./separation.ts";
import { strict, verb } from "./verb.ts";

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

/** All that the helper beside the two ports does, and nothing else: a verb, what it takes, what it does. */
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
  /** Makes VLANs of LAN in the namespace of the scans. */
  "scan-make": makeScanLinks,
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

function tagged(untagged: string, vlan: number): string {
  return vlan === 0 ? untagged : vlanInterface(untagged, vlan);
}
