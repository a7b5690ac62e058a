import { rootCertificates } from "node:tls";
import { type PresentedChain, readChain } from "../connectivity/certificate.ts";
import { issuerText } from "../connectivity/certificate-judgement.ts";
import type { Seen } from "./seen.ts";

/** Who signed the certificate that was shown, trusted or not; null: none was shown. */
export function issuerOf(seen: Seen): string | null {
  const chain = chainOf(seen, null);
  return chain === null ? null : issuerText(chain.leaf);
}

/**
 * The certificate leads to one of the public authorities, which the appliance trusts; null: none was shown. Node brings the list of
 * Mozilla with it; a machine that trusts others as well has been told to, by whoever inspects its traffic most of all.
 */
export function isPublic(seen: Seen): boolean | null {
  return chainOf(seen, rootCertificates)?.issued ?? null;
}

function chainOf({ look, target }: Seen, authorities: readonly string[] | null): PresentedChain | null {
  return look === null ? null : readChain(look.certificates, target.host, authorities);
}
