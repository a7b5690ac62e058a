import { isIP } from "node:net";
import type { GeneralNameType } from "@peculiar/x509";
import { loadX509 } from "../../src/uplink/x509.ts";

/** A certificate and its private key, both PEM. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** DNS names and addresses of a server. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export interface Authority extends Credential {
  /** A server's certificate, signed by this authority. */
  issue(request: CertificateRequest): Promise<Credential>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const distantPast = new Date("2020-01-01T00:00:00Z");
const distantFuture = new Date("2049-12-31T00:00:00Z");

/** A certificate authority of its own. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    notBefore: distantPast,
    notAfter: distantFuture,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: certificate.toString("pem"),
    key: await pemKey(keys),
    issue: async ({ commonName: subject, hosts = [], notBefore = distantPast, notAfter = distantFuture }) => {
      const own = await generateKeys();
      const names = hosts.map((host) => ({ type: (isIP(host) ? "ip" : "dns") as GeneralNameType, value: host }));
      const issued = await x509.X509CertificateGenerator.create({
        subject: `CN=${subject}`,
        issuer: certificate.subject,
        notBefore,
        notAfter,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return { certificate: issued.toString("pem"), key: await pemKey(own) };
    },
  };
}

/** A self-signed client certificate, as a device makes for itself. */
export async function createSelfSigned(request: Omit<CertificateRequest, "hosts">): Promise<Credential> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${request.commonName}`,
    keys,
    notBefore: request.notBefore ?? distantPast,
    notAfter: request.notAfter ?? distantFuture,
    signingAlgorithm: algorithm,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  return { certificate: certificate.toString("pem"), key: await pemKey(keys) };
}

function generateKeys() {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function pemKey({ privateKey }: Awaited<ReturnType<typeof generateKeys>>): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`;
}
