import { managementState, type NetworkState } from "../model/network-state.ts";
import { managementPort, type Settings } from "../model/settings.ts";
import { keepsToPort } from "./way.ts";

/** How long a link may take to come up before contact is tried without it: auto-negotiation takes up to 3 s. */
const carrierLimitMs = 5_000;
/** How long a lease or a router advertisement may take, and the helper that keeps management to its port. */
const addressLimitMs = 15_000;

/**
 * Whether contact can be tried: the management port has an address and management is kept to it, or waiting longer is of no use. `waitedMs` counts from
 * the moment the settings took effect.
 */
export function settled(network: NetworkState, settings: Settings, waitedMs: number): boolean {
  const port = managementState(network, managementPort(settings));
  if (!port.carrier) return waitedMs >= carrierLimitMs;
  if (port.duplicate !== null) return true;
  const addresses = settings.mode === "ipv6-only" ? port.ipv6 : port.ipv4;
  return (addresses.length > 0 && keepsToPort({ settings, network })) || waitedMs >= addressLimitMs;
}
