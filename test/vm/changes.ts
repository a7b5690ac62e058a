import { isDeepStrictEqual } from "node:util";
import type { Settings } from "../../src/model/settings.ts";
import { someStaticSettings } from "../support/some-settings.ts";
import type { Cut } from "./replay.ts";

/** A change of the settings that is cut short afterwards, and the events of the recording that belong to it. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly old: Settings;
  readonly new: Settings;
}

/** What the panel's prompts make of an address when all else stays as it is offered. */
export function staticSettings(address: string): Settings {
  return someStaticSettings({ address, dns: ["10.77.0.1"], wins: [], domain: null });
}

export function splitSettings(address: string): Settings {
  return { ...staticSettings(address), wan: { link: "auto", ipv4: { method: "dhcp" } } };
}

/** Which of the two a cut leaves; null for anything else. */
export function sideOf(change: Change, { settings }: Cut): "old" | "new" | null {
  if (isDeepStrictEqual(settings, change.old)) return "old";
  return isDeepStrictEqual(settings, change.new) ? "new" : null;
}
