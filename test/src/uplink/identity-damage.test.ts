import { createPrivateKey, sign, verify, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryFiles, type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import { ensureIdentity, fingerprintOf } from "../../../src/uplink/identity.ts";
import { anyDamage, damageFile } from "../../support/file-damage.ts";
import { createSomeLog } from "../../support/some-log.ts";

/** On the machine that decides over a change; a person at work does not want to wait that long. */
const cases = process.env.CI === undefined ? 200 : 2_000;

const directory = "/var/lib/bezel";
const key = `${directory}/device-key.pem`;
const certificate = `${directory}/device-certificate.pem`;

const ensure = (files: MemoryFiles, log = createSomeLog().log) =>
  ensureIdentity({ files, directory, serial: "29001", log });

const isFolder = (files: MemoryFiles, path: string) => files.text(path) === null && files.mode(path) !== null;

/** What a handshake needs: it signs with the key, and shows the certificate. */
function expectWhole(files: MemoryFiles, fingerprint: string): void {
  const privateKey = createPrivateKey(files.text(key) ?? "");
  const shown = new X509Certificate(files.text(certificate) ?? "");
  const text = Buffer.from("handshake");
  expect(verify("sha256", text, shown.publicKey, sign("sha256", text, privateKey))).toBe(true);
  expect(shown.verify(shown.publicKey)).toBe(true);
  expect(shown.subject).toBe("CN=29001");
  expect(fingerprintOf(shown.publicKey)).toBe(fingerprint);
}

describe(`${cases} damaged device keys and certificates`, { timeout: 600_000 }, () => {
  it("never cost the key but for its own damage, and never leave a pair that no handshake takes", async () => {
    const whole = createMemoryFiles();
    const made = await ensure(whole);
    if (!made.ok) throw new Error(made.error.message);
    const { fingerprint } = made.value;
    const originalKey = whole.text(key) ?? "";
    const others = [originalKey, whole.text(certificate) ?? "", '{"schema":2}\n'];

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(key, certificate), anyDamage), { minLength: 1, maxLength: 2 }),
        fc.integer(),
        async (damages, seed) => {
          const files = whole.afterPowerCut();
          for (const [path, damage] of damages) await damageFile(files, path, damage, others);
          const [harmed, spoilt] = [files.text(key), files.text(certificate)];
          const isMissing = !(await files.list(directory)).includes("device-key.pem");
          const cannotRead = [key, certificate].some((path) => files.mode(path) === 0 || isFolder(files, path));
          const { log, records } = createSomeLog();
          const found = await ensure(files, log);
          expect(records.join("\n")).not.toContain("PRIVATE KEY");

          if (cannotRead) {
            // Never replaced: the cause may go away, and the activation hangs on the key.
            expect(found).toMatchObject({ ok: false });
            expect([files.text(key), files.text(certificate)]).toEqual([harmed, spoilt]);
            return;
          }
          if (!found.ok) throw new Error(found.error.message);
          const isNew = found.value.fingerprint !== fingerprint;
          expectWhole(files, found.value.fingerprint);
          if (harmed === originalKey) expect(isNew).toBe(false);
          if (isNew && !isMissing) expect(files.text(`${key}.damaged`)).toBe(harmed);
          const next = await ensure(files.afterPowerCut(randomFate(seed)));
          expect(next).toEqual(found);
        },
      ),
      { numRuns: cases },
    );
  });
});
