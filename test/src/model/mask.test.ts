import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMask, maskText } from "../../../src/model/mask.ts";

const masked = (secrets: readonly string[], text: string) => createMask(secrets)(text).text;

describe("masking", () => {
  const secret = 'Tr0ub"dor\\&3';
  it.each([
    ["as it is", `a ${secret} b`, `a ${maskText} b`],
    ["within a word", `x${secret}y`, `x${maskText}y`],
    ["in JSON", JSON.stringify({ MESSAGE: `password ${secret}` }), `{"MESSAGE":"password ${maskText}"}`],
    [
      "in a line of JSON that the journal wraps in another",
      JSON.stringify({ MESSAGE: JSON.stringify({ password: secret }) }),
      `{"MESSAGE":"{\\"password\\":\\"${maskText}\\"}"}`,
    ],
    ["in an address", `http://anna:${encodeURIComponent(secret)}@proxy/`, `http://anna:${maskText}@proxy/`],
    ["as bytes of the journal", `{"MESSAGE":[1,${[...Buffer.from(secret)]},10]}`, `{"MESSAGE":[1,${maskText},10]}`],
  ])("finds a secret %s", (_, text, expected) => {
    expect(masked([secret], text)).toBe(expected);
  });

  it("finds it in base64, whatever stands before and behind it", () => {
    for (const user of ["", "a", "an", "ann", "anna"]) {
      for (const rest of ["", "!", "!!"]) {
        const header = `Proxy-Authorization: Basic ${Buffer.from(`${user}:${secret}${rest}`).toString("base64")}`;
        expect(masked([secret], header), header).toContain(maskText);
      }
    }
  });

  it("counts the places, and takes the longer of two secrets that begin alike", () => {
    expect(createMask(["secret", "secret-long"])("secret-long secret")).toEqual({
      text: `${maskText} ${maskText}`,
      count: 2,
    });
  });

  it("leaves numbers and words alone that a short secret is a part of", () => {
    expect(masked(["1234", "al"], '{"pin":1234,"bytes":512345} all al.')).toBe(
      `{"pin":${maskText},"bytes":512345} all ${maskText}.`,
    );
  });

  it("changes nothing without a secret", () => {
    expect(createMask([""])("any text")).toEqual({ text: "any text", count: 0 });
  });

  it("leaves no secret in any text, and the rest of it as it was", () => {
    const password = fc.string({ minLength: 6, maxLength: 32 });
    const around = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(password, { minLength: 1, maxLength: 3 }), fc.array(around), (secrets, parts) => {
        const text = parts.map((part, at) => part + secrets[at % secrets.length]).join("");
        const { text: out } = createMask(secrets)(text);
        for (const one of secrets) expect(out.includes(one)).toBe(false);
      }),
    );
    // Of one form only: JSON writes a backslash twice, and takes what follows it along.
    const plain = fc.stringMatching(/^[A-Za-z0-9]{6,32}$/);
    fc.assert(
      fc.property(plain, around, around, (one, before, after) => {
        fc.pre(!`${before}${maskText}${after}`.includes(one) && !(before + one + after).replace(one, "").includes(one));
        const { text: out } = createMask([one])(`${before}${one}${after}`);
        expect(out.replace(maskText, () => one)).toBe(`${before}${one}${after}`);
      }),
    );
  });
});
