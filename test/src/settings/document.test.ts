import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factorySettings } from "../../../src/model/settings.ts";
import { decodeDocument, encodeDocument } from "../../../src/settings/document.ts";
import { createStoreSchemas, type StoredSettings } from "../../../src/settings/schema.ts";
import { anySettings } from "../../support/some-settings.ts";

const stored = (change: object = {}) => ({
  schema: 3,
  revision: 7,
  savedAt: "2026-01-01T00:00:00.000Z",
  settings: factorySettings(),
  ...change,
});
const decode = (bytes: Uint8Array) => decodeDocument(createStoreSchemas().stored, bytes);

describe("stored document", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(anySettings, fc.nat(), (settings, revision) => {
        const document = stored({ settings, revision }) as StoredSettings;
        expect(decode(encodeDocument(document))).toEqual({ ok: true, value: document });
      }),
    );
  });

  it("with any bit flipped is damaged", () => {
    const bytes = encodeDocument(stored());
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(decode(flipped)).toMatchObject({ ok: false, error: { kind: "damaged" } });
      }),
      { numRuns: 500 },
    );
  });

  it("cut off anywhere is damaged", () => {
    const bytes = encodeDocument(stored());
    for (let length = 0; length < bytes.length; length++) {
      expect(decode(bytes.subarray(0, length))).toMatchObject({ ok: false, error: { kind: "damaged" } });
    }
  });

  it("is damaged by whatever else stands in the file, without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decode(bytes)).toMatchObject({ ok: false, error: { kind: "damaged" } });
      }),
    );
  });

  it.each([
    ["a newer schema", stored({ schema: 4, settings: { future: true } }), "newer", "from a newer version (schema 4)"],
    ["no schema", { revision: 1 }, "damaged", "no version number"],
    ["schema 0", stored({ schema: 0 }), "damaged", "no version number"],
    ["a key too many", stored({ extra: 1 }), "damaged", '✖ Unrecognized key: "extra"'],
    ["a revision below zero", stored({ revision: -1 }), "damaged", "✖ Too small: expected number to be >=0"],
    [
      "settings of another shape",
      stored({ settings: { ...factorySettings(), mode: "ipx" } }),
      "damaged",
      '✖ Invalid option: expected one of "ipv4+v6"|"ipv6-only"',
    ],
  ])("with a right checksum but %s is told apart", (_, document, kind, detail) => {
    expect(decode(encodeDocument(document))).toEqual({ ok: false, error: { kind, detail } });
  });
});
