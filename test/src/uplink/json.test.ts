import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../../src/uplink/json.ts";

const bytes = (text: string) => Buffer.from(text);
const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);

describe("JSON from outside", () => {
  it("is read as it is", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        expect(readJson(bytes(text))).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it("may hold brackets in its texts", () => {
    const text = JSON.stringify({ a: `${"[".repeat(100)}"\\${"{".repeat(100)}` });
    expect(readJson(bytes(text))).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it.each([
    ["32 deep", nested(32), true],
    ["33 deep", nested(33), false],
    ["half a million deep", nested(500_000), false],
    ["objects in one another", nested(100, '{"a":[', "]}"), false],
    ["never closed", "[".repeat(900_000), false],
  ])("%s", (_, text, isFine) => {
    expect(readJson(bytes(text))).toMatchObject(isFine ? { ok: true } : { error: "nested more than 32 deep" });
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html>"],
    ["half of it", '{"a":'],
    ["a text without end", `"${"\\".repeat(500_001)}`],
    ["one of quotes alone", `"${'\\"'.repeat(250_000)}`],
  ])("is none: %s", (_, text) => {
    expect(readJson(bytes(text))).toEqual({ ok: false, error: "not JSON" });
  });

  it("is UTF-8", () => {
    expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ ok: false, error: "not JSON" });
  });
});
