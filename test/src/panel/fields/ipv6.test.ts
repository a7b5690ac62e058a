import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { fieldValue, viewField } from "../../../../src/panel/fields/field.ts";
import { ipv6Field, ipv6FieldThatUpLeaves } from "../../../../src/panel/fields/ipv6.ts";
import { hostRules } from "../../../../src/panel/fields/rules.ts";
import { textField } from "../../../../src/panel/fields/text.ts";
import { play, typeText } from "./play.ts";

const entered = (text: string) => fieldValue(typeText(ipv6Field(""), text).field);

describe("IPv6 field", () => {
  it.each<[string, string]>([
    // The guide's two.
    ["2001:470:8418:ffe:250:56ff:feb3:b89", "2001:470:8418:ffe:250:56ff:feb3:b89"],
    ["2001:db8:3c4d:15:0:d234:3eee::", "2001:db8:3c4d:15:0:d234:3eee:0"],
    // RFC 4291 section 2.2.
    ["ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["2001:0db8:0000:0000:0008:0800:200c:417a", "2001:db8::8:800:200c:417a"],
    ["FF01:0:0:0:0:0:0:101", "ff01::101"],
    ["::1", "::1"],
    ["0:0:0:0:0:0:13.1.68.3", "::d01:4403"],
    ["::FFFF:129.144.52.38", "::ffff:8190:3426"],
    ["0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:ffff:ffff"],
    // None at all, as in an IPv4 field.
    ["::", ""],
    ["0:0:0:0:0:0:0:0", ""],
    // Left as they are, for the check to refuse.
    ["2001:db8", "2001:db8"],
    ["1::2::3", "1::2::3"],
    ["::ffff:010.0.0.1", "::ffff:010.0.0.1"],
    ["12345::", "12345::"],
  ])("%s is %j", (text, value) => expect(entered(text)).toBe(value));

  it("takes every notation of every address", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const value = entered(text);
        const address = ipaddr.IPv6.parse(text);
        expect(value).toBe(address.range() === "unspecified" ? "" : address.toRFC5952String());
        expect(entered(address.toNormalizedString().toUpperCase())).toBe(value);
      }),
    );
  });

  it.each(["g", "%", "_", "/"])("refuses %s", (character) => {
    expect(typeText(ipv6Field("fe80::1"), character).outcome).toMatchObject({ code: "character" });
  });

  it("turns through the hexadecimal digits, both ways", () => {
    const ring = (key: string) =>
      Array.from({ length: 20 }, (_, index) => viewField(play(ipv6Field(""), `${key}*${index + 1}`).field).entry.text);
    expect(ring("U").join("")).toBe("abcdef 0123456789.: ");
    expect(viewField(play(ipv6Field(""), "U D D").field).entry.text).toBe(":");
  });

  it("has insert/delete mode on an untouched cell", () => {
    expect(viewField(play(ipv6Field("fe80::1"), "D").field).suffix).toBe("/insert");
    expect(viewField(play(ipv6Field("fe80::1"), "R D").field).suffix).toBe("/delete");
    expect(fieldValue(play(ipv6Field("fe80::1"), "R R D E").field)).toBe("f80::1");
  });
});

describe("an IPv6 field that UP leaves", () => {
  it.each<[string, string, unknown]>([
    ["untouched", "U", "up"],
    ["after a look at insert/delete mode", "D U U", "up"],
    ["after typing", "'2 U", null],
    ["after the cursor moved", "R L U", null],
    ["in a cell that was inserted", "D E U", null],
    ["the other keys as ever", "E", "accept"],
  ])("%s", (_, keys, outcome) => expect(play(ipv6FieldThatUpLeaves("fe80::1"), keys).outcome).toBe(outcome));
});

describe("host field", () => {
  const host = textField(hostRules("ipv4+v6"));
  const host6 = textField(hostRules("ipv6-only"));

  it.each<[string, string]>([
    ["proxy.Example.com", "proxy.Example.com"],
    ["176.34.20.5", "176.34.20.5"],
    ["176.034.020.005", "176.34.20.5"],
    [" proxy ", "proxy"],
  ])("%s is %s", (text, value) => expect(fieldValue(typeText(host(""), text).field)).toBe(value));

  it("takes 253 characters and says what it does not take", () => {
    const long = `${"a".repeat(63)}.`.repeat(4).slice(0, 253);
    expect(fieldValue(typeText(host(""), long).field)).toBe(long);
    expect(typeText(host(""), `${long}a`).outcome).toMatchObject({ message: "At most 253 characters" });
  });

  it("takes the colon of an IPv6 address only in IPv6-only mode", () => {
    expect(typeText(host(""), ":").outcome).toMatchObject({ message: ": is not allowed here" });
    expect(fieldValue(typeText(host6(""), "2001:DB8:0::1").field)).toBe("2001:db8::1");
  });
});
