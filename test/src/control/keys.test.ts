import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxInputs, parseKeys, parseText } from "../../../src/control/keys.ts";
import { type PanelInput, press } from "../../../src/model/key.ts";

const pasted = (character: string): PanelInput => ({ type: "character", character, pasted: true });

describe("parseKeys", () => {
  it.each([
    ["one key", ["ENTER"], [press("ENTER")]],
    ["several", ["UP", "DOWN"], [press("UP"), press("DOWN")]],
    ["a chord", ["LEFT+RIGHT"], [press("LEFT+RIGHT")]],
    ["a chord the other way round", ["RIGHT+LEFT"], [press("LEFT+RIGHT")]],
    [
      "a held key: the press and its repeats",
      ["UP*2"],
      [press("UP"), { type: "key", key: "UP", repeat: 1 }, { type: "key", key: "UP", repeat: 2 }],
    ],
    ["a key held for no repeat", ["UP*0"], [press("UP")]],
    ["nothing", [], []],
  ] as const)("reads %s", (_, entries, inputs) => {
    expect(parseKeys(entries)).toEqual({ ok: true, value: inputs });
  });

  it.each(["", "up", "ESC", "UP+DOWN", "LEFT+LEFT", "+", "UP*", "UP*-1", "UP*1e3", "UP *2", "UP\n", "UP*999999"])(
    "refuses %j",
    (entry) => {
      expect(parseKeys(["ENTER", entry])).toMatchObject({
        ok: false,
        error: expect.stringContaining(JSON.stringify(entry)),
      });
    },
  );

  it("bounds what one request does", () => {
    expect(parseKeys([`UP*${maxInputs - 1}`])).toMatchObject({ ok: true });
    expect(parseKeys([`UP*${maxInputs}`])).toMatchObject({ ok: false });
    expect(parseKeys(["ENTER", `UP*${maxInputs - 1}`])).toMatchObject({ ok: false });
    expect(parseKeys(Array.from({ length: 500 }, () => "UP*99999"))).toMatchObject({ ok: false });
  });
});

describe("parseText", () => {
  it("types like the console", () => {
    expect(parseText("a ~\n\b\u0015\t")).toEqual({
      ok: true,
      value: [
        { type: "character", character: "a" },
        pasted(" "),
        pasted("~"),
        press("ENTER"),
        { type: "erase" },
        press("LEFT+RIGHT"),
        press("RIGHT"),
      ],
    });
  });

  it.each(["é", "\u001b[A", "\u0000", "😀"])("refuses %j", (text) => {
    expect(parseText(text)).toMatchObject({ ok: false });
  });

  it("gives one input a character, or none at all", () => {
    const known = ["a", "Z", " ", "~", "\n", "\b", "\u0015"];
    const unknown = ["é", "\u001b", "\ud83d"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...known, ...known, ...unknown)), (characters) => {
        const inputs = parseText(characters.join(""));
        expect(inputs.ok).toBe(characters.every((character) => known.includes(character)));
        if (inputs.ok) expect(inputs.value).toHaveLength(characters.length);
      }),
    );
  });

  it("bounds what one request does", () => {
    expect(parseText("x".repeat(maxInputs))).toMatchObject({ ok: true });
    expect(parseText("x".repeat(maxInputs + 1))).toMatchObject({ ok: false });
  });
});
