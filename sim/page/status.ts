import type { StatusDocument } from "../../src/control/schema.ts";
import type { GlassView, PowerView } from "../page-protocol.ts";
import { byId, setText } from "./dom.ts";

type Tone = "good" | "busy" | "warn" | "bad" | "off";

const phases: Readonly<Record<StatusDocument["phase"], readonly [string, Tone]>> = {
  starting: ["Starting", "busy"],
  contacting: ["Contacting", "busy"],
  activation: ["Waiting for activation", "warn"],
  ready: ["On line", "good"],
  "communication-failure": ["Communication failure", "bad"],
  "network-error": ["Network error", "bad"],
  rebooting: ["Rebooting", "busy"],
  "shutting-down": ["Shutting down", "busy"],
};

/** The phase in words, and how good it is. */
export function phaseOf(status: StatusDocument, power: PowerView): readonly [string, Tone] {
  if (!power.plugged) return ["No power", "off"];
  if (!power.running && status.phase !== "rebooting") return ["Switched off", "off"];
  return phases[status.phase];
}

const ledNames = ["s1", "s2", "s3"] as const;

export function showLeds({ leds }: GlassView): void {
  for (const name of ledNames) {
    const led = byId(`led-${name}`);
    led.classList.toggle("lit", leds[name]);
    const spoken = led.querySelector(".spoken");
    if (spoken !== null) setText(spoken, leds[name] ? "lit" : "dark");
  }
}

export function showStatus(status: StatusDocument, power: PowerView, nowMs: number): void {
  const [words, tone] = phaseOf(status, power);
  const phase = byId("phase");
  setText(phase, words);
  phase.dataset.tone = tone;
  const [title, advice] = byId("fault").children;
  const fault = power.running ? status.fault : null;
  if (title !== undefined) setText(title, fault === null ? "" : fault.message);
  if (advice !== undefined) setText(advice, adviceOf(status, fault));

  setText(
    byId("unit"),
    [status.model, status.serial, `version ${status.version}`].filter((part) => part !== "").join(" · "),
  );
  setText(byId("brand"), status.product);
  setText(byId("model"), status.model === "" ? "Network appliance" : status.model);
  setText(byId("fact-name"), status.name === null ? "–" : `${status.name} ${status.platformIndicator ?? ""}`.trim());
  setText(byId("fact-lan"), addressOf(status.lan));
  setText(byId("fact-wan"), status.wan === null ? "not set up" : addressOf(status.wan));
  showPoll(status, nowMs);
}

/** Times go on by themselves; called every second. */
export function showPoll({ poll }: StatusDocument, nowMs: number): void {
  setText(byId("fact-last"), poll.lastSuccess === null ? "never" : `${span(nowMs - Date.parse(poll.lastSuccess))} ago`);
  const next = poll.next === null ? "–" : `in ${span(Math.max(0, Date.parse(poll.next) - nowMs))}`;
  setText(byId("fact-next"), next);
  setText(byId("fact-clock"), new Date(nowMs).toISOString().slice(11, 19));
}

function adviceOf({ phase, activationCode }: StatusDocument, fault: StatusDocument["fault"]): string {
  if (fault !== null) return [fault.detail, fault.next].filter((part) => part !== "").join(". ");
  if (phase === "activation" && activationCode !== null)
    return `Code ${activationCode}: use the Activate switch below.`;
  return "";
}

function addressOf(port: StatusDocument["lan"] | NonNullable<StatusDocument["wan"]>): string {
  const address = port.ipv4[0] ?? port.ipv6[0];
  if (address === undefined) return port.carrier ? "no address" : "no carrier";
  return `${address} ${port.method}`;
}

/** 75 000 ms is `1 min 15 s`. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
