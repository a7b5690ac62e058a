import * as z from "zod/mini";
import { HalError } from "../../../hal/errors.ts";
import { type SeparationRule, separationRules } from "../../helper/rules.ts";
import type { Route } from "../../model/network-state.ts";

export interface KernelAddress {
  readonly interface: string;
  readonly family: 4 | 6;
  /** With prefix length. */
  readonly address: string;
}

export interface DefaultRoute {
  readonly interface: string;
  readonly family: 4 | 6;
  readonly gateway: string;
  readonly metric: number;
}

/** A route of the main table that somebody ordered: neither the kernel's own nor a lease's. */
export interface OrderedRoute extends Route {
  readonly interface: string;
}

/** What the kernel has now, of all interfaces. */
export interface KernelFacts {
  readonly addresses: readonly KernelAddress[];
  /** Of all routing tables, the preferred first. */
  readonly defaultRoutes: readonly DefaultRoute[];
  /** IPv4. */
  readonly orderedRoutes: readonly OrderedRoute[];
  readonly rules: readonly SeparationRule[];
}

/** Three questions, one child: an answer is a line of JSON. */
export const kernelArgv = ["ip", "-json", "-batch", "-"] as const;
/** Routes of both families, as no family is named; rules of IPv4. */
export const kernelQuestions = "address show\nroute show table all\nrule show\n";

const linkSchema = z.object({ ifname: z.string(), addr_info: z.array(z.unknown()) });
const addressSchema = z.object({
  family: z.enum(["inet", "inet6"]),
  local: z.string(),
  prefixlen: z.number(),
  scope: z.string(),
  tentative: z.optional(z.boolean()),
  dadfailed: z.optional(z.boolean()),
});

const hop = { gateway: z.optional(z.string()), dev: z.optional(z.string()) };
const routeSchema = z.object({
  ...hop,
  dst: z.string(),
  type: z.optional(z.string()),
  /** Left out for the main table. */
  table: z.optional(z.string()),
  protocol: z.optional(z.string()),
  metric: z._default(z.number(), 0),
  /** Several routers with the same preference. */
  nexthops: z._default(z.array(z.object(hop)), []),
});

/**
 * From the answers to `kernelQuestions`. A link, an address or a route of a kind that is not known here is none of ours and
 * left out. Throws a HalError when an answer is no list.
 */
export function parseKernel(text: string): KernelFacts {
  const [links = "", answer = "[]", rules = "[]"] = text.split("\n").filter((line) => line.trim() !== "");
  const routes = listOf(routeSchema, parseList(answer));
  return {
    addresses: usableAddresses(listOf(linkSchema, parseList(links))),
    defaultRoutes: defaultRoutes(routes),
    orderedRoutes: orderedRoutes(routes),
    rules: separationRules(parseList(rules)),
  };
}

/**
 * Global addresses that the port may use: without one whose uniqueness is not known yet (tentative) or was refuted
 * (dadfailed), RFC 4862 section 5.4.
 */
function usableAddresses(links: readonly z.infer<typeof linkSchema>[]): readonly KernelAddress[] {
  return links.flatMap(({ ifname, addr_info }) =>
    listOf(addressSchema, addr_info)
      .filter(({ scope, tentative, dadfailed }) => scope === "global" && !tentative && !dadfailed)
      .map(({ family, local, prefixlen }) => ({
        interface: ifname,
        family: family === "inet6" ? (6 as const) : (4 as const),
        address: `${local}/${prefixlen}`,
      })),
  );
}

/** Default routes by a router. A `type` (unreachable, blackhole) leads nowhere. */
function defaultRoutes(routes: readonly z.infer<typeof routeSchema>[]): readonly DefaultRoute[] {
  return routes
    .filter(({ dst, type }) => dst === "default" && type === undefined)
    .flatMap(({ metric, nexthops, ...only }) =>
      [only, ...nexthops].flatMap(({ gateway, dev }) =>
        gateway === undefined || dev === undefined
          ? []
          : [{ interface: dev, family: gateway.includes(":") ? (6 as const) : (4 as const), gateway, metric }],
      ),
    )
    .sort((a, b) => a.metric - b.metric);
}

/** NetworkManager marks those of a profile as static (RTPROT_STATIC), those of a lease as dhcp. */
function orderedRoutes(routes: readonly z.infer<typeof routeSchema>[]): readonly OrderedRoute[] {
  return routes.flatMap(({ dst, gateway, dev, type, table, protocol }) => {
    const isOrdered = dst !== "default" && type === undefined && table === undefined && protocol === "static";
    if (!isOrdered || gateway === undefined || dev === undefined || gateway.includes(":")) return [];
    return [{ interface: dev, destination: dst.includes("/") ? dst : `${dst}/32`, gateway }];
  });
}

/**
 * The interface and the address with prefix length of a line of `ip monitor` that says that another machine has an IPv6
 * address. NetworkManager takes such an address away within a millisecond, so that it is seen nowhere else.
 */
export function parseDadFailure(line: string): { readonly interface: string; readonly address: string } | null {
  const [, name, address] = /^\d+: (\S+)\s+inet6 (\S+) .*\bdadfailed\b/.exec(line) ?? [];
  return name === undefined || address === undefined ? null : { interface: name, address };
}

function parseList(text: string): readonly unknown[] {
  try {
    return z.array(z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new HalError("io", "ip", "its answer cannot be understood", { cause: error });
  }
}

/** Those that have the form. */
function listOf<T>(schema: z.ZodMiniType<T>, list: readonly unknown[]): readonly T[] {
  return list.flatMap((item) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}
