import type { Clock } from "../../hal/clock.ts";
import type { Argv, Followers, Processes } from "../../hal/processes.ts";
import type { Surroundings } from "../appliance/surroundings.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../model/log.ts";

export interface NetworkParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly processes: Processes & Followers;
  readonly log: Log;
  /** The helper as a child, for root; null: behind its socket. */
  readonly helper: Argv | null;
  /** Ends timers and children. */
  readonly signal: AbortSignal;
}

export type Network = Pick<Surroundings, "backend" | "scanNetwork" | "resolver" | "runner">;

/** The network that the configuration names. Only that one is loaded. */
export async function openNetwork(parts: NetworkParts): Promise<Network> {
  if (parts.config.network.backend === "simulated") {
    const { openSimulatedNetwork } = await import("./simulated-network.ts");
    return openSimulatedNetwork(parts);
  }
  const { openMachineNetwork } = await import("./machine-network.ts");
  return openMachineNetwork(parts);
}
