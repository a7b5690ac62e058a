import * as z from "zod/mini";
import { HalError } from "../../../hal/errors.ts";
import type { Processes } from "../../../hal/processes.ts";
import { canonicalIpv6 } from "../../model/address.ts";
import { ok, type Result } from "../../model/result.ts";
import type { Refusal } from "../privileged.ts";
import { runBatch } from "./batch.ts";
import { linkGroups, scanInterface, tagSchema, tagsByInterface } from "./links.ts";

/** What the namespace has of ours; the links of others, and routes that are not by these links, are left out. */
export const scanStateSchema = z.strictObject({
  links: z.array(
    z.strictObject({
      tag: tagSchema,
      up: z.boolean(),
      /** It was about to go when somebody ended. */
      going: z.boolean(),
      /** With prefix length, those of the link's own making included. */
      addresses: z.array(z.string()),
      /** Of these, the ones that another machine turned out to have (RFC 4862 section 5.4.5). */
      refuted: z.array(z.string()),
    }),
  ),
  routes: z.array(z.strictObject({ tag: tagSchema, destination: z.string(), gateway: z.string() })),
});
export type ScanState = z.infer<typeof scanStateSchema>;
export type ScanLink = ScanState["links"][number];
export type KernelRoute = ScanState["routes"][number];

/** Routes are ours by their protocol, and lie in the main table; the kernel's own and those of others have another. */
export const routeMark = "proto static";

/** Reads these links, or all (null), and all routes. A link that is not there is left out. */
export async function readScanState(
  processes: Processes,
  port: string,
  tags: readonly number[] | null,
  signal: AbortSignal,
): Promise<Result<ScanState, Refusal>> {
  const questions =
    tags === null ? ["address show"] : tags.map((tag) => `address show dev ${scanInterface(port, tag)}`);
  // The routes come first: of a link that is not there no answer comes.
  const done = await runBatch(processes, [`route show table main ${routeMark}`, ...questions], signal, ["-json"]);
  return done.ok ? ok(parseScanState(done.value.stdout, port)) : done;
}

const linkSchema = z.object({
  ifname: z.string(),
  group: z.string(),
  flags: z.array(z.string()),
  addr_info: z.array(
    z.object({
      family: z.string(),
      local: z.string(),
      prefixlen: z.number(),
      dadfailed: z.optional(z.boolean()),
    }),
  ),
});
const routeSchema = z.object({
  dst: z.string(),
  gateway: z.string(),
  dev: z.string(),
  type: z.optional(z.string()),
  metric: z.optional(z.number()),
});

/** From the answers, a line of JSON each, the routes first. Throws a HalError when an answer is none. */
export function parseScanState(text: string, port: string): ScanState {
  const answers = text.split("\n").filter((line) => line.trim() !== "");
  const [routes = [], ...links] = answers.map(parseList);
  const tags = tagsByInterface(port);
  return {
    links: links.flat().flatMap((link) => parseLink(link, tags)),
    routes: routes.flatMap((route) => parseRoute(route, tags)),
  };
}

function parseLink(link: unknown, tags: ReadonlyMap<string, number>): readonly ScanLink[] {
  const parsed = linkSchema.safeParse(link);
  if (!parsed.success) return [];
  const { ifname, group, flags, addr_info } = parsed.data;
  const tag = tags.get(ifname);
  if (tag === undefined || (group !== linkGroups.ours && group !== linkGroups.going)) return [];
  const addresses = addr_info.map((it) => ({ ...it, text: addressText(it) }));
  return [
    {
      tag,
      up: flags.includes("UP"),
      going: group === linkGroups.going,
      addresses: addresses.map(({ text }) => text),
      refuted: addresses.filter(({ dadfailed }) => dadfailed === true).map(({ text }) => text),
    },
  ];
}

function parseRoute(route: unknown, tags: ReadonlyMap<string, number>): readonly KernelRoute[] {
  const parsed = routeSchema.safeParse(route);
  if (!parsed.success) return [];
  const { dst, gateway, dev, type, metric = 0 } = parsed.data;
  const tag = tags.get(dev);
  // Ours have one neighbour and no metric.
  if (tag === undefined || type !== undefined || metric !== 0) return [];
  const whole = dst === "default" ? "0.0.0.0/0" : dst;
  return [{ tag, destination: whole.includes("/") ? whole : `${whole}/32`, gateway }];
}

function addressText({ family, local, prefixlen }: { family: string; local: string; prefixlen: number }): string {
  // inet_ntop(3) writes some addresses with a dotted end.
  return `${family === "inet6" ? (canonicalIpv6(local) ?? local) : local}/${prefixlen}`;
}

function parseList(text: string): readonly unknown[] {
  try {
    return z.array(z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new HalError("io", "ip", "its answer cannot be understood", { cause: error });
  }
}
