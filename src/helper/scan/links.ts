import * as z from "zod/mini";
import { canonicalIpv4, canonicalIpv6, ipv4Number, maskNumber, parseIpv4 } from "../../model/address.ts";
import { checkHostAddress, checkHostAddress6 } from "../../model/validate.ts";
import { vlanInterface } from "../../model/vlan-interface.ts";

/** Beside `scan` the helpers know no namespace. */
export const scanNamespace = "scan";

/**
 * Links of ours are in this group; those that are about to go are in the other, which goes as a whole: one by one, links take
 * 20 ms each to go.
 */
export const linkGroups = { ours: "4094", going: "4095" } as const;

/** Links or routes in a request: with `netns` ip(8) keeps a descriptor open for each line, and ends at the 1021st. */
export const maxItems = 700;

/** 802.1Q. */
export const tagSchema = z.int({ error: "must be 1 to 4094" }).check(z.gte(1), z.lte(4094));
export const tagsSchema = z.array(tagSchema).check(z.maxLength(maxItems));
/** Only LAN carries VLANs of scans. */
export const lanSchema = z.literal("lan", { error: "must be lan" });

/** What the kernel refused, with its word for it. */
export const refusedSchema = z.array(z.strictObject({ tag: tagSchema, reason: z.string() }));
export type RefusedLink = z.infer<typeof refusedSchema>[number];

/** The interface with this tag: its name is ours, so it tells the tag as well, of whatever kind the link is. */
export function scanInterface(port: string, tag: number): string {
  return vlanInterface(port, tag);
}

/** The tags by the names of their interfaces, of all that there may be. */
export function tagsByInterface(port: string): ReadonlyMap<string, number> {
  const tags = Array.from({ length: 4094 }, (_, index) => index + 1);
  return new Map(tags.map((tag) => [scanInterface(port, tag), tag]));
}

/** What comes before and after the slash; null where it is not canonical or the length is not in 0 to `most`. */
function split(text: string, most: number): { readonly address: string; readonly length: number } | null {
  const [, address = "", digits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const length = Number(digits);
  return address === "" || length > most ? null : { address, length };
}

/** An address that an interface can have, with its prefix length, in canonical form. */
export function isAddress(text: string): boolean {
  const v4 = split(text, 32);
  if (v4 !== null && canonicalIpv4(v4.address) === v4.address) return true;
  const v6 = split(text, 128);
  return v6 !== null && canonicalIpv6(v6.address) === v6.address;
}

/** One that a scan may be given: a host's; 1 to 30, or 1 to 128. */
export function isHostAddress(text: string): boolean {
  const v4 = split(text, 30);
  if (v4 !== null && checkHostAddress(v4.address) === null) return v4.length >= 1;
  const v6 = split(text, 128);
  return v6 !== null && checkHostAddress6(v6.address) === null && v6.length >= 1;
}

/** A network with its prefix length, host bits zero. */
export function isDestination(text: string): boolean {
  const parts = split(text, 32);
  const octets = parseIpv4(parts?.address ?? "");
  if (parts === null || octets === null || canonicalIpv4(parts.address) !== parts.address) return false;
  return (ipv4Number(octets) & ~maskNumber(parts.length)) === 0;
}
