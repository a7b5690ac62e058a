import { describe, expect, it } from "vitest";
import type { KeyName, PanelInput } from "../../../src/model/key.ts";
import { initialKeys, type KeysState, keysWakeAt, repeatKeys, stepKeys } from "../../../src/panel/keys.ts";

/** Edges in order: `+LEFT@10` goes down at 10 ms, `-LEFT@20` up, `@600` lets time pass; `?LEFT@10` goes down where it waits. */
function play(...events: readonly string[]): { said: readonly string[]; state: KeysState } {
  let state = initialKeys();
  const said: string[] = [];
  const note = (inputs: readonly PanelInput[]) => {
    for (const input of inputs)
      if (input.type === "key") said.push(input.repeat > 0 ? `${input.key}*${input.repeat}` : input.key);
  };
  for (const event of events) {
    const [edge = "", time = "0"] = event.split("@");
    const until = Number(time);
    for (let due = keysWakeAt(state); due !== null && due <= until; due = keysWakeAt(state)) {
      const step = repeatKeys(state, due);
      state = step.state;
      note(step.inputs);
    }
    if (edge === "") continue;
    const one = { key: edge.slice(1) as KeyName, pressed: !edge.startsWith("-"), atMs: until };
    const step = stepKeys(state, one, edge.startsWith("?"));
    state = step.state;
    note(step.inputs);
  }
  return { said, state };
}

describe("keys", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a short press", ["+UP@0", "-UP@80", "@5000"], ["UP"]],
    ["released just before the hold", ["+UP@0", "@499", "-UP@499", "@5000"], ["UP"]],
    ["held", ["+UP@0", "@500", "-UP@501", "@5000"], ["UP", "UP*1"]],
    ["held longer", ["+UP@0", "@800", "-UP@801"], ["UP", "UP*1", "UP*2", "UP*3"]],
    ["one after another", ["+UP@0", "-UP@50", "+UP@100", "-UP@150"], ["UP", "UP"]],
    ["a second key takes the hold over", ["+UP@0", "+DOWN@400", "@1000", "-DOWN@1000"], ["UP", "DOWN", "DOWN*1"]],
    ["releasing the other key changes nothing", ["+UP@0", "+DOWN@10", "-UP@20", "@510"], ["UP", "DOWN", "DOWN*1"]],
    ["the chord", ["+LEFT@0", "+RIGHT@30", "@5000"], ["LEFT", "LEFT+RIGHT"]],
    ["the chord, the other way round", ["+RIGHT@0", "+LEFT@30"], ["RIGHT", "LEFT+RIGHT"]],
    [
      "the chord again without lifting both",
      ["+LEFT@0", "+RIGHT@30", "-RIGHT@60", "+RIGHT@90"],
      ["LEFT", "LEFT+RIGHT", "LEFT+RIGHT"],
    ],
    ["no chord of others", ["+UP@0", "+DOWN@30"], ["UP", "DOWN"]],
    ["a doubled edge", ["+UP@0", "+UP@10", "-UP@20", "-UP@30"], ["UP"]],
    ["a LEFT that waits", ["?LEFT@0", "@400"], []],
    ["acts when it is released", ["?LEFT@0", "-LEFT@80", "@5000"], ["LEFT"]],
    ["once, however long it is held", ["?LEFT@0", "@3000", "-LEFT@3000", "+UP@3100"], ["LEFT", "UP"]],
    ["not where it becomes the chord", ["?LEFT@0", "?RIGHT@30", "-LEFT@60", "-RIGHT@70"], ["LEFT+RIGHT"]],
    ["before another key", ["?LEFT@0", "?UP@30", "-LEFT@60", "@100", "-UP@110"], ["LEFT", "UP"]],
    ["and nothing else waits", ["?RIGHT@0", "-RIGHT@10", "?ENTER@20"], ["RIGHT", "ENTER"]],
    ["a release without a press", ["-UP@0", "@5000"], []],
  ])("%s", (_, events, said) => expect(play(...events).said).toEqual(said));

  it("repeats faster the longer the key is held", () => {
    const times: number[] = [];
    let { state } = stepKeys(initialKeys(), { key: "UP", pressed: true, atMs: 0 }, false);
    for (let due = keysWakeAt(state); due !== null && times.length < 40; due = keysWakeAt(state)) {
      times.push(due);
      state = repeatKeys(state, due).state;
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps[0]).toBe(150);
    expect(gaps.at(-1)).toBe(45);
    expect(gaps).toEqual([...gaps].sort((a, b) => b - a));
  });

  it("gives one repeat after a stall, not all that were missed", () => {
    const { state } = stepKeys(initialKeys(), { key: "UP", pressed: true, atMs: 0 }, false);
    const stalled = repeatKeys(state, 10_000);
    expect(stalled.inputs).toEqual([{ type: "key", key: "UP", repeat: 1 }]);
    expect(keysWakeAt(stalled.state)).toBe(10_150);
  });

  it("lets a stuck key fall silent until it is released", () => {
    const { said, state } = play("+UP@0", "@1000000");
    expect(said).toHaveLength(501);
    expect(keysWakeAt(state)).toBeNull();
  });
});
