import { nameText, type PresentedCertificate, type PresentedChain } from "./certificate.ts";
import { inspectingProduct } from "./inspecting-product.ts";

/** Why a certificate was not accepted. */
export type CertificateProblem =
  /** The right certificate, but our clock is outside of its dates. */
  | "clock"
  /** The right certificate, at the wrong time by our clock and the far side's. */
  | "expired"
  /** Our name, signed by somebody else. */
  | "intercepted"
  /** Somebody else's certificate: a log-in page, a device's own page. */
  | "portal"
  /** Signed by our authority for another name. */
  | "other-server";

export interface CertificateJudgement {
  /** null: the certificate does not show why. */
  readonly problem: CertificateProblem | null;
  /** One line: whose certificate, by whom, from when to when. Holds no time of day of now, so that it stays the same. */
  readonly detail: string;
}

export interface CertificateFacts {
  /** The name or the address that was asked for. */
  readonly host: string;
  readonly chain: PresentedChain;
  /** curl's words for the refusal; empty: there are none. */
  readonly message: string;
  /** Our wall clock and the far side's `Date:`, ms; null: it told none. */
  readonly ourMs: number;
  readonly farMs: number | null;
}

/** A `Date:` has whole seconds, may stem from a cache, and takes the time of a round trip. */
const sameTimeMs = 600_000;

/** Why the certificate of a server was not accepted. Pure. */
export function judgeCertificate({ host, chain, message, ourMs, farMs }: CertificateFacts): CertificateJudgement {
  const { leaf, above, covers } = chain;
  const issuer = issuerText(leaf);
  const issued = chain.issued ?? issuedBy(message) ?? (inspectingProduct(leaf.issuer) === null ? null : false);
  if (issued === null) {
    return { problem: null, detail: `the certificate for ${namesText(leaf)} is issued by ${issuer}` };
  }
  if (!issued) {
    return covers
      ? {
          problem: "intercepted",
          detail: `the certificate for ${host} is issued by ${issuer}, not by the platform's authority`,
        }
      : {
          problem: "portal",
          detail: `${namesText(leaf)} answers in place of ${host}, with a certificate issued by ${issuer}`,
        };
  }
  if (!covers) {
    return {
      problem: "other-server",
      detail: `the certificate is for ${namesText(leaf)}, not for ${host}; issued by ${issuer}`,
    };
  }
  const outdated = [leaf, ...above].find(({ validFromMs, validToMs }) => ourMs < validFromMs || ourMs > validToMs);
  if (outdated === undefined) {
    return { problem: null, detail: `the certificate for ${host}, issued by ${issuer}, shows no reason` };
  }
  const whose = outdated === leaf ? `the certificate for ${host}` : `the authority ${nameText(outdated.subject)}`;
  const validity = `${whose} is valid from ${day(outdated.validFromMs, ourMs)} to ${day(outdated.validToMs, ourMs)}`;
  const far = farMs === null ? "" : `, the far side ${day(farMs)}`;
  return {
    problem: clockIsWrong(outdated, ourMs, farMs) ? "clock" : "expired",
    detail: `our clock says ${day(ourMs)}${far}; ${validity}`,
  };
}

/** Without the far side's word a certificate of the future speaks against our clock, and one of the past against itself. */
function clockIsWrong({ validFromMs }: PresentedCertificate, ourMs: number, farMs: number | null): boolean {
  return farMs === null ? ourMs < validFromMs : Math.abs(farMs - ourMs) > sameTimeMs;
}

/**
 * What curl(1) says when the certificate has been found to stem from a trusted authority, which OpenSSL and GnuTLS look at before
 * dates and names, and when not.
 */
const sayings: readonly (readonly [saying: RegExp, issued: boolean])[] = [
  [/certificate has expired|is not yet valid|expiration date has passed|not activated yet/i, true],
  [/no alternative certificate subject name matches|does not match (target host|the ipaddress)/i, true],
  [/unable to get (local )?issuer certificate|self[- ]signed certificate/i, false],
];

function issuedBy(message: string): boolean | null {
  return sayings.find(([saying]) => saying.test(message))?.[1] ?? null;
}

/** Who signed it, and what kind of device that is where it is a known one. */
export function issuerText({ issuer, selfSigned }: PresentedCertificate): string {
  const product = inspectingProduct(issuer);
  const name = nameText(issuer);
  return `${name}${selfSigned ? ", self-signed" : ""}${product === null || name.includes(product) ? "" : `, as ${product} does`}`;
}

function namesText({ names, subject }: PresentedCertificate): string {
  return names.length > 0 ? names.slice(0, 2).join(", ") : nameText(subject);
}

/** The date in UTC; of a certificate that begins or ends on our own day with its time. */
function day(ms: number, ourMs?: number): string {
  const text = isoOf(ms);
  const date = text.slice(0, 10);
  return ourMs !== undefined && isoOf(ourMs).startsWith(date) ? `${date} ${text.slice(11, 16)} UTC` : date;
}

/** Any certificate may name a date that JavaScript has none for. */
function isoOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : "an unknown day";
}
