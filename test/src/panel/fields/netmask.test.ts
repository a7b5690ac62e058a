import { describe, expect, it } from "vitest";
import { fieldValue, viewField } from "../../../../src/panel/fields/field.ts";
import { netmaskField } from "../../../../src/panel/fields/netmask.ts";
import { play } from "./play.ts";

/** The guide's table, read downwards; its /4 is a misprint (255.000.000.000). */
const table = [
  "255.255.255.000",
  "255.255.254.000",
  "255.255.252.000",
  "255.255.248.000",
  "255.255.240.000",
  "255.255.224.000",
  "255.255.192.000",
  "255.255.128.000",
  "255.255.000.000",
  "255.254.000.000",
  "255.252.000.000",
  "255.248.000.000",
  "255.240.000.000",
  "255.224.000.000",
  "255.192.000.000",
  "255.128.000.000",
  "255.000.000.000",
  "254.000.000.000",
  "252.000.000.000",
  "248.000.000.000",
  "240.000.000.000",
  "224.000.000.000",
  "192.000.000.000",
  "128.000.000.000",
  "255.255.255.252",
  "255.255.255.248",
  "255.255.255.240",
  "255.255.255.224",
  "255.255.255.192",
  "255.255.255.128",
];

const shown = (key: string) =>
  table.map((_, index) => viewField(play(netmaskField(""), index === 0 ? "" : `${key}*${index}`).field).entry.text);

describe("netmask ring", () => {
  it("runs through the guide's table by DOWN, and is closed", () => {
    expect(shown("D")).toEqual(table);
    expect(viewField(play(netmaskField(""), "D*30").field).entry.text).toBe(table[0]);
  });

  it("runs the other way by UP", () => {
    expect(shown("U")).toEqual([table[0], ...table.slice(1).reverse()]);
  });

  it.each([
    ["16", "16"],
    ["", "24"],
    ["32", "24"],
    ["0", "24"],
    ["x", "24"],
  ])("opens with %j at /%s", (initial, prefix) => expect(fieldValue(netmaskField(initial))).toBe(prefix));

  it("goes back by the chord to what it opened with", () => {
    expect(fieldValue(play(netmaskField("16"), "D*5 C").field)).toBe("16");
    expect(fieldValue(play(netmaskField(""), "U*5 C").field)).toBe("24");
  });

  it("has no cursor, takes no character, and a held key acts once", () => {
    expect(viewField(netmaskField("")).entry.cursor).toBeNull();
    expect(play(netmaskField(""), "'2").outcome).toMatchObject({ code: "character" });
    expect(fieldValue(play(netmaskField(""), "D J J X L R").field)).toBe("23");
  });
});
