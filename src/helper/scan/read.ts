import * as z from "zod/mini";
import { HalError } from "../../../hal/errors.ts";
import type { Processes } from "../../../hal/processes.ts";
import { canonicalIpv6 } from "../../model/address.ts";
import { ok, type Result } from "../../model/result.ts";
import type { Refusal } from "../privileged.ts";
import { runBatch } from "./batch.ts";
import { linkGroups, scanInterface, tagSchema, tagsByInterface } from "./links.ts";

/** A link of ours. */
export interface ScanLink {
  readonly tag: number;
  readonly up: boolean;
  /** It was about to go when somebody ended. */
  readonly going: boolean;
  /** With prefix length, those of the link's own making included. */
  readonly addresses: readonly string[];
  /** Of these, the ones that another machine turned out to have (RFC 4862 section 5.4.5). */
  readonly refuted: readonly string[];
}

/** By hand: a schema takes ten times as long for 4094 of them. */
function isScanLinks(value: unknown): value is readonly ScanLink[] {
  return Array.isArray(value) && value.every(isScanLink);
}

function isScanLink(value: unknown): value is ScanLink {
  if (!isObject(value) || Object.keys(value).length !== 5) return false;
  const { tag, up, going, addresses, refuted } = value;
  return (
    Number.isInteger(tag) &&
    typeof up === "boolean" &&
    typeof going === "boolean" &&
    isTexts(addresses) &&
    isTexts(refuted)
  );
}

/** What the namespace has of ours; the links of others, and routes that are not by links with our names, are left out. */
export const scanStateSchema = z.strictObject({
  links: z.custom<readonly ScanLink[]>(isScanLinks),
  routes: z.array(z.strictObject({ tag: tagSchema, destination: z.string(), gateway: z.string() })),
});
export type ScanState = z.infer<typeof scanStateSchema>;
export type KernelRoute = ScanState["routes"][number];

/** Routes are ours by their protocol, and lie in the main table; the kernel's own and those of others have another. */
export const routeMark = "proto static";

/** What to read. */
export interface ScanQuestion {
  /** null: all that are there. One that is not there is left out. */
  readonly tags: readonly number[] | null;
  /** All of them, or none: over 4094 links they take 20 ms. */
  readonly routes: boolean;
}

/** Reads what is asked for. */
export async function readScanState(
  processes: Processes,
  port: string,
  { tags, routes }: ScanQuestion,
  signal: AbortSignal,
): Promise<Result<ScanState, Refusal>> {
  // The routes come first: of a link that is not there no answer comes.
  const questions = [
    ...(routes ? [`route show table main ${routeMark}`] : []),
    ...(tags === null ? ["address show"] : tags.map((tag) => `address show dev ${scanInterface(port, tag)}`)),
  ];
  const done = await runBatch(processes, questions, signal, { options: ["-json"] });
  return done.ok ? ok(parseScanState(`${routes ? "" : "[]\n"}${done.value.stdout}`, port)) : done;
}

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

/** By hand, as above. What has another form is none of ours. */
function parseLink(link: unknown, tags: ReadonlyMap<string, number>): readonly ScanLink[] {
  if (!isObject(link)) return [];
  const { ifname, group, flags, addr_info } = link;
  const tag = typeof ifname === "string" ? tags.get(ifname) : undefined;
  if (tag === undefined || (group !== linkGroups.ours && group !== linkGroups.going)) return [];
  if (!isTexts(flags) || !Array.isArray(addr_info)) return [];
  const infos: readonly Readonly<Record<string, unknown>>[] = addr_info.filter(isObject);
  const addresses = infos.flatMap((info) => addressText(info) ?? []);
  const refuted = infos.filter(({ dadfailed }) => dadfailed === true).flatMap((info) => addressText(info) ?? []);
  return [{ tag, up: flags.includes("UP"), going: group === linkGroups.going, addresses, refuted }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
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

function addressText({ family, local, prefixlen }: Readonly<Record<string, unknown>>): string | null {
  if (typeof local !== "string" || typeof prefixlen !== "number") return null;
  // inet_ntop(3) writes some addresses with a dotted end.
  if (family === "inet6" && local.includes(".")) return `${canonicalIpv6(local) ?? local}/${prefixlen}`;
  return family === "inet" || family === "inet6" ? `${local}/${prefixlen}` : null;
}

function parseList(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
    throw new Error("no list");
  } catch (error) {
    throw new HalError("io", "ip", "its answer cannot be understood", { cause: error });
  }
}
