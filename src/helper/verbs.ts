import * as z from "zod/mini";
import { linkModes } from "../../hal/ethernet.ts";
import { ok } from "../model/result.ts";
import { checkHostAddress } from "../model/validate.ts";
import { vlanInterface } from "../model/vlan-interface.ts";
import { findHolder } from "./arping.ts";
import { makeScanLinks } from "./scan/make.ts";
import { strict, verb } from "./verb.ts";

const port = z.enum(["lan", "wan"], { error: "must be lan or wan" });
/** IEEE 802.1Q; 0 is untagged. */
const vlan = z.int({ error: "must be 0 to 4094" }).check(z.gte(0), z.lte(4094));
const hostAddress = z
  .string()
  .check(z.refine((address) => checkHostAddress(address) === null, { error: "must be a host's IPv4 address" }));

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
    arguments: strict({ port, vlan, address: hostAddress }).check(
      z.refine(({ port, vlan }) => port === "lan" || vlan === 0, { error: "WAN carries no VLAN" }),
    ),
    value: z.nullable(z.string().check(z.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/))),
    run: ({ port, vlan, address }, { processes, interfaces }, signal) => {
      const untagged = interfaces[port];
      return findHolder(processes, vlan === 0 ? untagged : vlanInterface(untagged, vlan), address, signal);
    },
  }),
  /** Makes VLANs of LAN in the namespace of the scans. */
  "scan-make": makeScanLinks,
} as const;
