import type { FileSystemState } from "../../hal/file-systems.ts";
import type { Phase, Registration } from "../model/facts.ts";

/**
 * The life of the appliance as a step function.
 *
 *     starting -> contacting -> activation <-> ready
 *                    |              |           |
 *                    v              v           v        a poll failed
 *              network-error   communication-failure
 *
 * A failed first contact (after a start or a change) is a network error: somebody is setting the box up and needs the
 * cause on the glass. A failed poll of a box that was in contact is a COMMUNICATION FAILURE, as the guide tells it: not
 * before the running scans have ended. The next good poll ends both. Going down is final, unless the power manager
 * refuses.
 */
export interface Life {
  readonly phase: Phase;
  /** A poll failed while scans ran; the failure is shown when they have ended. */
  readonly failureHeldBack: boolean;
}

export type LifeEvent =
  /** The network is up with the settings in force, after the start or a change: the platform is being contacted. */
  | { readonly type: "contacting" }
  | { readonly type: "contacted"; readonly registration: Registration }
  | { readonly type: "contact-failed"; readonly scansRunning: boolean }
  | { readonly type: "scans-ended" }
  | { readonly type: "reboot" }
  | { readonly type: "shutdown" }
  /** The power manager refused to reboot or to power off. */
  | { readonly type: "stayed-up" };

/**
 * What the glass tells of this life. A file system that failed is told by the guide as an error of the network: it stands above
 * all that contact says, while polls and jobs go on below it.
 */
export function phaseOf({ phase }: Life, fileSystem: FileSystemState): Phase {
  const isSettled = phase === "activation" || phase === "ready" || phase === "communication-failure";
  return isSettled && hasFailed(fileSystem) ? "network-error" : phase;
}

export function hasFailed({ state }: FileSystemState): boolean {
  return state === "fsck-failed" || state === "mount-failed";
}

export const newborn: Life = { phase: "starting", failureHeldBack: false };

export function stepLife(life: Life, event: LifeEvent): Life {
  if ((life.phase === "rebooting" || life.phase === "shutting-down") && event.type !== "stayed-up") return life;
  switch (event.type) {
    case "contacting":
    case "stayed-up":
      return { phase: "contacting", failureHeldBack: false };
    case "contacted":
      return { phase: event.registration.state === "active" ? "ready" : "activation", failureHeldBack: false };
    case "contact-failed":
      return afterFailure(life, event.scansRunning);
    case "scans-ended":
      return life.failureHeldBack ? { phase: "communication-failure", failureHeldBack: false } : life;
    case "reboot":
      return { phase: "rebooting", failureHeldBack: false };
    case "shutdown":
      return { phase: "shutting-down", failureHeldBack: false };
  }
}

function afterFailure(life: Life, scansRunning: boolean): Life {
  switch (life.phase) {
    case "starting":
    case "contacting":
    case "network-error":
      return { phase: "network-error", failureHeldBack: false };
    default:
      return scansRunning
        ? { ...life, failureHeldBack: true }
        : { phase: "communication-failure", failureHeldBack: false };
  }
}
