import type { FileSystemState } from "../../hal/file-systems.ts";
import type { Leds } from "../../hal/indicators.ts";
import type { FaultRecord, NumberedFault } from "./fault.ts";
import type { NetworkState } from "./network-state.ts";
import type { NetworkTest } from "./network-test.ts";
import type { OrderReport } from "./order.ts";
import type { ItemFailure } from "./scan.ts";
import type { PortName, Settings } from "./settings.ts";

/** Where the life of the appliance stands. */
export type Phase =
  | "starting"
  | "contacting"
  | "activation"
  | "ready"
  | "communication-failure"
  | "network-error"
  | "rebooting"
  | "shutting-down";

/** The working message that covers the status screen; `progress/<what>` or a screen of its own. */
export type Progress =
  | { readonly what: "boot"; readonly step: "welcome" | "starting" | "filesystem-check" | "coming-up" }
  | { readonly what: "contacting" }
  | { readonly what: "filesystem-check" }
  | { readonly what: "canceling-scan" }
  | { readonly what: "rebooting" }
  | { readonly what: "shutting-down" }
  | { readonly what: "safe-to-unplug" }
  /** What was asked for at the panel is being done: screen `progress/<id>` with this text. */
  | { readonly what: "change"; readonly id: string; readonly text: string };

export interface Product {
  /** The word in "Welcome to ...". */
  readonly name: string;
  readonly version: string;
  readonly model: string;
  readonly serial: string;
}

export type Registration =
  /** No good poll yet since this start, and none remembered. */
  | { readonly state: "unknown" }
  | { readonly state: "unactivated"; readonly code: string }
  | { readonly state: "active"; readonly name: string /** One printable character. */; readonly indicator: string };

/** Times are ISO 8601 UTC; null is never. */
export interface PollFacts {
  readonly intervalSeconds: number;
  readonly lastAttempt: string | null;
  readonly lastSuccess: string | null;
  readonly next: string | null;
}

export interface Job {
  readonly id: string;
  readonly kind: "scan" | "update";
  readonly state: "running" | "canceling" | "done" | "canceled" | "failed";
  /** 0 to 100. */
  readonly percent: number;
}

/** The job occupies the box: it runs, or has not stopped yet. */
export function isBusy({ state }: Pick<Job, "state">): boolean {
  return state === "running" || state === "canceling";
}

/** A change of the network would cancel a scan now. */
export function runsScan({ jobs }: { readonly jobs: readonly Job[] }): boolean {
  return jobs.some(({ kind, state }) => kind === "scan" && state === "running");
}

export interface StorageFacts {
  /** `previous`: the last generation was unreadable. `factory`: both were. `reverted`: a change was cut short by a restart. */
  readonly loaded: "current" | "previous" | "factory" | "new" | "reverted";
  /** Why nothing can be stored now (full, read-only ...), said for a person; null when all is well. */
  readonly problem: string | null;
}

/** The secrets of the settings in force. */
export interface SecretFacts {
  /** `sealed`: only this machine opens it. `plain`: a file of mode 0600. null: there is none. */
  readonly kept: "sealed" | "plain" | null;
  /** Why it could not be opened when it was needed last; null: it could, or nobody has needed it yet. */
  readonly problem: string | null;
}

/** The machine was not brought to its settings. */
export interface ConfigurationRefusal {
  /** Where it stopped; the management port when nothing could be read at all. */
  readonly port: PortName;
  /** What was refused, for people. */
  readonly detail: string;
}

/** The networks of the scans beside the two ports. */
export interface ScanFacts {
  /** `settled`: they are what was ordered, but for the failures. `unavailable`: they cannot be read or changed; see `detail`. */
  readonly state: "unknown" | "working" | "settled" | "unavailable";
  readonly detail: string | null;
  readonly failures: readonly ItemFailure[];
}

export interface ConsoleFacts {
  readonly device: string;
  readonly state: "open" | "lost";
}

/** The PIN of the panel. The PIN itself is nobody's business. */
export interface PinLock {
  /** PINs that were looked at since this start. */
  readonly checked: number;
  /** The last of them was right. */
  readonly right: boolean;
  /** After too many wrong ones none is looked at before this monotonic time; it survives a restart. */
  readonly waitUntilMs: number;
}

/**
 * All that the appliance knows, one owner a key. Screens, LEDs and status are computed from it and from nothing else.
 */
export interface Facts {
  /** Owner: main, set once. */
  readonly product: Product;
  /** Owner: the life cycle. */
  readonly phase: Phase;
  readonly progress: Progress | null;
  /** What a person at the panel must be told of the last change, because it did not stand; null when all went as asked. */
  readonly notice: string | null;
  readonly fault: FaultRecord | null;
  /** The last 50, newest first, those that stand before all others; over restarts. */
  readonly faults: readonly NumberedFault[];
  /** Owner: the network test. The last one since this start; null: none. */
  readonly test: NetworkTest | null;
  /** Owner: the uplink. */
  readonly registration: Registration;
  readonly poll: PollFacts;
  /** Owner: the settings store. Settings in force. */
  readonly settings: Settings;
  /** The last settings that reached the platform; null when there are none. */
  readonly lastGood: Settings | null;
  /** Owner: the life cycle. A person has switched the proxy off since the last good poll. */
  readonly proxyDisabled: boolean;
  readonly storage: StorageFacts;
  readonly secrets: SecretFacts;
  /** Owner: the watch of the file systems. */
  readonly fileSystem: FileSystemState;
  /** Owner: the network service. */
  readonly network: NetworkState;
  /** Why the machine cannot be read now: `network` is what was read last, or nothing yet. null when it can, or was not tried. */
  readonly networkUnread: string | null;
  /** Why the machine does not show the settings in force; null when it does, or when that was not tried yet. */
  readonly configurationRefused: ConfigurationRefusal | null;
  readonly scanNetworks: ScanFacts;
  /** The platform's order that ended last; null: none since this start. */
  readonly lastOrder: OrderReport | null;
  /** Owner: the jobs room. Running and recently ended, newest first, at most 20. */
  readonly jobs: readonly Job[];
  /** Owner: the PIN lock. null: the menus need no PIN. */
  readonly lock: PinLock | null;
  /** Owner: the LCD surface. */
  readonly panel: { readonly board: string; readonly state: "ok" | "degraded" | "lost" };
  /** Owner: the console surface. */
  readonly consoles: readonly ConsoleFacts[];
}

/** S1 while a scan runs, S2 while an update runs; all dark once the system goes down. */
export function ledsOf(facts: Pick<Facts, "jobs" | "phase" | "progress">): Leds {
  if (facts.phase === "shutting-down") return { s1: false, s2: false, s3: false };
  const busy = (kind: Job["kind"]) => facts.jobs.some((job) => job.kind === kind && isBusy(job));
  return { s1: busy("scan"), s2: busy("update"), s3: false };
}
