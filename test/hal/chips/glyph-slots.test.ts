import { describe, expect, it } from "vitest";
import { assignSlots, emptySlots, type GlyphSlots } from "../../../hal/chips/glyph-slots.ts";

const filled = (...rounds: string[]): GlyphSlots =>
  rounds.reduce((slots, needed) => assignSlots(slots, needed.split(""), new Set()).slots, emptySlots);
const heldBy = (slots: GlyphSlots) => slots.held.map((character) => character ?? "-").join("");

describe("the eight slots for glyphs", () => {
  it.each<[string, string[], string]>([
    ["are filled from the first", ["abc"], "abc-----"],
    ["keep what is needed again", ["abc", "cb"], "abc-----"],
    ["keep what is not needed while there is room", ["abc", "de"], "abcde---"],
    ["give up what was needed longest ago", ["abcd", "efgh", "ab", "i"], "abidefgh"],
    ["give up nothing that is needed now", ["abcdefgh", "hgfedcbi"], "ibcdefgh"],
    ["hold the first eight of more", ["abcdefghijk"], "abcdefgh"],
  ])("%s", (_, rounds, held) => {
    expect(heldBy(filled(...rounds))).toBe(held);
  });

  it("gives up what is not on the glass first, however lately it was needed", () => {
    const slots = filled("abcd", "efgh");
    expect(heldBy(assignSlots(slots, ["i"], new Set([0, 1, 2, 3])).slots)).toBe("abcdifgh");
  });

  it("names the slots to load in ascending order", () => {
    expect(assignSlots(filled("abcdefgh", "bdfh"), ["x", "y"], new Set([0])).loads).toEqual([2, 4]);
    expect(assignSlots(filled("abc"), ["a"], new Set()).loads).toEqual([]);
  });
});
