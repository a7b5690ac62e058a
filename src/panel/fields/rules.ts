import type { Mode } from "../../model/settings.ts";
import { maxDomainLength, maxHostLength, maxProxyPasswordLength, maxProxyUserLength } from "../../model/validate.ts";
import { guideSpecials, ringOf, ringWith } from "./ring.ts";
import type { TextRules } from "./text.ts";

/** What each text field takes. */

/** A name or an address; IPv6 addresses only where they are of use. */
export function hostRules(mode: Mode): TextRules {
  const ring = ringWith(mode === "ipv6-only" ? "-.:" : "-.");
  return { maxLength: maxHostLength, ring, editing: true, repeats: false, form: "host" };
}

export const domainRules: TextRules = {
  maxLength: maxDomainLength,
  ring: ringWith("_.-"),
  editing: true,
  repeats: false,
};

/** `user` or `domain\user`. */
export const proxyUserRules: TextRules = {
  maxLength: maxProxyUserLength,
  ring: ringWith("_-\\.@"),
  editing: false,
  repeats: true,
};

/** The guide's table lacks `'` and `:`; a console may type them. */
export const passwordRules: TextRules = {
  maxLength: maxProxyPasswordLength,
  ring: ringWith(guideSpecials),
  alsoTyped: "':",
  editing: false,
  repeats: true,
};

/** Every text form of RFC 4291 section 2.2, the longest with an IPv4 address at its end. */
export const ipv6Rules: TextRules = {
  maxLength: 45,
  ring: ringOf("0123456789abcdef:."),
  alsoTyped: "ABCDEF",
  editing: true,
  repeats: false,
  form: "ipv6",
};

/** 4 to 8 digits; the field does not tell how many. */
export const pinRules: TextRules = { maxLength: 8, ring: " 0123456789", editing: false, repeats: false };
