import type { Stop } from "../hal/clock.ts";
import type { BenchPatch, PlatformState } from "./bench-document.ts";

/** The reference platform, as far as the bench drives it: one box, its account and how it is answered. */
export interface PlatformSwitches {
  /** Where it really listens. */
  readonly target: { readonly host: string; readonly port: number };
  state(): PlatformState;
  /** Resolves when the change is in force. */
  set(change: NonNullable<BenchPatch["platform"]>): Promise<void>;
  /** Told after `set` and after what the box caused. */
  subscribe(changed: () => void): Stop;
  close(): Promise<void>;
}
