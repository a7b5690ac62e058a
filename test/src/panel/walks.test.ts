import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import { keys, type PanelInput, press } from "../../../src/model/key.ts";
import { checkSettings } from "../../../src/model/validate.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { type PanelContext, type PanelState, stepPanel, viewPanel } from "../../../src/panel/panel.ts";
import { geometries, panelBench } from "./bench.ts";
import { explore, worlds } from "./worlds.ts";

/** On the machine that decides over a change; a person at work does not want to wait that long. */
const sequences = process.env.CI === undefined ? 5_000 : 100_000;

const glasses: readonly Glass[] = geometries.flatMap((size) => [size, { ...size, keys: 4 as const }]);

/** Anywhere that keys lead to, in every world and on every glass. */
interface Start {
  readonly state: PanelState;
  readonly context: PanelContext;
}

const typed = (character: string): PanelInput => ({ type: "character", character });
function startsIn(facts: Facts, glass: Glass): readonly Start[] {
  const context = panelBench(facts, glass).context();
  return explore(facts, glass).found.map(({ state }) => ({ state, context }));
}

const inputs: readonly PanelInput[] = [
  ...keys.map(press),
  ...keys.map(press),
  ...(["UP", "DOWN"] as const).map((key): PanelInput => ({ type: "key", key, repeat: 3 })),
  { type: "key", key: "ENTER", repeat: 1 },
  { type: "erase" },
  ...[..."0172. .:aZ\\~\u00e9"].map(typed),
  { type: "character", character: "9", pasted: true },
];

const statusScreen = /^(home|network-error|communication-failure|activation)$/;
const field = /^((lan|wan|lan6)-\w+|vlan|proxy|ports)\/\w+$/;

/** What is wrong with a picture; null: nothing. */
function flawOf({ lines, cursor, screen }: Frame, { cols, rows }: Glass): string | null {
  if (screen === "" || lines.length !== rows) return "no screen, or too few rows";
  const bad = lines.find((line) => line.length !== cols || !/^[ -~←→↑↓↵↔↕]*$/.test(line));
  if (bad !== undefined) return `the row ${JSON.stringify(bad)}`;
  const isInside = cursor === null || (cursor.row < rows && cursor.col >= 0 && cursor.col < cols);
  return isInside ? null : "the cursor beside the glass";
}

/** Follows the inputs, and home from where they end; throws at the first thing that must not be. */
function walk({ state: start, context }: Start, sequence: Iterable<number>): void {
  let state = start;
  const enter = (input: PanelInput) => {
    const step = stepPanel(state, input, context);
    state = step.state;
    const lasting = step.effects.filter(({ type }) => type !== "end-test");
    if (lasting.length > 0 && !(input.type === "key" && input.key === "ENTER" && input.repeat === 0)) {
      throw new Error(`${JSON.stringify(input)} had an effect`);
    }
    for (const effect of step.effects) {
      if (effect.type !== "change-settings") continue;
      const flaws = checkSettings(effect.settings);
      if (flaws.length > 0) throw new Error(`settings with ${JSON.stringify(flaws)}`);
    }
    const frame = viewPanel(state, context);
    const flaw = flawOf(frame, context.geometry);
    if (flaw !== null) throw new Error(`${frame.screen}: ${flaw}`);
    return frame.screen;
  };
  let { screen } = viewPanel(state, context);
  for (const number of sequence) screen = enter(inputs[number % inputs.length] ?? press("UP"));
  for (let presses = 0; !statusScreen.test(screen); presses += 1) {
    if (presses === 60) throw new Error(`no way home from ${screen}`);
    screen = enter(press(field.test(screen) ? "ENTER" : "UP"));
  }
}

describe(`${sequences} sequences of keys, from any screen`, () => {
  it.each(Object.entries(worlds))("keep the panel whole: %s", { timeout: 600_000 }, (_, facts) => {
    const starts = glasses.flatMap((glass) => startsIn(facts, glass));
    const number = fc.nat(starts.length - 1);
    fc.assert(
      fc.property(number, fc.uint8Array({ maxLength: 25 }), (from, sequence) => {
        const start = starts[from];
        if (start !== undefined) walk(start, sequence);
      }),
      { numRuns: Math.ceil(sequences / Object.keys(worlds).length) },
    );
    expect(starts.length).toBeGreaterThan(50);
  });
});
