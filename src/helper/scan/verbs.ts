import * as z from "zod/mini";
import { parseIpv4 } from "../../model/address.ts";
import { failed, ok } from "../../model/result.ts";
import { checkHostAddress } from "../../model/validate.ts";
import { strict, verb } from "../verb.ts";
import { runBatch, runIp } from "./batch.ts";
import {
  isAddress,
  isDestination,
  isHostAddress,
  lanSchema,
  linkGroups,
  maxItems,
  refusedSchema,
  scanInterface,
  tagSchema,
  tagsSchema,
} from "./links.ts";
import { readScanState, routeMark, scanStateSchema } from "./read.ts";

/** To take from a link in one request, or to give. */
export const maxAddresses = 16;
/** Each is a question of its own; for more, all are read at once. */
export const maxNamed = 64;

const anyAddress = z.string().check(z.refine(isAddress, { error: "must be an address with its prefix length" }));
const hostAddress = z.string().check(z.refine(isHostAddress, { error: "must be a host's address with prefix length" }));

const change = strict({
  tag: tagSchema,
  remove: z.array(anyAddress).check(z.maxLength(maxAddresses)),
  add: z.array(hostAddress).check(z.maxLength(maxAddresses)),
});
export type LinkChange = z.infer<typeof change>;

const destination = z.string().check(z.refine(isDestination, { error: "must be an IPv4 network" }));
const anyGateway = z.string().check(z.refine((text) => parseIpv4(text) !== null, { error: "must be an IPv4 address" }));
const hostGateway = z
  .string()
  .check(z.refine((text) => checkHostAddress(text) === null, { error: "must be a host's IPv4 address" }));
const routes = (gateway: typeof hostGateway) =>
  z.array(strict({ tag: tagSchema, destination, gateway })).check(z.maxLength(maxItems));

const refusedRoutes = z.array(z.strictObject({ destination: z.string(), reason: z.string() }));
export type RefusedRoute = z.infer<typeof refusedRoutes>[number];

/** What the helper inside the namespace of the scans does, and nothing else. */
export const scanVerbs = {
  /** Reads the named links, or all, and all routes, or none. */
  "scan-read": verb({
    arguments: strict({
      port: lanSchema,
      tags: z.nullable(z.array(tagSchema).check(z.maxLength(maxNamed))),
      routes: z.boolean(),
    }),
    value: scanStateSchema,
    run: ({ port, tags, routes }, { processes, interfaces }, signal) =>
      readScanState(processes, interfaces[port], { tags, routes }, signal),
  }),
  /** Takes links away, and what an earlier such order left half done. */
  "scan-remove": verb({
    arguments: strict({ port: lanSchema, tags: tagsSchema }),
    value: refusedSchema,
    run: async ({ port, tags }, { processes, interfaces }, signal) => {
      const lines = tags.map((tag) => `link set dev ${scanInterface(interfaces[port], tag)} group ${linkGroups.going}`);
      const moved = await runBatch(processes, lines, signal);
      if (!moved.ok) return moved;
      const gone = await runIp(processes, ["ip", "link", "delete", "group", linkGroups.going], signal);
      if (!gone.ok) return gone;
      const { code, stderr } = gone.value;
      // None is in the group where all of them were gone already.
      if (code !== 0 && stderr.trim() !== "RTNETLINK answers: No such device")
        return failed({ kind: "refused", detail: `ip link delete ended with ${code}: ${stderr.trim()}` });
      return ok(
        tags.flatMap((tag, at) => {
          const reason = moved.value.refused.get(at);
          return reason === undefined ? [] : [{ tag, reason }];
        }),
      );
    },
  }),
  /** Takes and gives addresses, and brings the links up. */
  "scan-set": verb({
    arguments: strict({ port: lanSchema, changes: z.array(change).check(z.maxLength(maxItems)) }),
    value: refusedSchema,
    run: async ({ port, changes }, { processes, interfaces }, signal) => {
      const lines = changes.flatMap(({ tag, remove, add }) => {
        const name = scanInterface(interfaces[port], tag);
        const texts = [
          ...remove.map((address) => `address del ${address} dev ${name}`),
          // An address that is there already stays as it is.
          ...add.map((address) => `address replace ${address} dev ${name}`),
          `link set dev ${name} up`,
        ];
        return texts.map((text) => ({ tag, text }));
      });
      const done = await runBatch(
        processes,
        lines.map(({ text }) => text),
        signal,
      );
      if (!done.ok) return done;
      return ok([...done.value.refused].map(([at, reason]) => ({ tag: lines[at]?.tag ?? 0, reason })));
    },
  }),
  /** Takes routes away and then adds others. */
  "scan-route": verb({
    arguments: strict({ port: lanSchema, remove: routes(anyGateway), add: routes(hostGateway) }),
    value: refusedRoutes,
    run: async ({ port, remove, add }, { processes, interfaces }, signal) => {
      const line = (order: string) => (route: (typeof add)[number]) => ({
        destination: route.destination,
        text: `route ${order} ${route.destination} via ${route.gateway} dev ${scanInterface(interfaces[port], route.tag)} ${routeMark}`,
      });
      const lines = [...remove.map(line("del")), ...add.map(line("add"))];
      const done = await runBatch(
        processes,
        lines.map(({ text }) => text),
        signal,
      );
      if (!done.ok) return done;
      return ok([...done.value.refused].map(([at, reason]) => ({ destination: lines[at]?.destination ?? "", reason })));
    },
  }),
} as const;
