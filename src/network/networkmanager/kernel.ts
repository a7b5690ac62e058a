import * as z from "zod/mini";
import { HalError } from "../../../hal/errors.ts";

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

/** What the kernel has now, of all interfaces. */
export interface KernelFacts {
  readonly addresses: readonly KernelAddress[];
  /** Of all routing tables, the preferred first. */
  readonly defaultRoutes: readonly DefaultRoute[];
}

/** Two questions, one child: an answer is a line of JSON. */
export const kernelArgv = ["ip", "-json", "-batch", "-"] as const;
/** Routes of both families, as no family is named. */
export const kernelQuestions = "address show\nroute show table all\n";

const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    addr_info: z.array(
      z.object({
        family: z.enum(["inet", "inet6"]),
        local: z.string(),
        prefixlen: z.number(),
        scope: z.string(),
        tentative: z.optional(z.boolean()),
        dadfailed: z.optional(z.boolean()),
      }),
    ),
  }),
);

const hop = { gateway: z.optional(z.string()), dev: z.optional(z.string()) };
const routesSchema = z.array(
  z.object({
    ...hop,
    dst: z.string(),
    type: z.optional(z.string()),
    metric: z._default(z.number(), 0),
    /** Several routers with the same preference. */
    nexthops: z._default(z.array(z.object(hop)), []),
  }),
);

/** From the answers to `kernelQuestions`. Throws a HalError when they cannot be understood. */
export function parseKernel(text: string): KernelFacts {
  const [links = "", routes = "[]"] = text.split("\n").filter((line) => line.trim() !== "");
  return {
    addresses: usableAddresses(parse(linksSchema, links)),
    defaultRoutes: defaultRoutes(parse(routesSchema, routes)),
  };
}

/**
 * Global addresses that the port may use: without one whose uniqueness is not known yet (tentative) or was refuted
 * (dadfailed), RFC 4862 section 5.4.
 */
function usableAddresses(links: z.infer<typeof linksSchema>): readonly KernelAddress[] {
  return links.flatMap(({ ifname, addr_info }) =>
    addr_info
      .filter(({ scope, tentative, dadfailed }) => scope === "global" && !tentative && !dadfailed)
      .map(({ family, local, prefixlen }) => ({
        interface: ifname,
        family: family === "inet6" ? (6 as const) : (4 as const),
        address: `${local}/${prefixlen}`,
      })),
  );
}

/** Default routes by a router. A `type` (unreachable, blackhole) leads nowhere. */
function defaultRoutes(routes: z.infer<typeof routesSchema>): readonly DefaultRoute[] {
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

/**
 * The interface and the address with prefix length of a line of `ip monitor` that says that another machine has an IPv6
 * address. NetworkManager takes such an address away within a millisecond, so that it is seen nowhere else.
 */
export function parseDadFailure(line: string): { readonly interface: string; readonly address: string } | null {
  const [, name, address] = /^\d+: (\S+)\s+inet6 (\S+) .*\bdadfailed\b/.exec(line) ?? [];
  return name === undefined || address === undefined ? null : { interface: name, address };
}

function parse<T>(schema: z.ZodMiniType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new HalError("io", "ip", "its answer cannot be understood", { cause: error });
  }
}
