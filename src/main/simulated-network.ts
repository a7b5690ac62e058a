import { createSimulatedBackend } from "../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../sim/network/ethernet.ts";
import { createSimulatedResolver } from "../../sim/network/resolver.ts";
import { createSimulatedScanNetwork } from "../../sim/network/scan-network.ts";
import { createWorld } from "../../sim/network/world.ts";
import { createTimedRunner } from "../../sim/timed-runner.ts";
import type { Network, NetworkParts } from "./network.ts";

/** The network of the bench without its switches: for a machine whose network is not ours to touch. */
export function openSimulatedNetwork({ config, clock, signal }: NetworkParts): Network {
  const { lan, wan } = config.network;
  const world = createWorld();
  const parts = { world, clock, signal, interfaces: { lan, wan } };
  const ethernet = createSimulatedEthernet(parts);
  const backend = createSimulatedBackend({ ...parts, ethernet });
  const names = [new URL(config.platform.url).hostname];
  const resolver = createSimulatedResolver({ world, clock, network: backend.current, names });
  const scanNetwork = createSimulatedScanNetwork({ clock, held: () => [backend.current().lan.vlan] });
  return { backend, scanNetwork, resolver, runner: createTimedRunner(clock, signal) };
}
