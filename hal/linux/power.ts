import type { Stop } from "../clock.ts";
import { HalError } from "../errors.ts";
import type { Power } from "../power.ts";
import type { Processes } from "../processes.ts";

export interface PowerOptions {
  readonly processes: Processes;
  /**
   * Reports presses of the button on the back, where the board leads it to a line of its own. Without it `onButton` never
   * calls: systemd-logind acts on the ACPI power key by itself (HandlePowerKey=poweroff) and ends this program by SIGTERM.
   */
  readonly button?: (pressed: () => void) => Stop;
}

const systemctlTimeoutMs = 25_000;

/** Power by systemd. A user who is not root needs a polkit rule for it (systemd/bezel.polkit.rules). */
export function createPower({ processes, button = () => () => {} }: PowerOptions): Power {
  const systemctl = async (verb: "reboot" | "poweroff") => {
    const argv = ["systemctl", "--no-ask-password", "--no-wall", verb] as const;
    const ended = await processes.run(argv, { timeoutMs: systemctlTimeoutMs });
    if (ended.kind === "exited" && ended.code === 0) return;
    if (ended.kind === "notFound") {
      throw new HalError("unsupported", "systemd", `systemctl is missing, so ${verb} cannot be asked for`);
    }
    const reason = ended.stderr.trim() || (ended.kind === "exited" ? `exit code ${ended.code}` : ended.kind);
    const kind = /access denied|authentication required|not permitted/i.test(reason) ? "denied" : "io";
    throw new HalError(kind, "systemd", `${verb} was refused: ${reason}`);
  };
  return {
    reboot: () => systemctl("reboot"),
    powerOff: () => systemctl("poweroff"),
    onButton: button,
  };
}
