import type { Clock } from "../../hal/clock.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import { createChildSealer, createSocketSealer } from "../helper/seal/client.ts";
import type { Sealer } from "../model/sealer.ts";

export interface SealerParts {
  readonly clock: Clock;
  readonly processes: Processes;
  /** The helper as a child, for root; null: behind its socket. */
  readonly helper: Argv | null;
}

/** What seals secrets on this machine; where it is not there, that shows at the first of them. */
export function openSealer({ clock, processes, helper }: SealerParts): Sealer {
  return helper === null ? createSocketSealer({ clock }) : createChildSealer({ processes, argv: helper });
}
