import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { oneLine } from "../model/one-line.ts";

/** What one certificate says of itself. Texts are the far side's: one bounded line each. */
export interface PresentedCertificate {
  readonly subject: Name;
  readonly issuer: Name;
  /** DNS names and addresses, at most {@link maxNames}. */
  readonly names: readonly string[];
  /** Wall clock, ms. */
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly selfSigned: boolean;
}

/** Common name and organization of a distinguished name. */
export interface Name {
  readonly commonName: string | null;
  readonly organization: string | null;
}

/** The certificates that a server presented. */
export interface PresentedChain {
  readonly leaf: PresentedCertificate;
  /** The authorities that it sent along. */
  readonly above: readonly PresentedCertificate[];
  /** The leaf is for the host that was asked for. */
  readonly covers: boolean;
  /** One of the authorities that were given has signed it; null: none were given. Dates play no part. */
  readonly issued: boolean | null;
}

const maxNames = 4;
/** OpenSSL builds chains of up to a hundred; real ones have two to five. */
const maxCertificates = 10;

/**
 * Reads certificates in PEM, leaf first, that a server presented for `host`, a name or an address. `authorities` are those that
 * are trusted, in PEM; null: not known. null: there is no leaf, or it cannot be read.
 */
export function readChain(
  pems: readonly string[],
  host: string,
  authorities: readonly string[] | null,
): PresentedChain | null {
  const [first, ...rest] = pems.slice(0, maxCertificates).map(parse);
  const leaf = read(first);
  if (first == null || leaf === null) return null;
  const presented = [first, ...rest].filter((one) => one !== null);
  const anchors = authorities?.map(parse).filter((one) => one !== null);
  return {
    leaf,
    above: rest.map(read).filter((one) => one !== null),
    covers: (isIP(host) === 0 ? first.checkHost(host) : first.checkIP(host)) !== undefined,
    issued: anchors === undefined ? null : leadsTo(anchors, first, presented),
  };
}

/** The PEM blocks of a file of authorities. */
export function splitPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** As a person reads it: `Common Name (Organization)`. */
export function nameText({ commonName, organization }: Name): string {
  if (commonName === null) return organization ?? "nobody";
  return organization === null || organization === commonName ? commonName : `${commonName} (${organization})`;
}

function parse(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function read(certificate: X509Certificate | null | undefined): PresentedCertificate | null {
  if (certificate == null) return null;
  const validFromMs = Date.parse(certificate.validFrom);
  const validToMs = Date.parse(certificate.validTo);
  if (Number.isNaN(validFromMs) || Number.isNaN(validToMs)) return null;
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: namesOf(certificate.subjectAltName),
    validFromMs,
    validToMs,
    selfSigned: isSignedBy(certificate, certificate),
  };
}

/** Node writes a distinguished name as one `KEY=value` a line. */
function nameOf(distinguished: string | undefined): Name {
  const part = (key: string) => bounded(new RegExp(`^${key}=(.+)$`, "m").exec(distinguished ?? "")?.[1] ?? "");
  return { commonName: part("CN"), organization: part("O") };
}

/** Node writes `DNS:name, IP Address:address`, and what holds a comma or a quote as a JSON string. */
function namesOf(alternatives: string | undefined): readonly string[] {
  const found = (alternatives ?? "").matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  const names: string[] = [];
  for (const [, value = ""] of found) {
    const name = bounded(value);
    if (name !== null) names.push(name);
    if (names.length === maxNames) break;
  }
  return names;
}

function bounded(text: string): string | null {
  const line = oneLine(text);
  return line === "" ? null : line.slice(0, 64);
}

/** Steps on each presented certificate once: a far side may send ones that all sign one another. */
function leadsTo(
  anchors: readonly X509Certificate[],
  leaf: X509Certificate,
  presented: readonly X509Certificate[],
): boolean {
  const path = new Set([leaf]);
  for (const certificate of path) {
    const isAnchored = anchors.some(
      (anchor) => anchor.fingerprint256 === certificate.fingerprint256 || isSignedBy(certificate, anchor),
    );
    if (isAnchored) return true;
    for (const other of presented) if (!path.has(other) && isSignedBy(certificate, other)) path.add(other);
  }
  return false;
}

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    // A kind of key that this OpenSSL does not know.
    return false;
  }
}
