import type { FileSystems } from "../../hal/file-systems.ts";
import type { Machine } from "../../hal/machine.ts";
import type { Argv } from "../../hal/processes.ts";
import type { Resolver } from "../../hal/resolver.ts";
import type { Https } from "../https/https.ts";
import type { JobRunner } from "../jobs/jobs.ts";
import type { Sealer } from "../model/sealer.ts";
import type { NetworkBackend } from "../network/backend.ts";
import type { ScanNetwork } from "../network/scan/scan-network.ts";

/** The machine without its network ports, which are the backend's. */
export type OwnMachine = Omit<Machine, "ethernet">;

/** What the box acts on beyond its own panel. The bench and the real machine differ here and in the machine's ports. */
export interface Surroundings {
  readonly backend: NetworkBackend;
  readonly scanNetwork: ScanNetwork;
  readonly resolver: Resolver;
  readonly https: Https;
  readonly runner: JobRunner;
  /** null: secrets lie in files of mode 0600. */
  readonly sealer: Sealer | null;
  readonly fileSystems: FileSystems;
  /** The program that prints the machine's health, `bezel health DIRECTORY`. */
  readonly healthArgv: Argv;
}
