import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { padIpv4 } from "../../../../src/model/address.ts";
import { press } from "../../../../src/model/key.ts";
import { ipv4Field, portField, vlanField } from "../../../../src/panel/fields/digits.ts";
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

describe("fields of one number", () => {
  it("open with zeros for no VLAN and with 443 for no port", () => {
    expect(viewField(vlanField("")).entry).toEqual({ text: "0000", cursor: 0 });
    expect(viewField(portField("")).entry).toEqual({ text: "00443", cursor: 0 });
    expect(viewField(vlanField("12")).entry.text).toBe("0012");
    expect(viewField(portField("3128")).entry.text).toBe("03128");
  });

  it.each<[string, string, string, number]>([
    ["UP turns one digit", "U", "1443", 0],
    ["and wraps", "D", "9443", 0],
    ["at the cursor", "R R U", "0453", 2],
    ["which stops at the end", "R*9 U", "0444", 3],
    ["typing begins a new number", "'8", "8   ", 1],
    ["that grows", "'80", "80  ", 2],
    ["and goes to the right at ENTER", "'80 E", "0080", 2],
    ["or at an arrow", "'80 L", "0080", 1],
    ["all digits may be typed", "'0080 E", "0080", 3],
    ["behind the first cell one digit is typed over", "R '8", "0843", 2],
    ["erase takes back what was typed", "'80 X", "8   ", 1],
    ["also in a full field", "'8080 X", "808 ", 3],
    ["the chord clears", "C", "0000", 0],
    ["a held key acts once", "U H H", "1443", 0],
  ])("%s", (_, keys, text, cursor) => {
    expect(viewField(play(vlanField("0443"), keys).field).entry).toEqual({ text, cursor });
  });

  it.each<[string, string]>([
    ["'3128 E", "3128"],
    ["'443 E", "443"],
    ["'65535 E", "65535"],
    ["'00080", "80"],
    ["", "8080"],
    ["C", "0"],
    ["'99999", "99999"],
  ])("the port after %j is %s", (keys, value) => expect(fieldValue(play(portField("8080"), keys).field)).toBe(value));

  it.each<[string, string]>([
    ["'8x", "Only digits here"],
    ["'8.", "Only digits here"],
    ["'123456", "No room for more digits"],
  ])("refuses %s", (keys, message) => {
    const { field, outcome } = play(portField(""), keys);
    expect(outcome).toMatchObject({ message });
    expect(fieldValue(field)).toBe(fieldValue(play(portField(""), keys.slice(0, -1)).field));
  });

  it("take any number as people write it, over any other", () => {
    const number = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(number, number, fc.boolean(), (before, port, padded) => {
        const typed = padded ? String(port).padStart(5, "0") : String(port);
        expect(fieldValue(play(portField(String(before)), `'${typed} E`).field)).toBe(String(port));
      }),
    );
  });
});
