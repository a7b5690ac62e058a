/** A proxy, and who we are to it. By what scheme it is to be asked is its own word. */
export interface ProxyPlace {
  readonly host: string;
  readonly port: number;
  readonly account: { readonly user: string; readonly password: string } | null;
}

/** How a proxy is asked: without credentials, with them by a scheme, or not at all. */
export type ProxyAsking =
  | "none"
  | "basic"
  | "ntlm"
  /** It offers only what is not spoken here. */
  | "unspoken"
  /** It offers NTLM alone, and this curl was built without it. */
  | "ntlm-missing";

/**
 * Chooses by what the proxy's 407 offers: lower-case names of schemes; null: it lets us pass without being asked. A user with a
 * domain is one of NTLM's. Digest and Negotiate are not spoken: see docs/proxy.md.
 */
export function chooseAsking(
  offers: readonly string[] | null,
  { user, curlHasNtlm }: { readonly user: string; readonly curlHasNtlm: boolean },
): ProxyAsking {
  if (offers === null) return "none";
  const hasBasic = offers.includes("basic");
  const wantsNtlm = offers.includes("ntlm") && (hasDomain(user) || !hasBasic);
  if (wantsNtlm && curlHasNtlm) return "ntlm";
  if (hasBasic) return "basic";
  return wantsNtlm ? "ntlm-missing" : "unspoken";
}

function hasDomain(user: string): boolean {
  return user.includes("\\");
}
