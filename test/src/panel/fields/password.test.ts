import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldValue, viewField } from "../../../../src/panel/fields/field.ts";
import { passwordField } from "../../../../src/panel/fields/password.ts";
import { passwordRules } from "../../../../src/panel/fields/rules.ts";
import { play, typeText } from "./play.ts";

const asterisks = "*".repeat(16);

describe("password field", () => {
  it.each<[string, string, string, number | null]>([
    ["opens blank", "", "", 0],
    ["shows the character that is turned", "U", "a", 0],
    ["hides it when the cursor leaves", "U R", "*", 1],
    ["shows it again when the cursor is back", "U R U L", "a*", 0],
    ["hides what is typed", "'secret", "******", 6],
    ["the chord clears", "'secret C", "", 0],
    ["erase closes the gap", "'secret L X", "****t", 4],
    ["is full without a cursor", `'${"x".repeat(16)}`, asterisks, null],
  ])("%s", (_, keys, text, cursor) => {
    expect(viewField(play(passwordField(""), keys).field)).toMatchObject({ suffix: "", entry: { text, cursor } });
  });

  it("never opens insert/delete mode, and repeats", () => {
    expect(viewField(play(passwordField(""), "D").field)).toMatchObject({ suffix: "", entry: { text: "Z" } });
    expect(fieldValue(play(passwordField(""), "U H H").field)).toBe("c");
  });

  it("runs through the guide's 30 special characters between 9 and A", () => {
    const after9 = passwordRules.ring.indexOf("9") + 1;
    expect(passwordRules.ring.slice(after9, after9 + 31)).toBe('_-\\/|~!?@#$%^&*+=(){}[]<>;"`,.A');
    expect(passwordRules.ring).toHaveLength(94);
  });

  it("takes every printable character from a console", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,16}$/), (secret) => {
        const { field } = typeText(passwordField(""), secret);
        expect(fieldValue(field)).toBe(secret);
        expect(viewField(field).entry.text).toBe("*".repeat(secret.length));
      }),
    );
  });

  it("refuses a seventeenth character", () => {
    expect(play(passwordField(""), `'${"x".repeat(17)}`).outcome).toMatchObject({ message: "At most 16 characters" });
  });
});

describe("a stored password", () => {
  const stored = passwordField("kept");

  it("shows 16 asterisks whatever its length, and ENTER keeps it", () => {
    expect(viewField(stored)).toMatchObject({ entry: { text: asterisks, cursor: 0 }, keys: ["UP", "DOWN", "ENTER"] });
    const { field, outcome } = play(stored, "E");
    expect(outcome).toBe("accept");
    expect(fieldValue(field)).toBe("kept");
  });

  it.each<[string, string, string]>([
    ["UP begins an empty field", "U", "a"],
    ["DOWN as well", "D", "Z"],
    ["typing as well", "'new", "new"],
    ["the chord clears", "C", ""],
    ["Backspace clears", "X", ""],
    ["the cursor does not move", "R L", "kept"],
    ["a blank one is none", "U D", ""],
  ])("%s", (_, keys, value) => expect(fieldValue(play(stored, keys).field)).toBe(value));
});
