import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalIpv4,
  ipv4FromNumber,
  ipv4Number,
  maskNumber,
  netmask,
  padIpv4,
  parseIpv4,
} from "../../../src/model/address.ts";

describe("IPv4 addresses", () => {
  it.each([
    ["194.55.176.2", "194.055.176.002"],
    ["0.0.0.0", "000.000.000.000"],
    ["255.255.255.255", "255.255.255.255"],
  ])("%s is padded to %s", (plain, padded) => {
    expect(padIpv4(plain)).toBe(padded);
    expect(canonicalIpv4(padded)).toBe(plain);
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.0004", "1.2.3.-4", "1.2.3.a", " 1.2.3.4", "1..2.3"])(
    "%j is none",
    (text) => {
      expect(parseIpv4(text)).toBeNull();
    },
  );

  it("reads leading zeros as decimal, never as octal", () => {
    expect(parseIpv4("010.077.000.020")).toEqual([10, 77, 0, 20]);
  });

  it("goes to a number and back", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const octets = parseIpv4(address);
        expect(octets && ipv4FromNumber(ipv4Number(octets))).toBe(address);
      }),
    );
  });

  it.each([
    [0, "0.0.0.0"],
    [1, "128.0.0.0"],
    [4, "240.0.0.0"],
    [24, "255.255.255.0"],
    [30, "255.255.255.252"],
    [32, "255.255.255.255"],
  ])("prefix length %i is %s", (prefixLength, mask) => {
    expect(netmask(prefixLength)).toBe(mask);
    expect(maskNumber(prefixLength).toString(2).replaceAll("0", "").length).toBe(prefixLength);
  });
});
