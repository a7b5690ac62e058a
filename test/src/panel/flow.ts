import type { Effect } from "../../../src/model/effect.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { type PanelBench, panelBench } from "./bench.ts";

/** Opens SETUP NETWORK and goes down to an item. */
export function atItem(facts: Facts, item: string, glass?: Glass): PanelBench {
  const bench = panelBench(facts, glass);
  bench.press("ENTER*2");
  for (let downs = 0; bench.frame().screen !== item; downs += 1) {
    if (downs > 20) throw new Error(`no item ${item}`);
    bench.press("DOWN");
  }
  return bench;
}

/** `screen second row`, and ENTER, until a status screen is there. */
export function walk(bench: PanelBench): readonly string[] {
  const seen: string[] = [];
  for (let frame = bench.frame(); frame.screen !== "home" && seen.length < 20; frame = bench.press("ENTER")) {
    seen.push(`${frame.screen} ${frame.lines[1]?.trim()}`.trim());
  }
  return seen;
}

/** The first thing that the panel asked for. */
export function asked(bench: PanelBench): Effect | undefined {
  return bench.effects()[0];
}

/** Its working message. */
export function progressOf(bench: PanelBench): string | null {
  const effect = asked(bench);
  return effect !== undefined && "progress" in effect && effect.progress.what === "change"
    ? effect.progress.text
    : null;
}
