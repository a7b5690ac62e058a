import type { Result } from "../model/result.ts";
import type { LinkMode, PortName } from "../model/settings.ts";

/** Why a privileged verb was not done. `detail` is for the log and the detail line. */
export interface Refusal {
  /** `refused`: the kernel or the helper said no. `unavailable`: the helper is not there. `timeout`: it did not answer. */
  readonly kind: "refused" | "unavailable" | "timeout";
  readonly detail: string;
}

/**
 * What the controller may not do itself, because it holds no capability: a closed list of verbs about the two ports of the
 * configuration, and nothing else of the machine. All reject with the signal's reason when it aborts.
 */
export interface Privileged {
  /** Sets speed and duplex (CAP_NET_ADMIN). A mode that the port lacks is refused with those that it has. */
  setLink(port: PortName, mode: LinkMode, signal: AbortSignal): Promise<Result<null, Refusal>>;
  /**
   * Asks the wire whether another machine has an IPv4 address, without claiming it (CAP_NET_RAW): an ARP probe, RFC 5227
   * section 2.1.1. Its MAC address, or null when nobody answered within two seconds. `vlan` 0 is untagged.
   */
  findHolder(
    query: { readonly port: PortName; readonly vlan: number; readonly address: string },
    signal: AbortSignal,
  ): Promise<Result<string | null, Refusal>>;
  /**
   * Keeps what the controller itself sends to WAN, where it has WAN's routes and none else, and what scans send to LAN but for
   * `scanByWan`: at most 99 IPv4 networks, `10.9.0.0/16`. Off: the controller is kept to LAN, scans have no way by WAN. Nothing
   * leaves by a wrong port meanwhile, or when it is refused (CAP_NET_ADMIN). Done again it changes nothing.
   */
  separate(
    separation: { readonly on: boolean; readonly scanByWan: readonly string[] },
    signal: AbortSignal,
  ): Promise<Result<null, Refusal>>;
  /**
   * Asks the DHCP server for the WINS servers of a leased address (CAP_NET_RAW), beside the client that holds the lease: a
   * DHCPINFORM, RFC 2131 section 4.4.3, which changes neither the lease nor the interface. At most two; none where the
   * server names none. Ends within ten seconds. `vlan` 0 is untagged.
   */
  askWins(query: WinsQuery, signal: AbortSignal): Promise<Result<readonly string[], Refusal>>;
}

export interface WinsQuery {
  readonly port: PortName;
  readonly vlan: number;
  /** As the interface has it, together with its length: other ones are refused. */
  readonly address: string;
  readonly prefixLength: number;
}
