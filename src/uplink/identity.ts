import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
  webcrypto,
  X509Certificate,
} from "node:crypto";
import { HalError, type HalErrorKind } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { Log } from "../model/log.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { createDurableFolder, type DurableFolder } from "../settings/durable.ts";
import { loadX509 } from "./x509.ts";

/** What the platform knows the appliance by. Files are PEM; see docs/identity.md. */
export interface Identity {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** SHA-256 of the public key's SubjectPublicKeyInfo, 64 hexadecimal digits. */
  readonly fingerprint: string;
}

/** Why there is no identity now. Asking again is worthwhile once the cause is gone. */
export interface IdentityProblem {
  readonly kind: HalErrorKind;
  /** What, where, and what to do next. */
  readonly message: string;
}

export interface IdentityOptions {
  readonly files: Files;
  /** The state directory, absolute; made when missing. */
  readonly directory: string;
  /** The machine's serial number; empty where it has none. */
  readonly serial: string;
  readonly log: Log;
}

const keyName = "device-key.pem";
const certificateName = "device-certificate.pem";
const maxBytes = 16 * 1024;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * The clock may be wrong at the first start, and the platform goes by the key: the certificate has always been valid and
 * does not expire (RFC 5280 section 4.1.2.5, as IEEE 802.1AR asks of device identities).
 */
const validity = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("9999-12-31T23:59:59Z") };

/**
 * Reads the device's key and certificate, and makes what is missing or damaged: first the key, then a certificate of it,
 * each durable before the next step, so that a power cut leaves the old pair, the new pair, or a key that the next start
 * makes a certificate for. A key made for another serial number is replaced: this disk was copied from another appliance
 * or moved to this one.
 *
 * A key that cannot be read for another reason (permission, an input error) is never replaced: that would undo the
 * activation.
 */
export async function ensureIdentity(options: IdentityOptions): Promise<Result<Identity, IdentityProblem>> {
  const { directory } = options;
  try {
    return ok(await obtain(options));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    const message = `The device key and certificate in ${directory} cannot be read or stored: ${error.message}. ${advice(error.kind)}`;
    return failed({ kind: error.kind, message });
  }
}

function advice(kind: HalErrorKind): string {
  switch (kind) {
    case "full":
      return "Free some space there.";
    case "readOnly":
      return "Mount it writable; if the disk failed, replace it.";
    case "denied":
      return "Make the directory belong to the user that runs the controller.";
    default:
      return "Check the disk.";
  }
}

async function obtain({ files, directory, serial, log }: IdentityOptions): Promise<Identity> {
  const keyFile = `${directory}/${keyName}`;
  const certificateFile = `${directory}/${certificateName}`;
  const folder = createDurableFolder(files, directory);
  const keyBytes = await readIfThere(folder, keyName);
  const storedKey = parsePrivateKey(keyBytes);
  const storedCertificate = parseCertificate(await readIfThere(folder, certificateName));
  // A certificate of another key says nothing about this one: a replacement was cut short between the two.
  const certificate = storedKey !== null && storedCertificate?.checkPrivateKey(storedKey) ? storedCertificate : null;
  const owner = certificate === null ? null : ownerOf(certificate);
  const name = commonName(serial);
  const moved = owner !== null && owner !== nobody && name !== nobody && owner !== name;

  let key = storedKey;
  if (key === null || moved) {
    const damaged = key === null && keyBytes !== null;
    const reason = moved ? `made for ${owner}` : damaged ? "damaged; it is kept aside" : "missing";
    log.warn({ keyFile, reason }, "making a new device key");
    await folder.prepare();
    if (damaged) await folder.setAside(keyName, `${keyName}.damaged`);
    key = await generateKey();
    await store(folder, keyName, key.export({ type: "pkcs8", format: "pem" }));
  }
  if (certificate === null || moved || (owner === nobody && name !== nobody)) {
    log.warn({ certificateFile }, "making a new device certificate");
    await store(folder, certificateName, await selfSign(key, name));
  }
  return { certificateFile, keyFile, fingerprint: fingerprintOf(createPublicKey(key)) };
}

/** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
export function fingerprintOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** null: there is no such file. One that is too long to be ours counts as empty. */
async function readIfThere(folder: DurableFolder, name: string): Promise<Uint8Array | null> {
  try {
    return await folder.read(name, maxBytes);
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    if (error.kind === "absent") return null;
    if (error.kind === "unsupported") return new Uint8Array();
    throw error;
  }
}

async function store(folder: DurableFolder, name: string, pem: string | Buffer): Promise<void> {
  await folder.replace(name, Buffer.from(pem));
  await folder.settle();
}

/**
 * null: not a P-256 private key. The file holds the public half too, and OpenSSL 3.0 does not look whether it is that of the
 * private one: with a wrong bit there, every handshake would fail, and nothing would say why.
 */
function parsePrivateKey(bytes: Uint8Array | null): KeyObject | null {
  if (bytes === null) return null;
  try {
    const key = createPrivateKey(Buffer.from(bytes));
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return null;
    const proof = new TextEncoder().encode("one pair");
    return verify("sha256", proof, createPublicKey(key), sign("sha256", proof, key)) ? key : null;
  } catch {
    return null;
  }
}

/** null: not one of ours, whole. A wrong bit in the owner's name must not look like a disk that was moved. */
function parseCertificate(bytes: Uint8Array | null): X509Certificate | null {
  if (bytes === null) return null;
  try {
    const certificate = new X509Certificate(bytes);
    return certificate.verify(certificate.publicKey) ? certificate : null;
  } catch {
    return null;
  }
}

/** The owner's name in the certificate of a machine without a serial number. */
const nobody = "unknown";

/** X.520 allows a common name 1 to 64 characters. */
function commonName(serial: string): string {
  return serial.replace(/[^ -~]/g, "?").slice(0, 64) || nobody;
}

function ownerOf(certificate: X509Certificate): string {
  const name = certificate.toLegacyObject().subject.CN;
  return typeof name === "string" ? name : nobody;
}

async function generateKey(): Promise<KeyObject> {
  const { privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
}

async function selfSign(key: KeyObject, name: string): Promise<string> {
  const x509 = await loadX509();
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const { subtle } = webcrypto;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    ...validity,
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
      publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
    },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return certificate.toString("pem");
}
