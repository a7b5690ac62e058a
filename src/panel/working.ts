import type { Facts, Product, Progress } from "../model/facts.ts";
import type { Screen } from "./layout.ts";

type What = Progress["what"];

/** The working message that covers the status screen now; null when the box is not at work. */
export function workingOf({ progress, phase }: Facts): Progress | null {
  if (progress !== null) return progress;
  switch (phase) {
    case "starting":
      return { what: "boot", step: "coming-up" };
    case "contacting":
    case "rebooting":
    case "shutting-down":
      return { what: phase };
    default:
      return null;
  }
}

/** These go on behind a menu or a procedure, and are seen only on the status screen. */
const quiet: readonly What[] = ["boot", "contacting", "filesystem-check"];

/** The message ends whatever a person was doing at the panel. */
export function interrupts(progress: Progress): boolean {
  return !quiet.includes(progress.what);
}

const bootTexts: Readonly<Record<Extract<Progress, { what: "boot" }>["step"], (name: string) => string>> = {
  welcome: (name) => `Welcome to ${name}`,
  starting: (name) => `${name} Scanner is starting up...`,
  "filesystem-check": () => "Filesystem check in progress...",
  "coming-up": (name) => `${name} Scanner is coming up...`,
};

const screens: Readonly<
  Record<Exclude<What, "boot" | "change">, { readonly id: string; readonly text: (name: string) => string }>
> = {
  contacting: { id: "contacting", text: (name) => `CONTACTING ${name.toUpperCase()}` },
  "filesystem-check": { id: "filesystem-check", text: () => "Filesystem check in progress..." },
  "canceling-scan": { id: "canceling-scan", text: () => "CANCELING THE ONGOING SCAN" },
  rebooting: { id: "rebooting", text: () => "REBOOTING SYSTEM" },
  "shutting-down": { id: "shutting-down", text: () => "SHUTTING DOWN" },
  "safe-to-unplug": { id: "safe-to-unplug", text: () => "It's now safe to unplug the box" },
};

/** Working screens take no keys and show no indicators. */
export function workingScreen(progress: Progress, { name }: Product): Screen {
  if (progress.what === "boot") return { screen: "boot", text: bootTexts[progress.step](name), keys: [] };
  if (progress.what === "change") return { screen: `progress/${progress.id}`, text: progress.text, keys: [] };
  const { id, text } = screens[progress.what];
  return { screen: id, text: text(name), keys: [] };
}
