import type { Name } from "./certificate.ts";

/**
 * Products that put themselves between a box and its platform, by the issuer that they sign with. From Chromium's
 * ssl_error_assistant.asciipb (`mitm_software`, those that stand in a network) and Tailscale's net/tlsdial/blockblame.
 * Owners of such a product may give it an authority of their own: it is then known by its name alone.
 */
const products: readonly (readonly [product: string, issuer: RegExp])[] = [
  ["Cisco", /\bCisco\b/i],
  ["ContentKeeper", /^ContentKeeper\b/],
  ["Cyberoam", /^Cyberoam\b/],
  ["Forcepoint", /^Forcepoint\b/],
  ["Fortinet", /Forti(net|Gate)/i],
  ["McAfee Web Gateway", /McAfee Web Gateway/],
  ["Palo Alto Networks", /Palo Alto Networks|PAN-FW/i],
  ["Smoothwall", /Smoothwall-default-root-certificate-authority/i],
  ["SonicWall", /SonicWALL/i],
  ["Sophos", /\bSophos/i],
  ["Symantec Blue Coat", /^Blue Coat/],
  ["Trend Micro IWSS", /IWSS\.TREND/],
  ["Ubiquiti", /UniFi|Ubiquiti/i],
  ["Zscaler", /\bZscaler\b/i],
];

/** The inspecting product that signs by this name; null: none that is known. */
export function inspectingProduct({ commonName, organization }: Name): string | null {
  const found = products.find(([, issuer]) => [commonName, organization].some((text) => issuer.test(text ?? "")));
  return found?.[0] ?? null;
}
