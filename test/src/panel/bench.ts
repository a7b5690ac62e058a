import type { Effect } from "../../../src/model/effect.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { NumberedFault } from "../../../src/model/fault.ts";
import type { Frame, Geometry } from "../../../src/model/frame.ts";
import { type Key, type KeyName, keys, type PanelInput, press } from "../../../src/model/key.ts";
import type { Settings, StaticIpv4 } from "../../../src/model/settings.ts";
import { initialKeys, stepKeys } from "../../../src/panel/keys.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import {
  initialPanel,
  leftWaits,
  type PanelContext,
  type PanelOptions,
  type PanelState,
  refreshPanel,
  stepPanel,
  viewPanel,
  wakeAt,
} from "../../../src/panel/panel.ts";
import { someFacts, somePort } from "../../support/some-facts.ts";

export const geometries: readonly Geometry[] = [
  { cols: 16, rows: 2 },
  { cols: 20, rows: 2 },
  { cols: 20, rows: 4 },
];

/** A box at rest with a lease: home. */
export const homeFacts: Facts = someFacts({
  registration: { state: "active", name: "is_quays_ab", indicator: "P" },
  network: {
    lan: somePort({
      ipv6: ["2001:db8:3c4d:15:250:56ff:feb3:b89/64"],
      dns: ["10.77.0.2", "10.77.0.3"],
      domain: "lab.example",
    }),
    wan: null,
    separated: false,
  },
});

export const staticIpv4: StaticIpv4 = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.2", "10.77.0.3"],
  wins: ["10.77.0.4"],
  domain: "lab.example",
};

export function withLan(ipv4: Settings["lan"]["ipv4"], facts: Facts = homeFacts): Facts {
  return { ...facts, settings: { ...facts.settings, lan: { ...facts.settings.lan, ipv4 } } };
}

/** Nothing from a lease, so that every field opens empty. */
export const bareFacts: Facts = {
  ...homeFacts,
  network: {
    ...homeFacts.network,
    lan: { ...homeFacts.network.lan, ipv4: [], ipv6: [], gateway: null, dns: [], wins: [], domain: null, lease: null },
  },
};

export function fault(message: string, change: Partial<NumberedFault> = {}): NumberedFault {
  return {
    number: 1,
    code: "test",
    message,
    legacyCode: null,
    detail: "platform.example: connection refused by 192.0.2.1 port 443",
    next: "Check that the firewall lets the box out to port 443.",
    since: "2026-01-01T00:00:00Z",
    until: null,
    ...change,
  };
}

/** A panel to press keys on; the time stands still until `later`. */
export interface PanelBench {
  /** Keys by name (`UP*3` is three presses); anything else is typed: `"text` or one character. */
  press(...inputs: readonly string[]): Frame;
  type(text: string): Frame;
  input(input: PanelInput): Frame;
  /** Edges of the keypad: `+LEFT` goes down, `-LEFT` up. */
  edges(...edges: readonly string[]): Frame;
  later(ms: number): Frame;
  facts(change: Partial<Facts>): Frame;
  frame(): Frame;
  effects(): readonly Effect[];
  state(): PanelState;
  context(): PanelContext;
  wakeAt(): number | null;
}

export function panelBench(
  facts: Facts = homeFacts,
  geometry: Glass = { cols: 16, rows: 2 },
  options: Partial<PanelOptions> = {},
): PanelBench {
  let context: PanelContext = { facts, geometry, idleMs: 300_000, blankMs: 0, nowMs: 1000, ...options };
  let state = refreshPanel(initialPanel(1000), context);
  let pressed = initialKeys();
  const effects: Effect[] = [];
  const frame = () => viewPanel(state, context);
  const input = (one: PanelInput) => {
    const step = stepPanel(state, one, context);
    state = step.state;
    effects.push(...step.effects);
    return frame();
  };
  const change = (part: Partial<PanelContext>) => {
    context = { ...context, ...part };
    state = refreshPanel(state, context);
    return frame();
  };
  return {
    press: (...inputs) => {
      for (const one of inputs) {
        const [name, count = "1"] = one.split("*");
        if (!keys.includes(name as Key)) throw new Error(`no key ${one}`);
        for (let left = Number(count); left > 0; left -= 1) input(press(name as Key));
      }
      return frame();
    },
    type: (text) => {
      for (const character of text) {
        if (character === "\n") input(press("ENTER"));
        else if (character === "\b") input({ type: "erase" });
        else if (character === "\u0015") input(press("LEFT+RIGHT"));
        else input({ type: "character", character });
      }
      return frame();
    },
    input,
    edges: (...edges) => {
      for (const edge of edges) {
        const one = { key: edge.slice(1) as KeyName, pressed: edge.startsWith("+"), atMs: context.nowMs };
        const step = stepKeys(pressed, one, leftWaits(state, context));
        pressed = step.state;
        step.inputs.forEach(input);
      }
      return frame();
    },
    later: (ms) => change({ nowMs: context.nowMs + ms }),
    facts: (part) => change({ facts: { ...context.facts, ...part } }),
    frame,
    effects: () => effects,
    state: () => state,
    context: () => context,
    wakeAt: () => wakeAt(state, context),
  };
}

/** The glass in a border, for people to read. */
export function drawn({ screen, lines, cursor, cols }: Frame): string {
  const place = cursor === null ? "" : `  cursor ${cursor.row},${cursor.col}`;
  const edge = "-".repeat(cols);
  return [`${screen}${place}`, `+${edge}+`, ...lines.map((line) => `|${line}|`), `+${edge}+`].join("\n");
}

/** The screens that these keys lead through. */
export function screens(bench: PanelBench, keys: string): readonly string[] {
  return keys.split(" ").map((key) => bench.press(key).screen);
}

/** What the glass says, without indicators and padding. */
export function words(lines: readonly string[]): string {
  return lines
    .join(" ")
    .replace(/[←→↑↓↵↔↕]/g, " ")
    .split(" ")
    .filter(Boolean)
    .join(" ");
}

/** Texts without their spaces: a word may be broken between rows. */
export function letters(...texts: readonly string[]): string {
  return texts.join("").replaceAll(" ", "");
}

/** The letters of the page that is seen and of all below it. */
export function readOn(bench: PanelBench): string {
  const seen = new Set<string>();
  for (let { lines } = bench.frame(); seen.size < seen.add(lines.join("")).size; ) ({ lines } = bench.press("DOWN"));
  return letters(...seen).replace(/[←→↑↓↵↔↕]/g, "");
}

/** Settings of the one change that the panel asked for. */
export function changed(bench: PanelBench): Settings {
  const [effect] = bench.effects();
  if (effect?.type !== "change-settings") throw new Error(`no change of settings: ${JSON.stringify(bench.effects())}`);
  return effect.settings;
}
