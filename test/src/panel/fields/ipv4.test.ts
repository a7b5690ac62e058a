import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { padIpv4 } from "../../../../src/model/address.ts";
import { press } from "../../../../src/model/key.ts";
import { fieldValue, stepField, viewField } from "../../../../src/panel/fields/field.ts";
import { ipv4Field } from "../../../../src/panel/fields/ipv4.ts";
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
    ["a last octet is not moved before ENTER", "'1.2.3.4", "001.002.003.400"],
    ["nor without any dot", "'01007700002 E", "010.077.000.020"],
    ["nor after an arrow", "'1.2.3.4 L E", "001.002.003.400"],
    ["a dot skips an octet that was not typed", "'.7. E", "000.007.000.000"],
    ["erase takes the digit before the cursor back", "'123 X X", "100.000.000.000"],
    ["erase at the very end takes the last one", "'010077000020 X", "010.077.000.020"],
    ["then typing goes on", "'010077000025 X '1", "010.077.000.021"],
    ["erase at the start does nothing", "X", "000.000.000.000"],
    ["erase in a dotted octet", "'10.78 X '7.1.1 E", "010.077.001.001"],
    ["a held key acts once", "H", "000.000.000.000"],
    ["the chord is nothing here", "'12 C", "120.000.000.000"],
  ])("%s", (_, keys, text) => expect(viewField(play(opened, keys).field).entry.text).toBe(text));

  it.each<[string, string]>([
    ["'10x", "Only digits and dots here"],
    ["'0100770000201", "No room for more digits"],
  ])("refuses %s", (keys, message) => {
    const before = play(opened, keys.slice(0, -1)).field;
    expect(play(opened, keys).outcome).toMatchObject({ message });
    expect(viewField(play(opened, keys).field).entry.text).toBe(viewField(before).entry.text);
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
