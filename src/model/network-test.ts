import type { Fault } from "./fault.ts";
import type { PortName } from "./settings.ts";

/** The steps between this box and the platform; which of them there are, and in which order, depends on the settings. */
export const rungNames = [
  "settings",
  "network",
  "carrier",
  "duplicate",
  "address",
  "gateway",
  "separation",
  "dns-servers",
  "dns",
  "proxy",
  "connect",
  "tls",
  "http",
  "platform",
] as const;

export type RungName = (typeof rungNames)[number];

export interface RungPlace {
  readonly rung: RungName;
  /** null for what belongs to no port. */
  readonly port: PortName | null;
}

/** One rung as it was found. */
export interface RungResult extends RungPlace {
  readonly ok: boolean;
  /** How long the rung took by itself, in a contact that was made before the climb too. */
  readonly ms: number;
  /** One line for a person. */
  readonly detail: string;
}

/** A test of the network that a person asked for: how far it has come, or how it ended. */
export interface NetworkTest {
  /** `canceled`: ended before its end. `refused`: never begun. */
  readonly state: "running" | "done" | "canceled" | "refused";
  /** Why it was refused, or ended by something else than a person. */
  readonly reason: string | null;
  /** ISO 8601 UTC. */
  readonly started: string;
  /** Lowest first, up to the first broken one. */
  readonly rungs: readonly RungResult[];
  /** What is looked at now, and since when (monotonic); null while nothing is. */
  readonly climbing: (RungPlace & { readonly sinceMs: number }) | null;
  /** What is wrong; null while nothing is known to be. */
  readonly fault: Fault | null;
}
