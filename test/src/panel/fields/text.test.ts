import { describe, expect, it } from "vitest";
import { fieldValue, viewField } from "../../../../src/panel/fields/field.ts";
import { ringWith } from "../../../../src/panel/fields/ring.ts";
import { textField } from "../../../../src/panel/fields/text.ts";
import { play } from "./play.ts";

const ring = ringWith("_.-");
const rules = { maxLength: 32, ring, editing: true, repeats: false };
const domain = textField(rules);
const user = textField({ ...rules, editing: false, repeats: true });

describe("ring", () => {
  it("has the guide's order, the space twice, and 94 characters when all specials are allowed", () => {
    expect(ring).toBe(" abcdefghijklmnopqrstuvwxyz 0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    expect(ringWith('_-\\/|~!?@#$%^&*+=(){}[]<>;"`,.')).toHaveLength(94);
  });
});

describe("text field", () => {
  it.each<[string, string, string, string, number]>([
    ["opens with the stored text", "lab", "", "lab", 0],
    ["UP from a blank cell", "", "U", "a", 0],
    ["UP through the letters to the second space", "", "U*27", " ", 0],
    ["and on to the numbers", "", "U*28", "0", 0],
    ["after UP, DOWN steps back", "", "U U D", "a", 0],
    ["past the blank to Z", "", "U D D", "Z", 0],
    ["a character typed first begins a new text", "lab", "'X", "X", 1],
    ["and so do those after it", "10.77.0.1", "'10.9", "10.9", 4],
    ["not one that is refused", "lab", "'/", "lab", 0],
    ["once the cursor was moved it replaces", "lab", "R L 'X", "Xab", 1],
    ["so it does when an arrow turned the ring", "lab", "U 'X", "Xab", 1],
    ["and appends at the end", "lab", "R*5 'X", "labX", 4],
    ["the cursor stops one behind the text", "lab", "R*9", "lab", 3],
    ["an arrow there starts a new cell", "lab", "R*3 U", "laba", 3],
    ["a space removes a character, and stays to be seen", "lab", "R*2 '_", "la ", 3],
    ["erase closes the gap", "lab", "R R X", "lb", 1],
    ["erase at the start does nothing", "lab", "X", "lab", 0],
    ["the chord clears", "lab.example", "R*4 C", "", 0],
    ["a held key acts once", "", "U H H", "a", 0],
  ])("%s", (_, initial, keys, text, cursor) => {
    expect(viewField(play(domain(initial), keys).field)).toMatchObject({ suffix: "", entry: { text, cursor } });
  });

  it("repeats where its rules say so, only by UP and DOWN", () => {
    expect(viewField(play(user(""), "U H H").field).entry.text).toBe("c");
    expect(viewField(play(user(""), "D J").field).entry.text).toBe("Y");
  });

  it.each<[string, string]>([
    ["'mydomain.com", "mydomain.com"],
    ["'_a_ E", "a"],
    ["'a_b", "a b"],
    ["'__", ""],
  ])("the value of %j is %j", (script, value) => {
    expect(fieldValue(play(domain(""), script).field)).toBe(value);
  });

  it.each<[string, string, string]>([
    ["a character that is not in the ring", "'/", "/ is not allowed here"],
    ["a thirty-third", `'${"a".repeat(33)}`, "At most 32 characters"],
  ])("refuses %s", (_, script, message) => {
    const { field, outcome } = play(domain(""), script);
    expect(outcome).toMatchObject({ message });
    expect(fieldValue(field).length).toBeLessThanOrEqual(32);
  });

  it("takes nothing behind the last cell", () => {
    const { field } = play(domain(""), `'${"a".repeat(32)}`);
    const keys = ["LEFT", "RIGHT", "DOWN", "ENTER"];
    expect(viewField(field)).toMatchObject({ entry: { text: "a".repeat(32), cursor: null, pan: 32 }, keys });
    expect(viewField(play(field, "U").field)).toEqual(viewField(field));
  });
});

describe("insert/delete mode", () => {
  it.each<[string, string, string, string]>([
    ["opens without Delete at the first position", "lab", "D", "/insert"],
    ["opens with Delete elsewhere", "lab", "R D", "/delete"],
    ["goes round", "lab", "R D D", "/insert"],
    ["to done", "lab", "R D D D", "/done"],
    ["and to the start", "lab", "R D D D D", "/delete"],
    ["and to Insert at the first position", "lab", "D D D", "/insert"],
    ["UP continues", "lab", "R D D D U", ""],
    ["UP leaves Delete", "lab", "R D U", ""],
    ["not after an arrow changed the cell", "lab", "U D", ""],
    ["but again once the cursor moved", "lab", "U R D", "/delete"],
    ["Delete stays while there is more", "lab", "R R D E", "/delete"],
    ["and ends at the first position", "lab", "R R D E E", ""],
    ["Insert returns to the field", "lab", "D E", ""],
    ["typing leaves it", "lab", "R D 'x", ""],
  ])("%s", (_, initial, keys, suffix) => expect(viewField(play(domain(initial), keys).field).suffix).toBe(suffix));

  it.each<[string, string, string, string, number]>([
    ["Delete takes the character left of the cursor", "lab", "R R D E", "lb", 1],
    ["the cursor moves inside Delete", "label", "R R D R R E", "labl", 3],
    ["but not to the first position", "lab", "R R D L L L E", "ab", 0],
    ["Insert makes a blank cell", "lab", "R D D E", "l ab", 1],
    ["that the ring fills upwards", "lab", "R D D E U", "laab", 1],
    ["and downwards", "lab", "R D D E D", "lZab", 1],
    ["or the keyboard", "lab", "R D D E 'x", "lxab", 2],
    ["a character typed at Insert is inserted", "lab", "R D D 'x", "lxab", 2],
  ])("%s", (_, initial, keys, text, cursor) => {
    expect(viewField(play(domain(initial), keys).field).entry).toEqual({ text, cursor });
  });

  it("accepts at Done", () => {
    const { field, outcome } = play(domain("lab"), "R D D D E");
    expect(outcome).toBe("accept");
    expect(viewField(field).suffix).toBe("");
  });

  it("refuses to insert into a full field", () => {
    expect(play(domain("a".repeat(32)), "D E").outcome).toMatchObject({ code: "length" });
  });

  it("is not there in a field without it", () => {
    expect(viewField(play(user(""), "D").field)).toMatchObject({ suffix: "", entry: { text: "Z" } });
  });
});
