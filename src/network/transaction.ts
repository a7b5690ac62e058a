import { deadline } from "../../hal/clock.ts";
import type { SecretsChange } from "../model/effect.ts";
import type { ConfigurationRefusal } from "../model/facts.ts";
import type { NetworkState } from "../model/network-state.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Settings } from "../model/settings.ts";
import { checkSettings, type SettingFlaw } from "../model/validate.ts";
import type { SettingsStore } from "../settings/store.ts";
import { bringTo, bringToLimitMs, type NetworkMachine } from "./apply.ts";
import { bringScans, type Scans, scanLimitMs } from "./scan/keeper.ts";

/** How long a pushed change may take to prove that the platform can be reached. */
const confirmLimitMs = 120_000;
/** Journal, commit and clearing the journal, on a slow disk. */
const storeLimitMs = 60_000;
/** What a change takes at most, with the way back. */
export const changeLimitMs = 2 * (bringToLimitMs + scanLimitMs) + confirmLimitMs + storeLimitMs;

/** How a change ended. A reason is a sentence for people. */
export type ChangeOutcome =
  | { readonly kind: "kept" }
  /** A reset is in force and will be shown; the machine refuses it still. */
  | { readonly kind: "goingOn"; readonly refusal: ConfigurationRefusal }
  /** Nothing was touched. `flaws` is empty when it is the store that refused. */
  | { readonly kind: "refused"; readonly reason: string; readonly flaws: readonly SettingFlaw[] }
  /** The settings before are in force again, and the machine shows them. */
  | { readonly kind: "reverted"; readonly reason: string }
  /** The settings before are in force, but the machine does not show them yet: `refusal` of the way back. */
  | { readonly kind: "revertFailed"; readonly reason: string; readonly refusal: ConfigurationRefusal }
  /** Another change is under way; nothing was touched. */
  | { readonly kind: "busy"; readonly reason: string }
  /** We were told to stop. The journal stands, so the next start goes back to the settings before. */
  | { readonly kind: "interrupted" };

/** Why a change may not stay. */
export type Objection = string;

export interface ChangeOptions {
  /**
   * Asked once the machine shows the new settings: may they stay? For a change that must leave the platform reachable. null:
   * they may. No answer within two minutes is an objection.
   */
  readonly confirm?: (signal: AbortSignal) => Promise<Objection | null>;
  /** Somebody wants the change no more: it is reverted unless it is committed already. */
  readonly cancel?: AbortSignal;
  readonly secrets?: SecretsChange;
  /** The settings in force that the new ones were made from: where they are others by now, the change is refused. */
  readonly from?: Settings;
}

interface ChangeFrom {
  readonly applied: Settings | null;
  readonly observed: NetworkState | null;
  readonly scans: Scans;
  readonly signal: AbortSignal;
}

/**
 * One change of the settings: validate, journal, apply, read back, commit. Whatever fails after the journal was written
 * brings the machine back to the settings before. A reset is committed before it is applied: whatever comes between, what it
 * takes away does not come back.
 *
 * `applied` are the settings that the machine was brought to last, and `observed` is what it shows; null when that is not
 * known.
 */
export async function changeSettings(
  machine: NetworkMachine,
  store: SettingsStore,
  desired: Settings,
  { applied, observed, scans, signal, confirm, cancel, secrets }: ChangeOptions & ChangeFrom,
): Promise<ChangeOutcome> {
  const flaws = checkSettings(desired);
  const [first] = flaws;
  if (first !== undefined) return { kind: "refused", reason: `${first.path}: ${first.message}`, flaws };

  const before = store.settings();
  const begun = await store.begin(desired, secrets);
  if (!begun.ok) return { kind: "refused", reason: begun.error, flaws };
  const change = begun.value;

  try {
    return secrets === "forget" ? await reset() : await tryOut();
  } catch (error) {
    if (signal.aborted) return { kind: "interrupted" };
    throw error;
  }

  async function reset(): Promise<ChangeOutcome> {
    const committed = await change.commit();
    if (!committed.ok) throw new Error(`a reset that was begun is not in force: ${committed.error}`);
    const brought = await bring("go on", signal);
    return brought.ok ? { kind: "kept" } : { kind: "goingOn", refusal: brought.error };
  }

  async function tryOut(): Promise<ChangeOutcome> {
    const done = await applyAndConfirm();
    const kept = done.ok ? await change.commit() : done;
    if (kept.ok) return { kind: "kept" };

    machine.log.warn({ reason: kept.error }, "network: the change is reverted");
    const undone = await bringBack();
    await change.abandon();
    if (undone.ok) return { kind: "reverted", reason: kept.error };
    machine.log.error({ ...undone.error }, "network: the settings before could not be restored");
    const reason = `${kept.error}; going back: ${undone.error.detail}`;
    return { kind: "revertFailed", reason, refusal: undone.error };
  }

  function bring(atRefusal: "stop" | "go on", limited: AbortSignal): Promise<Result<null, ConfigurationRefusal>> {
    const ports = () =>
      bringTo(machine, desired, { observed, previous: applied, standing: before, atRefusal }, limited);
    return bringScans(scans, { from: before, to: desired, mustStand: confirm !== undefined }, ports, limited);
  }

  /** Also when the networks of the scans refuse: they are brought back later. */
  function bringBack(): Promise<Result<null, ConfigurationRefusal>> {
    const ports = () => bringTo(machine, before, { previous: desired, atRefusal: "go on" }, signal);
    return bringScans(scans, { from: desired, to: before, mustStand: false }, ports, signal);
  }

  async function applyAndConfirm(): Promise<Result<null, string>> {
    const limited = cancel === undefined ? signal : AbortSignal.any([signal, cancel]);
    try {
      const brought = await bring("stop", limited);
      if (!brought.ok) return failed(brought.error.detail);
      return confirm === undefined ? ok(null) : await askToStay(confirm, limited);
    } catch (error) {
      signal.throwIfAborted();
      if (cancel?.aborted) return failed("it was canceled");
      throw error;
    }
  }

  async function askToStay(ask: NonNullable<typeof confirm>, limited: AbortSignal): Promise<Result<null, string>> {
    const limit = deadline(machine.clock, "confirmation of the change", confirmLimitMs, limited);
    try {
      const objection = await ask(limit.signal);
      limited.throwIfAborted();
      return objection === null ? ok(null) : failed(objection);
    } catch (error) {
      limited.throwIfAborted();
      if (!limit.signal.aborted) throw error;
      return failed(`the platform cannot be reached with the new settings, not within ${confirmLimitMs / 1000} s`);
    } finally {
      limit.done();
    }
  }
}
