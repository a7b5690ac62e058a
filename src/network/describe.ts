import type { Route } from "../model/network-state.ts";
import type { Ipv4Settings, Ipv6Settings } from "../model/settings.ts";
import type { Operation } from "./backend.ts";

/** One line for the log and for `bezel config plan`. Operations hold no secrets. */
export function describeOperation(operation: Operation): string {
  const port = operation.port.toUpperCase();
  switch (operation.kind) {
    case "release":
      return `release ${port}`;
    case "renew":
      return `ask for a new lease on ${port}`;
    case "link":
      return `set the link of ${port} to ${operation.mode}`;
    case "routes":
      return operation.routes.length === 0
        ? `take the routes by ${port} away`
        : `set ${describeRoutes(operation.routes, port)}`;
    case "separate":
      return operation.on
        ? ["keep our own traffic on WAN", ...servers("scans by WAN to", operation.scanByWan)].join(", ")
        : "let our own traffic use LAN";
    case "configure": {
      const addresses = operation.mode === "ipv6-only" ? describeIpv6(operation.ipv6) : describeIpv4(operation.ipv4);
      const vlan = operation.vlan === 0 ? "" : ` on VLAN ${operation.vlan}`;
      const routes = operation.routes.length === 0 ? "" : `, ${describeRoutes(operation.routes, port)}`;
      return `configure ${port}${vlan}: ${addresses}${routes}`;
    }
  }
}

function describeRoutes(routes: readonly Route[], port: string): string {
  const ways = routes.map(({ destination, gateway }) => `${destination} by ${gateway}`);
  return `${routes.length} ${routes.length === 1 ? "route" : "routes"} by ${port}: ${ways.join(", ")}`;
}

function describeIpv4(ipv4: Ipv4Settings): string {
  if (ipv4.method === "dhcp") return "DHCP";
  const { address, prefixLength, gateway, dns, wins, domain } = ipv4;
  return [
    `static ${address}/${prefixLength}`,
    `gateway ${gateway}`,
    ...servers("DNS", dns),
    ...servers("WINS", wins),
    ...(domain === null ? [] : [`domain ${domain}`]),
  ].join(", ");
}

function describeIpv6(ipv6: Ipv6Settings): string {
  if (ipv6.method === "auto") return ["IPv6 router advertisement", ...servers("DNS", ipv6.dns)].join(", ");
  const { address, prefixLength, gateway, dns } = ipv6;
  return [`static ${address}/${prefixLength}`, `gateway ${gateway}`, ...servers("DNS", dns)].join(", ");
}

function servers(name: string, addresses: readonly string[]): readonly string[] {
  return addresses.length === 0 ? [] : [`${name} ${addresses.join(" ")}`];
}
