import { describe, expect, it } from "vitest";
import { choiceField } from "../../../../src/panel/fields/choice.ts";
import { fieldValue, viewField } from "../../../../src/panel/fields/field.ts";
import { prefixLengthField } from "../../../../src/panel/fields/prefix-length.ts";
import { readOnlyField } from "../../../../src/panel/fields/read-only.ts";
import { play } from "./play.ts";

describe("choice", () => {
  const links = choiceField([
    { value: "auto", label: "AUTO" },
    { value: "1000/full", label: "1GbaseT/Full" },
    { value: "100/full", label: "100baseT/Full" },
  ]);

  it.each<[string, string, string, string]>([
    ["opens at the value", "1000/full", "", "1GbaseT/Full"],
    ["opens at the first for another", "10/half", "", "AUTO"],
    ["RIGHT is the next", "auto", "R", "1GbaseT/Full"],
    ["the ring is closed", "100/full", "R", "AUTO"],
    ["LEFT is the one before", "auto", "L", "100baseT/Full"],
    ["the chord goes back", "1000/full", "R C", "1GbaseT/Full"],
    ["Backspace and held keys do nothing", "auto", "X H J", "AUTO"],
  ])("%s", (_, initial, keys, text) => {
    expect(viewField(play(links(initial), keys).field).entry).toEqual({ text, cursor: null });
  });

  it("has the option's value", () => expect(fieldValue(play(links("auto"), "R").field)).toBe("1000/full"));

  it.each([
    ["E", "accept"],
    ["U", "up"],
    ["D", "down"],
    ["R", null],
  ])("%s: %s", (key, outcome) => expect(play(links("auto"), key).outcome).toBe(outcome));

  it("is not typed", () => expect(play(links("auto"), "'1").outcome).toMatchObject({ code: "character" }));
});

describe("prefix length", () => {
  it.each<[string, string, string]>([
    ["", "", "64"],
    ["56", "", "56"],
    ["0", "", "64"],
    ["129", "", "64"],
    ["", "U", "65"],
    ["", "D D", "62"],
    ["128", "U", "1"],
    ["1", "D", "128"],
    ["", "U H H L R", "65"],
    ["48", "U U C", "48"],
    ["", "'48", "48"],
    ["", "'128", "128"],
    ["", "'48 U", "49"],
    ["", "'48 U '7", "7"],
    ["", "'48 X", "4"],
    ["", "'48 X '9", "49"],
    ["", "'4 X", "64"],
    ["", "'4 X X", "64"],
    ["", "U X", "65"],
  ])("opened with %j, %j gives %s", (initial, keys, value) => {
    const { field } = play(prefixLengthField(initial), keys);
    expect(fieldValue(field)).toBe(value);
    expect(viewField(field)).toMatchObject({ entry: { text: value, cursor: null }, keys: ["UP", "DOWN", "ENTER"] });
  });

  it.each([
    ["'129", "Prefix length is 1 to 128", "12"],
    ["'0", "Prefix length is 1 to 128", "64"],
    ["'x", "Only digits here", "64"],
  ])("refuses %s", (keys, message, value) => {
    const { field, outcome } = play(prefixLengthField(""), keys);
    expect(outcome).toMatchObject({ message });
    expect(fieldValue(field)).toBe(value);
  });
});

describe("a value to be read", () => {
  const long = "2001:0db8:3c4d:0015:0250:56ff:feb3:0b89";

  it.each<[string, string, number]>([
    [long, "", 0],
    [long, "R", 8],
    [long, "R R R R R", long.length - 16],
    [long, "R*9 L", long.length - 24],
    [long, "L", 0],
    ["fe80::1", "R", 0],
  ])("%s after %j is panned by %d", (text, keys, pan) => {
    const { field } = play(readOnlyField(text), keys);
    expect(viewField(field).entry).toEqual({ text, cursor: null, pan });
    expect(fieldValue(field)).toBe(text);
  });

  it("has arrows sideways only when it is long", () => {
    expect(viewField(readOnlyField(long)).keys).toEqual(["LEFT", "RIGHT", "UP", "ENTER"]);
    expect(viewField(readOnlyField("fe80::1")).keys).toEqual(["UP", "ENTER"]);
  });

  it.each([
    ["E", "accept"],
    ["U", "up"],
    ["D", "down"],
    ["C", null],
    ["X", null],
  ])("%s: %s", (key, outcome) => expect(play(readOnlyField(long), key).outcome).toBe(outcome));

  it("refuses to be changed", () => {
    expect(play(readOnlyField(long), "'a").outcome).toMatchObject({ message: "This cannot be changed" });
  });
});
