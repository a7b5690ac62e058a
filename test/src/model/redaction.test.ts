import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Log } from "../../../src/model/log.ts";
import { createRedaction } from "../../../src/model/redaction.ts";

const canary = 'canary"\\1';

function logged(hidden: readonly string[], say: (log: Log) => void) {
  const heard: [object, string][] = [];
  const take = (fields: object, message: string) => void heard.push([fields, message]);
  const redaction = createRedaction();
  for (const secret of hidden) redaction.hide(secret);
  say(redaction.over({ debug: take, info: take, warn: take, error: take }));
  return heard[0];
}

describe("what is hidden", () => {
  it.each<[string, object, object]>([
    ["a field", { detail: canary }, { detail: "***" }],
    ["a part of one", { detail: `anna:${canary}@proxy` }, { detail: "anna:***@proxy" }],
    ["more than once", { detail: canary + canary }, { detail: "******" }],
    ["as JSON quotes it", { detail: JSON.stringify({ a: canary }) }, { detail: '{"a":"***"}' }],
    [
      "in the header that would tell it",
      { detail: btoa(`anna:${canary}`) },
      { detail: expect.stringContaining("***") },
    ],
    ["deep down", { a: [{ b: [canary, 1, null] }] }, { a: [{ b: ["***", 1, null] }] }],
    ["what says itself as JSON", { a: { toJSON: () => ({ b: canary }) } }, { a: { b: "***" } }],
  ])("is not said: %s", (_, fields, said) => {
    expect(logged([canary], (log) => log.info(fields, "x"))).toEqual([said, "x"]);
  });

  it("is not said in a message, nor by an error", () => {
    const error = Object.assign(new RangeError(`no ${canary}`), { path: canary });
    const [fields, message] = logged([canary], (log) => log.error({ err: error }, `got ${canary}`)) ?? [];
    expect(message).toBe("got ***");
    expect(fields).toMatchObject({ err: { type: "RangeError", message: "no ***", path: "***" } });
    expect(JSON.stringify(fields)).not.toContain("canary");
    expect(JSON.stringify(fields)).toContain("redaction.test.ts");
  });

  it("goes by the longest first, and by all that were ever told", () => {
    expect(logged(["secret", "secret-2"], (log) => log.info({ a: "secret-2 secret" }, "x"))?.[0]).toEqual({
      a: "*** ***",
    });
  });

  it("is whole where it is short: a text that holds it by chance tells nothing", () => {
    expect(logged(["abc"], (log) => log.info({ a: "abc", b: "abcd" }, "abc"))).toEqual([
      { a: "***", b: "abcd" },
      "***",
    ]);
    expect(logged([""], (log) => log.info({ a: "" }, ""))).toEqual([{ a: "" }, ""]);
  });

  it("ends at a circle", () => {
    const circle: { self?: object; a: string } = { a: canary };
    circle.self = circle;
    expect(JSON.stringify(logged([canary], (log) => log.info(circle, "x")))).not.toContain("canary");
  });

  it("leaves everything else as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.string(), (fields, message) => {
        const plain = JSON.parse(JSON.stringify(fields));
        const secret = `${JSON.stringify([fields, message])}-not-in-it`;
        const heard = logged([secret], (log) => log.warn(fields, message));
        expect(JSON.parse(JSON.stringify(heard))).toEqual([plain, message]);
      }),
    );
  });

  it("is in nothing that is said, whatever it is and wherever it stands", () => {
    fc.assert(
      fc.property(
        // One that the mask is part of could be put together by it.
        fc.string({ minLength: 6 }).filter((secret) => !secret.includes("*")),
        fc.array(fc.string(), { maxLength: 4 }),
        (secret, around) => {
          const text = around.join(secret);
          const heard = logged([secret], (log) => log.info({ list: [text, { text }] }, text));
          expect(JSON.stringify(heard)).not.toContain(JSON.stringify(secret).slice(1, -1));
        },
      ),
    );
  });
});
