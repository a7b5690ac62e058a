import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { createResolver } from "../../hal/linux/resolver.ts";
import { createChildHelper, createSocketHelper, helperSocket } from "../helper/client.ts";
import { createChildScanHelper, createSocketScanHelper } from "../helper/scan/client.ts";
import { createNoRunner } from "../jobs/no-runner.ts";
import { createNetworkManagerBackend } from "../network/networkmanager/backend.ts";
import { createScanNetwork } from "../network/scan/namespace.ts";
import type { Network, NetworkParts } from "./network.ts";

/** This machine's own network, by NetworkManager and the privileged helper. */
export function openMachineNetwork({ config, clock, processes, log, helper, signal }: NetworkParts): Network {
  const { lan, wan } = config.network;
  const backend = createNetworkManagerBackend({
    processes,
    followers: processes,
    ethernet: createEthernetPorts({ files: createFiles(), processes, clock }),
    privileged:
      helper === null
        ? createSocketHelper({ path: helperSocket, clock })
        : createChildHelper({ processes, argv: helper }),
    clock,
    log,
    interfaces: { lan, wan },
    signal,
  });
  const privileged =
    helper === null ? createSocketScanHelper({ clock }) : createChildScanHelper({ processes, argv: helper });
  return {
    backend,
    scanNetwork: createScanNetwork({ privileged, log }),
    resolver: createResolver({ clock }),
    runner: createNoRunner(log),
  };
}
