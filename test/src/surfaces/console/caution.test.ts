import { describe, expect, it } from "vitest";
import { type Key, type PanelInput, press } from "../../../../src/model/key.ts";
import { type Caution, consider, initialCaution, refused } from "../../../../src/surfaces/console/caution.ts";

const standing = { takesText: true, commits: () => true, busy: false, seen: true };

interface Told {
  readonly passed: readonly PanelInput[];
  readonly caution: Caution;
}

/** Events in order, each so many ms after the one before: `noise`, a key, a character, `refused` for what the panel says. */
function play(events: readonly (readonly [string, number])[], change: Partial<typeof standing> = {}): Told {
  let caution = initialCaution;
  let atMs = 1000;
  const passed: PanelInput[] = [];
  for (const [what, afterMs] of events) {
    atMs += afterMs;
    if (what === "refused") {
      caution = refused(caution);
      continue;
    }
    const step = consider(caution, eventOf(what), atMs, { ...standing, ...change });
    caution = step.caution;
    if (step.pass !== null) passed.push(step.pass);
  }
  return { passed, caution };
}

function eventOf(what: string): Parameters<typeof consider>[1] {
  if (what === "noise") return { type: "noise" };
  if (what === "erase") return { type: "panel", input: { type: "erase" } };
  if (what.length === 1) return { type: "panel", input: { type: "character", character: what } };
  return { type: "panel", input: press(what as Key) };
}

const enters = ({ passed }: Told) => passed.filter((input) => input.type === "key" && input.key === "ENTER").length;

describe("caution", () => {
  it.each<[string, readonly (readonly [string, number])[], number]>([
    ["an ENTER by itself", [["ENTER", 1000]], 1],
    [
      "at the end of a run",
      [
        ["UP", 0],
        ["7", 1],
        ["ENTER", 1],
      ],
      1,
    ],
    [
      "behind noise, however long ago",
      [
        ["noise", 0],
        ["ENTER", 1e9],
      ],
      0,
    ],
    [
      "when two arrows cleared it",
      [
        ["noise", 0],
        ["DOWN", 100],
        ["DOWN", 100],
        ["ENTER", 0],
      ],
      1,
    ],
    [
      "not one",
      [
        ["noise", 0],
        ["DOWN", 100],
        ["ENTER", 100],
      ],
      0,
    ],
    [
      "nor two in a run",
      [
        ["noise", 0],
        ["DOWN", 100],
        ["DOWN", 79],
        ["ENTER", 100],
      ],
      0,
    ],
    [
      "nor RIGHT",
      [
        ["noise", 0],
        ["RIGHT", 100],
        ["RIGHT", 100],
        ["ENTER", 100],
      ],
      0,
    ],
    [
      "nor with noise between",
      [
        ["noise", 0],
        ["UP", 100],
        ["noise", 100],
        ["UP", 100],
        ["ENTER", 100],
      ],
      0,
    ],
  ])("at a last question, %s", (_, events, count) => {
    const told = play(events);
    expect(enters(told)).toBe(count);
    expect(told.caution.advice === null).toBe(count === 1);
  });

  it.each(["x", "erase"])("takes %s where nothing takes it for a stray, and several in a run for noise", (what) => {
    const nowhere = { takesText: false };
    const events = (...ms: readonly number[]) => ms.map((afterMs) => [what, afterMs] as const);
    expect(play(events(500), nowhere)).toMatchObject({ passed: [], caution: { stray: true, doubtful: false } });
    expect(enters(play([...events(500), ["ENTER", 10]], nowhere))).toBe(0);
    expect(enters(play([...events(500), ["ENTER", 500]], nowhere))).toBe(1);
    expect(play(events(500, 10), nowhere)).toMatchObject({ passed: [], caution: { doubtful: true } });
    expect(play(events(500, 10)).passed).toHaveLength(2);
  });

  it("lets ENTER through where it starts nothing", () => {
    expect(
      enters(
        play(
          [
            ["noise", 0],
            ["ENTER", 0],
          ],
          { commits: () => false },
        ),
      ),
    ).toBe(1);
  });

  it("starts nothing by a first ENTER that nobody could aim", () => {
    expect(enters(play([["ENTER", 1000]], { seen: false }))).toBe(0);
    expect(
      enters(
        play(
          [
            ["UP", 1000],
            ["ENTER", 0],
          ],
          { seen: false },
        ),
      ),
    ).toBe(1);
  });

  it("marks what no hand typed", () => {
    expect(
      play([
        ["a", 500],
        ["b", 79],
        ["c", 80],
      ]).passed,
    ).toEqual([
      { type: "character", character: "a" },
      { type: "character", character: "b", pasted: true },
      { type: "character", character: "c" },
    ]);
  });

  it("drops a run into which a working message comes, and says so; a key by itself is only ignored by the panel", () => {
    const one = play([["DOWN", 500]], { busy: true });
    expect(one).toMatchObject({ passed: [press("DOWN")], caution: { run: "whole", advice: null } });
    const run = play(
      [
        ["DOWN", 500],
        ["1", 10],
        ["ENTER", 10],
      ],
      { busy: true },
    );
    expect(run).toMatchObject({ passed: [press("DOWN")], caution: { run: "dropped", doubtful: false } });
    expect(run.caution.advice).toContain("dropped");
  });

  it("drops what follows the refused line until the line was silent", () => {
    const run = [
      ["1", 500],
      ["x", 1],
      ["refused", 0],
      ["2", 1],
      ["ENTER", 1],
      ["3", 1],
      ["ENTER", 1],
    ] as const;
    const typed = (told: Told) =>
      told.passed.map((input) => (input.type === "character" ? input.character : "key")).join("");
    expect(typed(play(run))).toBe("1x2");
    expect(typed(play([...run, ["4", 499]]))).toBe("1x2");
    expect(typed(play([...run, ["4", 500], ["ENTER", 300]]))).toBe("1x24key");
    // A hand that goes on meanwhile does not prolong it.
    expect(typed(play([...run, ["4", 300], ["5", 300]]))).toBe("1x25");
    expect(play(run).caution.advice).toContain("dropped");
    expect(play([...run, ["4", 500]]).caution.advice).toBeNull();
  });
});
