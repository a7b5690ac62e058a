import { KeyObject, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type { X509CertificateGenerator } from "@peculiar/x509";

/** What the platform shows, and the authority that an appliance has to trust for it. PEM. */
export interface ServerCertificate {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

type X509 = typeof import("@peculiar/x509");
type Extensions = NonNullable<Parameters<typeof X509CertificateGenerator.create>[0]["extensions"]>;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** A private authority for one bench or test: its dates must suit whatever clock looks at them. */
const validity = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2049-12-31T23:59:59Z") };

const authorityName = "Bezel reference platform authority";

/** A fresh authority and a server certificate of it that carries these DNS names and IP addresses. */
export async function makeServerCertificate(
  names: readonly string[],
  issuedBy = authorityName,
): Promise<ServerCertificate> {
  const x509 = await loadX509();
  const authority = await generateKeys();
  const caName = `CN=${issuedBy}`;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: caName,
    ...validity,
    signingAlgorithm: algorithm,
    keys: authority,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const server = await generateKeys();
  const extensions: Extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
    ),
    await x509.SubjectKeyIdentifierExtension.create(server.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0] ?? "platform"] }],
    issuer: caName,
    ...validity,
    signingAlgorithm: algorithm,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    extensions,
  });
  return {
    caPem: ca.toString("pem"),
    certificatePem: certificate.toString("pem"),
    keyPem: KeyObject.from(server.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** The library's dependency container refuses to load without decorator metadata, though the library declares none. */
async function loadX509(): Promise<X509> {
  const none = () => undefined;
  for (const name of ["getMetadata", "getOwnMetadata", "defineMetadata"]) {
    if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value: none, configurable: true, writable: true });
  }
  return import("@peculiar/x509");
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** 127 random bits: positive in DER. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}
