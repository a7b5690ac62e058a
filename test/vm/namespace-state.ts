import type { Agent } from "./agent-client.ts";

/** What the network namespace of the scans holds, by ip(8). */
export interface NamespaceState {
  /** By name: the kernel's number, which a link that is made anew does not get again, and IPv4 addresses. */
  readonly links: Readonly<Record<string, string>>;
  /** Those that are not the kernel's own, sorted. */
  readonly routes: readonly string[];
}

interface Link {
  readonly ifindex: number;
  readonly ifname: string;
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}
interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
}

/** Group 4094, and not loopback. 4094 links are 2.4 MB. */
export async function namespaceState({ read }: Pick<Agent, "read">): Promise<NamespaceState> {
  // Without any link of the group ip prints nothing.
  const list = async <T>(...argv: string[]): Promise<T[]> =>
    JSON.parse((await read("ip", "-json", "-netns", "scan", ...argv)) || "[]");
  const links = await list<Partial<Link>>("address", "show", "group", "4094");
  const routes = await list<Route>("-4", "route", "show", "proto", "static");
  return {
    links: Object.fromEntries(
      links.filter(isLink).map(({ ifindex, ifname, addr_info }) => {
        const own = addr_info.filter(({ family }) => family === "inet");
        return [ifname, [ifindex, ...own.map(({ local, prefixlen }) => `${local}/${prefixlen}`)].join(" ")];
      }),
    ),
    routes: routes.map(({ dst, gateway, dev }) => `${dst} via ${gateway} dev ${dev}`).sort(),
  };
}

/** ip(8) leaves an empty object for a link that it filters out. */
function isLink(link: Partial<Link>): link is Link {
  return link.ifname !== undefined;
}
