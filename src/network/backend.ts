import type { Stop } from "../../hal/clock.ts";
import type { Refusal } from "../helper/privileged.ts";
import type { NetworkState, Route } from "../model/network-state.ts";
import type { Result } from "../model/result.ts";
import type { Ipv4Settings, Ipv6Settings, LinkMode, Mode, PortName } from "../model/settings.ts";

/**
 * One step of a plan, as data: what is to be done to the machine, not how. `bezel config plan` prints it, the log of a
 * change names it, a back end carries it out.
 */
export type Operation =
  /** Give the port these addresses (and the VLAN tag, LAN only) and bring it up; replaces what it had. */
  | {
      readonly kind: "configure";
      readonly port: PortName;
      readonly mode: Mode;
      readonly vlan: number;
      readonly ipv4: Ipv4Settings;
      readonly ipv6: Ipv6Settings;
      /** Into the main table, whatever table the port's own routes are in. */
      readonly routes: readonly Route[];
    }
  /** Change the port's ordered routes to these; nothing else of it is touched. */
  | { readonly kind: "routes"; readonly port: PortName; readonly routes: readonly Route[] }
  /**
   * Keep our own traffic on WAN and off LAN (`on`), or on LAN; and scans off WAN but for these networks, with prefix
   * length.
   */
  | { readonly kind: "separate"; readonly port: "wan"; readonly on: boolean; readonly scanByWan: readonly string[] }
  /** Ask for a new lease, or a new router advertisement. */
  | { readonly kind: "renew"; readonly port: PortName }
  | { readonly kind: "release"; readonly port: PortName }
  | { readonly kind: "link"; readonly port: PortName; readonly mode: LinkMode };

/**
 * Why an operation was not done: the kernel, the network daemon or the helper said no, is not running or did not answer.
 * `detail` is for the log and the detail line.
 */
export type { Refusal } from "../helper/privileged.ts";

/** `link`: a port came, went, came up or down, however shortly; what hangs on it may be gone though it looks the same. */
export type NetworkEvent = "link" | "other";

/**
 * The machine's network. A missing cable, lease or router is not a failure of `perform`: it is seen in `observe`.
 *
 * Implementations: `sim/network` (the bench) and NetworkManager.
 */
export interface NetworkBackend {
  /**
   * Carries out one operation and returns when it has taken effect or was refused. One at a time. Rejects with the signal's
   * reason when it aborts; the operation may have taken effect all the same.
   */
  perform(operation: Operation, signal: AbortSignal): Promise<Result<null, Refusal>>;
  /**
   * Reads back what the kernel and the leases say now. Neither knows the WINS servers and the domain of a static port: those
   * are not looked at. Rejects with a HalError when it cannot be read, and with the signal's reason
   * when that aborts.
   */
  observe(signal: AbortSignal): Promise<NetworkState>;
  /** Calls `changed` after each change of a link, address, route or lease; bursts may be folded into one call of each kind. */
  watch(changed: (event: NetworkEvent) => void): Stop;
}
