import * as z from "zod";
import { linkModes } from "../../../hal/ethernet.ts";
import type { Order } from "../../model/order.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { ItemFailure } from "../../model/scan.ts";

/** The version of orders that this program understands. */
export const orderSchemaVersion = 1;
/** 4094 VLANs, 99 routes, and what else there is. */
export const mostItems = 5000;

/** Why a document is no order: nothing of it was looked at further. */
export interface UnreadableOrder {
  readonly message: string;
  /** The items that are meant; none when it is the document itself. */
  readonly items: readonly ItemFailure[];
}

/** Reads a document from outside. */
export function parseOrder(document: unknown): Result<Order, UnreadableOrder> {
  const version = versionOf(document);
  if (version !== null && version > orderSchemaVersion) {
    const known = `this program understands ${orderSchemaVersion}; bring it up to date`;
    return failed({ message: `schema: ${version} is of a newer version, ${known}`, items: [] });
  }
  // Before each of them is looked at: what is wrong with them would be a report many times as long.
  if (itemsOf(document).length > mostItems) return failed({ message: `items: more than ${mostItems}`, items: [] });
  const parsed = orderSchema().safeParse(document);
  if (parsed.success) {
    const { revision, items } = parsed.data;
    return ok({ revision, items });
  }
  const items = firstOfEach(parsed.error.issues.flatMap((issue) => itemFailure(document, issue)));
  const [first] = parsed.error.issues;
  const message = first === undefined ? "no order" : describeIssue(first);
  return failed({ message: items[0] === undefined ? message : `${items[0].id}: ${items[0].message}`, items });
}

/** One failure an item. */
export function firstOfEach(failures: readonly ItemFailure[]): readonly ItemFailure[] {
  const first = new Map<string, ItemFailure>();
  for (const failure of failures) if (!first.has(failure.id)) first.set(failure.id, failure);
  return [...first.values()];
}

/** Longest message about the form of a document: it names what was sent, which may be long. */
const longestMessage = 200;

/** Where and what, for people. */
export function describeIssue({ path, message }: Pick<z.core.$ZodIssue, "path" | "message">): string {
  return [...path, message].join(": ").slice(0, longestMessage);
}

function itemsOf(document: unknown): readonly unknown[] {
  const items = typeof document === "object" && document !== null && "items" in document ? document.items : null;
  return Array.isArray(items) ? items : [];
}

function versionOf(document: unknown): number | null {
  const version =
    typeof document === "object" && document !== null && "schema" in document ? document.schema : undefined;
  return typeof version === "number" && Number.isInteger(version) ? version : null;
}

/** Made at each call: most starts never see an order. */
export function orderSchema() {
  const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
  const item = z.strictObject({
    id,
    kind: z.string().regex(/^[a-z0-9-]{1,32}$/),
    value: z.record(z.string().max(64), z.unknown()),
  });
  return z.strictObject({
    schema: z.literal(orderSchemaVersion),
    revision: z.int().min(0).max(0x7fffffff),
    items: z.array(item).max(mostItems),
  });
}

/** The item that an issue is about, where its id can be told. */
function itemFailure(document: unknown, { path, message }: z.core.$ZodIssue): readonly ItemFailure[] {
  const [list, index, ...rest] = path;
  if (list !== "items" || typeof index !== "number") return [];
  const item = itemsOf(document)[index];
  const id = typeof item === "object" && item !== null && "id" in item ? item.id : undefined;
  const known = typeof id === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(id);
  return [{ id: known ? id : `items.${index}`, message: describeIssue({ path: rest, message }) }];
}

const address = z.string().min(2).max(45);
const servers = z.array(address).min(1).max(2);
const tag = z.int({ error: "must be a whole number" });

const ipv4 = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("dhcp") }),
  z.strictObject({
    method: z.literal("static"),
    address,
    prefixLength: z.int(),
    gateway: address,
    dns: servers,
    wins: z.array(address).max(2).default([]),
    domain: z.string().max(253).nullable().default(null),
  }),
]);

/** What each kind of item holds. Ranges and relations are checked afterwards, by the rules of the panel. */
export const itemSchemas = {
  vlan: z.strictObject({
    tag,
    address,
    prefixLength: z.int(),
    ipv6: z.strictObject({ address, prefixLength: z.int() }).nullable().default(null),
  }),
  route: z.strictObject({
    destination: z.string().max(18),
    gateway: address,
    via: z.union([z.enum(["lan", "wan"]), tag], { error: "must be lan, wan or the tag of a VLAN" }).default("lan"),
  }),
  /** LAN by IPv4. */
  "lan-ipv4": ipv4,
  /** LAN by IPv6, for scans beside IPv4 or for all in IPv6-only mode. */
  "lan-ipv6": z.discriminatedUnion("method", [
    z.strictObject({ method: z.literal("auto"), dns: z.array(address).max(2).default([]) }),
    z.strictObject({ method: z.literal("static"), address, prefixLength: z.int(), gateway: address, dns: servers }),
  ]),
  /** WAN by IPv4, or switched off. */
  "wan-ipv4": z.discriminatedUnion("method", [...ipv4.options, z.strictObject({ method: z.literal("off") })]),
  "lan-link": z.strictObject({ mode: z.enum(linkModes) }),
  "wan-link": z.strictObject({ mode: z.enum(linkModes) }),
  /** Without a user: a password comes from the panel only. */
  proxy: z.union([
    z.strictObject({ off: z.literal(true) }),
    z.strictObject({ host: z.string().max(253), port: z.int() }),
  ]),
} as const;

export type ItemKind = keyof typeof itemSchemas;
export type ItemValue<Kind extends ItemKind> = z.infer<(typeof itemSchemas)[Kind]>;
