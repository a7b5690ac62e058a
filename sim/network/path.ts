import ipaddr from "ipaddr.js";
import type { NetworkState, PortState } from "../../src/model/network-state.ts";
import type { PortName } from "../../src/model/settings.ts";
import { ipv6Of, subnetOf, type WireState, type WorldState } from "./world.ts";

/** Why a packet of the box does not arrive. */
export type Blockage = "no carrier" | "no address" | "address conflict" | "wrong subnet" | "no gateway";

/**
 * Whether packets of a port reach the wire's own machines (`wire`) or, through the router, the world (`outside`). A port
 * whose address another machine has gets no answers: they go to the other one.
 */
export function blockage(port: PortState, wire: WireState, to: "wire" | "outside", name: PortName): Blockage | null {
  if (!port.carrier) return "no carrier";
  const ipv6 = port.method === "auto6" || port.method === "static6";
  const addresses = ipv6 ? port.ipv6 : port.ipv4;
  const address = addresses[0];
  if (address === undefined) return "no address";
  if (port.duplicate !== null) return "address conflict";
  const routers = ipv6 ? [ipv6Of[name].router, ipv6Of[name].dns] : [subnetOf(wire).router];
  const network = ipv6 ? `${ipv6Of[name].prefix}:/64` : wire.subnet;
  if (!inNetwork(address.split("/")[0] ?? "", network)) return "wrong subnet";
  if (to === "outside" && (port.gateway === null || !routers.includes(port.gateway))) return "no gateway";
  return null;
}

/** Whether an address lies in a network given as `address/length`; different families never do. */
export function inNetwork(address: string, network: string): boolean {
  const one = ipaddr.parse(address);
  const [base, prefixLength] = ipaddr.parseCIDR(network);
  return one.kind() === base.kind() && one.match(base, prefixLength);
}

/** The port that carries management: WAN when it is configured. */
export function managed(
  network: NetworkState,
  world: WorldState,
): { name: PortName; port: PortState; wire: WireState } {
  return network.wan === null
    ? { name: "lan", port: network.lan, wire: world.lan }
    : { name: "wan", port: network.wan, wire: world.wan };
}
