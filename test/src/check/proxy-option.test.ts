import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProxyOption } from "../../../src/check/proxy-option.ts";

describe("--proxy", () => {
  it.each([
    ["http://proxy.corp.example:3128", { host: "proxy.corp.example", port: 3128, user: null }],
    ["http://proxy:3128/", { host: "proxy", port: 3128, user: null }],
    ["HTTP://10.77.0.8:8080", { host: "10.77.0.8", port: 8080, user: null }],
    ["http://127.0.0.1:3128", { host: "127.0.0.1", port: 3128, user: null }],
    ["http://[2001:db8::8]:3128", { host: "2001:db8::8", port: 3128, user: null }],
    ["http://bob@proxy:3128", { host: "proxy", port: 3128, user: "bob" }],
    ["http://corp\\bob@proxy:3128", { host: "proxy", port: 3128, user: "corp\\bob" }],
    ["http://corp%5Cbob@proxy:3128", { host: "proxy", port: 3128, user: "corp\\bob" }],
    ["http://bob%40corp.example@proxy:3128", { host: "proxy", port: 3128, user: "bob@corp.example" }],
  ])("%s", (text, proxy) => {
    expect(parseProxyOption(text)).toEqual({ ok: true, value: proxy });
  });

  it.each([
    ["socks5://proxy:1080", /SOCKS proxies are not supported/],
    ["socks5h://bob:secret@proxy:1080", /SOCKS/],
    ["https://proxy:443", /spoken to by http/],
    ["http://bob:secret@proxy:3128", /no password on the command line/],
    ["bob:secret@proxy:3128", /no password on the command line/],
    ["http://bob@corp.example:secret@proxy:3128", /no password on the command line/],
    ["http://proxy", /takes http:\/\/\[user@\]host:port/],
    ["proxy:3128", /takes http/],
    ["http://proxy:3128/path", /takes http/],
    ["http://proxy:0", /Port is 1 to 65535/],
    ["http://proxy:70000", /Port is 1 to 65535/],
    ["http://300.0.0.1:3128", /Number 1 is more than 255/],
    ["http://@proxy:3128", /user/],
    ["http://bob%zz@proxy:3128", /% is not allowed here/],
    [`http://${"u".repeat(33)}@proxy:3128`, /At most 32 characters/],
  ])("%s is refused", (text, message) => {
    expect(parseProxyOption(text)).toMatchObject({ ok: false, error: expect.stringMatching(message) });
  });

  it("never repeats a password", () => {
    const canary = "CANARY-1957";
    const part = fc.constantFrom(
      "http://",
      "socks5://",
      "https://",
      "",
      "bob",
      ":",
      "@",
      "/",
      "proxy",
      ":3128",
      "[",
      "]",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 6 }), (before, after) => {
        const parsed = parseProxyOption(`${before.join("")}:${canary}@${after.join("")}`);
        return !parsed.ok && !parsed.error.includes(canary);
      }),
    );
  });
});
