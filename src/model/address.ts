import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** Addresses as the panel writes them. Everything else about addresses is ipaddr.js's. */

/** `10.77.0.20` as `010.077.000.020`: every octet three digits, the guide's format of an entry field. */
export function padIpv4(address: string): string {
  return address
    .split(".")
    .map((octet) => octet.padStart(3, "0"))
    .join(".");
}

/** Four octets of one to three decimal digits, leading zeros allowed, none over 255; null otherwise. Decimal, never octal. */
export function parseIpv4(text: string): readonly [number, number, number, number] | null {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet))) return null;
  const [a, b, c, d] = octets.map(Number) as [number, number, number, number];
  return [a, b, c, d].every((octet) => octet <= 255) ? [a, b, c, d] : null;
}

/** The canonical form without leading zeros, or null when it is not an address. */
export function canonicalIpv4(text: string): string | null {
  return parseIpv4(text)?.join(".") ?? null;
}

/** The form of RFC 5952 of any text form of RFC 4291 section 2.2, or null when it is none. Addresses with a zone are none. */
export function canonicalIpv6(text: string): string | null {
  // ipaddr.js alone would take octal and hexadecimal numbers in an embedded IPv4 address.
  return isIPv6(text) && !text.includes("%") ? ipaddr.IPv6.parse(text).toRFC5952String() : null;
}

/** The address as an unsigned 32-bit number. */
export function ipv4Number([a, b, c, d]: readonly [number, number, number, number]): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** The mask of a prefix length, 0 to 32, as an unsigned 32-bit number. */
export function maskNumber(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

export function ipv4FromNumber(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join(".");
}

/** Prefix length 0 to 32 as a dotted netmask: 24 is `255.255.255.0`. */
export function netmask(prefixLength: number): string {
  return ipv4FromNumber(maskNumber(prefixLength));
}

/** Whether an IPv4 address lies in the network of an address with prefix length, such as `10.77.0.20/24`. False for any other text. */
export function isInNetwork(address: string, cidr: string): boolean {
  const [base = "", length = ""] = cidr.split("/");
  const [one, other] = [parseIpv4(address), parseIpv4(base)];
  if (one === null || other === null || !/^\d{1,2}$/.test(length) || Number(length) > 32) return false;
  return ((ipv4Number(one) ^ ipv4Number(other)) & maskNumber(Number(length))) === 0;
}

/** Whether two IPv4 networks, given by an address with prefix length each, have an address in common. */
export function doNetworksOverlap(one: string, other: string): boolean {
  const wider = prefixLengthOf(one) <= prefixLengthOf(other) ? one : other;
  const narrower = wider === one ? other : one;
  return isInNetwork(narrower.split("/")[0] ?? "", wider);
}

function prefixLengthOf(cidr: string): number {
  return Number(cidr.split("/")[1]);
}
