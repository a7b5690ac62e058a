import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { padIpv4 } from "../../../../src/model/address.ts";
import { press } from "../../../../src/model/key.ts";
import { ipv4Field } from "../../../../src/panel/fields/digits.ts";
import { fieldValue, stepField, viewField } from "../../../../src/panel/fields/field.ts";
import { play } from "./play.ts";

const opened = ipv4Field("");

describe("IPv4 field", () => {
  it.each<[string, string, string, number]>([
    ["opens padded", "10.77.0.20", "", 0],
    ["moves over a dot", "", "R R R", 4],
    ["stops at the end", "", "R*20", 14],
    ["stops at the start", "", "R L L L", 0],
  ])("%s", (_, initial, keys, cursor) => {
    const { field } = play(ipv4Field(initial), keys);
    expect(viewField(field).entry).toEqual({ text: padIpv4(initial || "0.0.0.0"), cursor });
  });

  it.each<[string, string, string]>([
    ["a digit goes up", "U", "100.000.000.000"],
    ["and wraps", "U*10", "000.000.000.000"],
    ["down wraps to 9", "D", "900.000.000.000"],
    ["only the digit under the cursor", "R R U U R D", "002.900.000.000"],
    ["twelve digits", "'010077000020", "010.077.000.020"],
    ["with their dots", "'010.077.000.020", "010.077.000.020"],
    ["as people write it", "'10.77.0.20 E", "010.077.000.020"],
    ["one digit an octet", "'1.2.3.4 E", "001.002.003.004"],
    ["mixed", "'194.55.176.2 E", "194.055.176.002"],
    ["a last octet is not moved before ENTER", "'1.2.3.4", "001.002.003.4  "],
    ["nor without any dot", "'01007700002 E", "010.077.000.020"],
    ["an arrow leaves it too", "'1.2.3.4 L", "001.002.003.004"],
    ["a dot skips an octet that was not typed", "'.7. E", "000.007.000.000"],
    ["erase takes the digit before the cursor back", "'123 X X", "100.000.000.000"],
    ["erase at the very end takes the last one", "'010077000020 X", "010.077.000.020"],
    ["then typing goes on", "'010077000025 X '1", "010.077.000.021"],
    ["erase at the start does nothing", "X", "000.000.000.000"],
    ["erase in a dotted octet", "'10.78 X '7.1.1 E", "010.077.001.001"],
    ["a held key acts once", "H", "000.000.000.000"],
    ["erase in an octet that was filled", "'10.123 X E", "010.012.000.000"],
    ["erase of all that was typed of an octet", "'10.7 X", "010.   .000.000"],
    ["leaves zeros", "'10.7 X E", "010.000.000.000"],
    ["also when the octet before is erased", "'10.7 X X", "010.000.000.000"],
    ["the chord clears", "'10.77 C", "000.000.000.000"],
    ["and typing begins again", "'10.77 C '1.2.3.4 E", "001.002.003.004"],
  ])("%s", (_, keys, text) => expect(viewField(play(opened, keys).field).entry.text).toBe(text));

  it.each<[string, string]>([
    ["'10x", "Only digits and dots here"],
    ["'0100770000201", "No room for more digits"],
    ["'1.2.3.4.", "No room for a fifth number"],
    ["'1.2.3.123.", "No room for a fifth number"],
  ])("refuses %s", (keys, message) => {
    const before = play(opened, keys.slice(0, -1)).field;
    expect(play(opened, keys).outcome).toMatchObject({ message });
    expect(viewField(play(opened, keys).field).entry.text).toBe(viewField(before).entry.text);
  });

  it.each<[string, readonly string[]]>([
    ["1", ["110.077.000.100"]],
    [
      "10.77.0.20",
      [
        "110.077.000.100",
        "100.077.000.100",
        "010.077.000.100",
        "010.7  .000.100",
        "010.77 .000.100",
        "010.077.000.100",
        "010.077.0  .100",
        "010.077.000.100",
        "010.077.000.2  ",
        "010.077.000.20 ",
      ],
    ],
  ])("shows what is typed and nothing older of that octet: %s", (typed, glass) => {
    const seen = [...typed].map((_, index) => play(ipv4Field("10.77.0.100"), `'${typed.slice(0, index + 1)}`).field);
    expect(seen.map((field) => viewField(field).entry.text)).toEqual(glass);
  });

  it.each<[string, string, number]>([
    ["U", "010.077.000.012", 13],
    ["D", "010.077.000.092", 13],
    ["L", "010.077.000.002", 12],
    ["R", "010.077.000.002", 14],
    ["E", "010.077.000.002", 13],
    ["C", "000.000.000.000", 0],
  ])("%s moves a half-typed octet to its right first", (key, text, cursor) => {
    const { field } = play(ipv4Field("10.77.0.100"), `'10.77.0.2 ${key}`);
    expect(viewField(field).entry).toEqual({ text, cursor });
  });

  it("has the value that ENTER would give it at any time", () => {
    expect(fieldValue(play(ipv4Field("10.77.0.100"), "'10.77.0.2").field)).toBe("10.77.0.2");
  });

  describe.each(["", "10.77.0.100", "255.255.255.255", "192.168.111.222"])("over %j", (initial) => {
    it.each<[string, string]>([
      ["10.77.0.20", "10.77.0.20"],
      ["10.77.0.1", "10.77.0.1"],
      ["1.1.1.1", "1.1.1.1"],
      ["0.0.0.0", ""],
      ["010.077.000.020", "10.77.0.20"],
      ["010077000020", "10.77.0.20"],
      ["010.77.000.2", "10.77.0.2"],
      ["192.168.100.200", "192.168.100.200"],
    ])("%s is %s", (typed, value) => expect(fieldValue(play(ipv4Field(initial), `'${typed} E`).field)).toBe(value));
  });

  it("has no value when all is zero", () => {
    expect(fieldValue(opened)).toBe("");
    expect(fieldValue(ipv4Field("10.77.0.20"))).toBe("10.77.0.20");
    expect(fieldValue(play(opened, "'999").field)).toBe("999.0.0.0");
  });

  it("takes any address that people write, dotted or in twelve digits", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.boolean(), fc.ipV4(), (address, padded, initial) => {
        let field = ipv4Field(initial);
        for (const character of padded ? padIpv4(address) : address) {
          const step = stepField(field, { type: "character", character });
          expect(step.outcome).toBeNull();
          field = step.state;
        }
        const { state, outcome } = stepField(field, press("ENTER"));
        expect(outcome).toBe("accept");
        expect(fieldValue(state)).toBe(address === "0.0.0.0" ? "" : address);
      }),
    );
  });
});
