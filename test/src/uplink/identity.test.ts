import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { ensureIdentity, fingerprintOf, type Identity } from "../../../src/uplink/identity.ts";

const directory = "/var/lib/bezel";
const keyFile = `${directory}/device-key.pem`;
const certificateFile = `${directory}/device-certificate.pem`;

const ensure = (files: MemoryFiles, serial = "29001") => ensureIdentity({ files, directory, serial, log: silentLog });
async function identityOf(files: MemoryFiles, serial?: string): Promise<Identity> {
  const result = await ensure(files, serial);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const certificateIn = (files: MemoryFiles) => new X509Certificate(files.text(certificateFile) ?? "");
const subjectIn = (files: MemoryFiles) => certificateIn(files).subject;

describe("the first start", () => {
  it("makes a P-256 key and a certificate of it that only the controller may read", async () => {
    const files = createMemoryFiles();
    const identity = await identityOf(files);
    const certificate = certificateIn(files);
    expect(certificate.checkPrivateKey(createPrivateKey(files.text(keyFile) ?? ""))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(identity).toEqual({ certificateFile, keyFile, fingerprint: fingerprintOf(certificate.publicKey) });
    expect(identity.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect([files.mode(keyFile), files.mode(certificateFile)]).toEqual([0o600, 0o600]);
  });

  it("makes a certificate that a wrong clock cannot make invalid", async () => {
    const files = createMemoryFiles();
    await identityOf(files);
    const { validFrom, validTo, keyUsage } = certificateIn(files);
    expect(validFrom).toBe("Jan  1 00:00:00 2020 GMT");
    expect(validTo).toBe("Dec 31 23:59:59 9999 GMT");
    expect(keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it.each([
    ["29001", "CN=29001"],
    ["", "CN=unknown"],
    ["x".repeat(80), `CN=${"x".repeat(64)}`],
    ["n\u00e9\n1", "CN=n??1"],
  ])("names the serial number %j as %s", async (serial, subject) => {
    const files = createMemoryFiles();
    await identityOf(files, serial);
    expect(subjectIn(files)).toBe(subject);
  });
});

describe("a later start", () => {
  it.each(["29001", "", 'a,b+c="d\\', "x".repeat(80)])("keeps both, serial number %j", async (serial) => {
    const files = createMemoryFiles();
    const first = await identityOf(files, serial);
    const before = [files.text(keyFile), files.text(certificateFile)];
    expect(await identityOf(files, serial)).toEqual(first);
    expect([files.text(keyFile), files.text(certificateFile)]).toEqual(before);
  });

  it.each<[string, (files: MemoryFiles) => unknown]>([
    ["missing", (files) => files.remove(certificateFile)],
    ["cut short", (files) => files.put(certificateFile, (files.text(certificateFile) ?? "").slice(0, 200))],
    ["rubbish", (files) => files.put(certificateFile, "rubbish")],
    ["endless", (files) => files.put(certificateFile, "x".repeat(100_000))],
  ])("keeps the key when the certificate is %s", async (_what, damage) => {
    const files = createMemoryFiles();
    const first = await identityOf(files);
    await damage(files);
    expect(await identityOf(files)).toEqual(first);
    expect(subjectIn(files)).toBe("CN=29001");
  });

  it.each<[string, (files: MemoryFiles) => unknown]>([
    ["missing", (files) => files.remove(keyFile)],
    ["cut short", (files) => files.put(keyFile, (files.text(keyFile) ?? "").slice(0, 100))],
    ["empty", (files) => files.put(keyFile, "")],
    ["of another kind", (files) => files.put(keyFile, ed25519)],
  ])("makes both anew when the key is %s", async (_what, damage) => {
    const files = createMemoryFiles();
    const first = await identityOf(files);
    await damage(files);
    const second = await identityOf(files);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(fingerprintOf(certificateIn(files).publicKey)).toBe(second.fingerprint);
  });

  it.each([
    ["another serial number: the disk was moved or cloned", "29001", "29002", false, "CN=29002"],
    ["no serial number any more", "29001", "", true, "CN=29001"],
    ["a serial number at last", "", "29001", true, "CN=29001"],
  ])("finds %s", async (_what, before, now, sameKey, subject) => {
    const files = createMemoryFiles();
    const first = await identityOf(files, before);
    const second = await identityOf(files, now);
    expect(second.fingerprint === first.fingerprint).toBe(sameKey);
    expect(subjectIn(files)).toBe(subject);
    expect(await identityOf(files, now)).toEqual(second);
  });
});

describe("a power cut", () => {
  const starts: [string, (files: MemoryFiles) => Promise<unknown>][] = [
    ["the first start", async () => {}],
    ["the first start on another unit", (files) => identityOf(files, "28000")],
    ["a start with a damaged key", async (files) => files.put(keyFile, "rubbish")],
  ];
  it.each(starts)("at any step of %s leaves what the next start completes", async (_what, prepare) => {
    const newMachine = () => {
      const files = createMemoryFiles();
      files.put(`${directory}/made-by-the-service-manager`, "");
      return files;
    };
    const whole = newMachine();
    await prepare(whole);
    const prepared = whole.operations().length;
    await identityOf(whole);
    const steps = whole.operations().length - prepared;
    expect(steps).toBeGreaterThan(8);

    for (let step = 0; step <= steps; step++) {
      for (const fate of [undefined, randomFate(step), randomFate(1000 + step)]) {
        const files = newMachine();
        await prepare(files);
        files.cutPowerAfter(files.operations().length + step);
        const cut = await ensure(files);
        const after = files.afterPowerCut(fate);
        const identity = await identityOf(after);
        const certificate = certificateIn(after);
        expect(certificate.checkPrivateKey(createPrivateKey(after.text(keyFile) ?? ""))).toBe(true);
        expect(fingerprintOf(certificate.publicKey)).toBe(identity.fingerprint);
        // What was reported as made is there for good.
        if (cut.ok) expect(identity).toEqual(cut.value);
      }
    }
  });
});

describe("a disk that refuses", () => {
  it.each([
    ["full", /Free some space/],
    ["readOnly", /writable/],
    ["denied", /belong/],
    ["io", /Check the disk/],
  ] as const)("%s: is a problem with advice, and over once the cause is gone", async (kind, advice) => {
    const files = createMemoryFiles();
    const end = files.fail({ kind, names: ["write"] });
    const result = await ensure(files);
    expect(result).toMatchObject({ ok: false, error: { kind } });
    expect(result.ok ? "" : result.error.message).toMatch(advice);
    expect(result.ok ? "" : result.error.message).toContain(directory);
    end();
    expect((await ensure(files)).ok).toBe(true);
  });

  it.each([keyFile, certificateFile])("leaves no half-written file beside %s", async (file) => {
    const files = createMemoryFiles();
    const end = files.fail({ kind: "full", names: ["write"], path: `${file}.tmp` });
    expect(await ensure(files)).toMatchObject({ ok: false, error: { kind: "full" } });
    expect((await files.list(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    end();
    expect((await ensure(files)).ok).toBe(true);
  });

  it.each(["denied", "io"] as const)("a key that cannot be read (%s) is not replaced", async (kind) => {
    const files = createMemoryFiles();
    const first = await identityOf(files);
    const end = files.fail({ kind, names: ["read"], path: keyFile });
    expect(await ensure(files)).toMatchObject({ ok: false, error: { kind } });
    end();
    expect(await identityOf(files)).toEqual(first);
  });
});

/** A key made for this test. */
const ed25519 = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
