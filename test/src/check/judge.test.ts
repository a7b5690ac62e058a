import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkRungs } from "../../../src/check/check-rungs.ts";
import { judgeHost } from "../../../src/check/judge.ts";
import { presets } from "../../../src/check/presets.ts";
import { nothingSeen, type Seen } from "../../../src/check/seen.ts";
import { createAuthority } from "../../support/certificates.ts";
import { failedWith, nowMs, someLook, someProxy, someSeen, someTarget, timings } from "./some-seen.ts";

const rungs = (seen: Seen) =>
  judgeHost(seen)
    .rungs.map(({ rung, ok }) => (ok ? rung : `${rung}!`))
    .join(" ");
const detail = (seen: Seen) => judgeHost(seen).rungs.at(-1)?.detail;
const addresses = (...given: string[]): Partial<Seen> => ({
  dns: { kind: "addresses", addresses: given, server: "10.77.0.53" },
});

describe("a host", () => {
  it("that is well has all its rungs, with their times", () => {
    const { ok, fault, rungs, host, warnings } = judgeHost(someSeen());
    expect([host, ok, fault, warnings]).toEqual(["platform.example:443", true, null, []]);
    expect(rungs.map(({ rung, ms, detail }) => [rung, ms, detail])).toEqual([
      ["dns", 5, "platform.example is 203.0.113.9, says 10.77.0.53"],
      ["connect", 10, "203.0.113.9:443"],
      ["tls", 20, "issued by an authority that is trusted here"],
      ["http", 40, "HTTP/200"],
      ["clock", 0, "within 0 s of platform.example"],
    ]);
  });

  it.each<[string, Partial<Seen>, string]>([
    ["nothing", nothingSeen(someTarget(), null), ""],
    ["its name", { look: null, contact: null }, "dns"],
    ["who answers, before that is verified", { contact: null }, "dns"],
    ["that it was left", { contact: { kind: "aborted" } }, "dns"],
  ])("of which only %s is known is not well, and has no fault", (_, change, known) => {
    const seen = someSeen(change);
    expect(rungs(seen)).toBe(known);
    expect(judgeHost(seen)).toMatchObject({ ok: false, fault: null });
  });

  it.each<[string, Partial<Seen>, string, string]>([
    [
      "an unknown name",
      { dns: { kind: "noAnswer", server: "10.77.0.53", code: "ENOTFOUND" } },
      "dns!",
      "LAN DNS can't resolve QG URL",
    ],
    [
      "silent DNS",
      { dns: { kind: "unreachable", servers: ["10.77.0.53"], code: "ETIMEOUT" } },
      "dns!",
      "LAN DNS server not reachable",
    ],
    ["a refused connection", { contact: failedWith(7) }, "dns connect!", "Error connect to server (07)"],
    ["silence", { contact: failedWith(28, "Connection timed out") }, "dns connect!", "Timeout was reached (28)"],
    [
      "silence in TLS",
      { contact: failedWith(28, "SSL connection timeout") },
      "dns connect tls!",
      "Timeout was reached (28)",
    ],
    [
      "a cut in TLS",
      { contact: failedWith(35, "Connection reset by peer") },
      "dns connect tls!",
      "Failed receiving peer data (56)",
    ],
    ["another certificate", { contact: failedWith(60) }, "dns connect tls!", "SSL peer cert was not OK"],
    [
      "no TLS at all",
      { contact: failedWith(35, "wrong version number") },
      "dns connect tls!",
      "SSL peer cert was not OK",
    ],
    [
      "no curl",
      { contact: { kind: "unavailable", message: "curl is missing" } },
      "dns connect!",
      "curl is not installed",
    ],
    ["a clock that is ahead", { lookedAtMs: nowMs + 300_001 }, "dns connect tls http clock!", "The clock is wrong"],
    ["a clock that is behind", { lookedAtMs: nowMs - 300_001 }, "dns connect tls http clock!", "The clock is wrong"],
    [
      "a proxy without a name",
      { proxy: someProxy, dns: { kind: "noAnswer", server: "10.77.0.53", code: "ENOTFOUND" } },
      "dns!",
      "LAN DNS can't resolve proxy",
    ],
    [
      "a proxy that refuses",
      { proxy: someProxy, contact: failedWith(56, "no", 403) },
      "dns proxy!",
      "unexpected proxy HTTP/403",
    ],
    [
      "a proxy that has no way",
      { proxy: someProxy, contact: failedWith(56, "no", 504) },
      "dns proxy!",
      "unexpected proxy HTTP/503",
    ],
    ["a proxy that is silent", { proxy: someProxy, contact: failedWith(28) }, "dns proxy!", "Timeout was reached (28)"],
    [
      "silence behind a proxy",
      { proxy: someProxy, contact: failedWith(28, "SSL connection timeout", 200) },
      "dns proxy tls!",
      "Timeout was reached (28)",
    ],
    [
      "a proxy that wants NTLM of a curl without it",
      {
        proxy: someProxy,
        asked: { by: "ntlm-missing", offers: ["ntlm"], speaks: null },
        contact: failedWith(56, "no", 407),
      },
      "dns proxy!",
      "Invalid proxy auth config",
    ],
    [
      "a proxy that wants what is not spoken",
      {
        proxy: someProxy,
        asked: { by: "unspoken", offers: ["negotiate"], speaks: null },
        contact: failedWith(56, "no", 407),
      },
      "dns proxy!",
      "Invalid proxy auth config",
    ],
  ])("with %s: %s", (_, change, broken, message) => {
    const seen = someSeen(change);
    expect(rungs(seen)).toBe(broken);
    expect(judgeHost(seen)).toMatchObject({ ok: false, fault: { message } });
  });

  it.each<[string, Partial<Seen>, RegExp]>([
    [
      "an error of the server",
      { contact: { kind: "reply", status: 500, body: new Uint8Array(), timings } },
      /^HTTP\/500$/,
    ],
    ["more than anybody reads", { contact: { kind: "tooLarge", maxReplyBytes: 1 } }, /^platform\.example answers$/],
    [
      "the wish for a device certificate",
      { contact: failedWith(56, "tlsv13 alert certificate required") },
      /only the appliance has/,
    ],
  ])("that answers with %s is well", (_, change, http) => {
    const { ok, rungs } = judgeHost(someSeen(change));
    expect([ok, rungs.find(({ rung }) => rung === "http")?.detail]).toEqual([true, expect.stringMatching(http)]);
  });

  it.each<[Partial<Seen>, RegExp]>([
    [{ lookedAtMs: nowMs + 300_000 }, /^within 300 s/],
    [{ look: someLook({ date: null }) }, /tells no time$/],
    [{ look: someLook({ date: "yesterday" }) }, /tells no time$/],
    [
      { lookedAtMs: nowMs + 3_600_000 },
      /^our clock says 2026-01-01T01:00:00Z, 60 min ahead of platform\.example, which says 2026-01-01T00:00:00Z$/,
    ],
    [{ lookedAtMs: nowMs - 86_400_000 * 400 }, /400 days behind platform\.example/],
    [{ look: someLook({ date: "Thu, 01 Jan 1970 00:00:00 GMT" }) }, /days ahead of/],
  ])("tells of the clock: %j", (change, text) => {
    expect(detail(someSeen(change))).toMatch(text);
  });

  it.each<[Partial<Seen>, string, number]>([
    [
      { look: someLook({ location: "https://block.example/why?user=bob" }) },
      "HTTP/302, sends on to https://block.example/why",
      1,
    ],
    [{ look: someLook({ location: "/login" }) }, "HTTP/302, sends on to https://platform.example/login", 0],
    [{ look: someLook({ location: null }) }, "HTTP/302", 0],
    [{ look: someLook({ location: "http://[" }) }, "HTTP/302, sends on to http://[", 1],
  ])("tells where a front page leads: %j", (change, text, warnings) => {
    const judged = judgeHost(
      someSeen({ ...change, contact: { kind: "reply", status: 302, body: new Uint8Array(), timings } }),
    );
    expect([judged.ok, judged.rungs[3]?.detail, judged.warnings.length]).toEqual([true, text, warnings]);
  });

  it("has one answer, whatever was seen", () => {
    const outcome: fc.Arbitrary<Seen["contact"]> = fc.oneof(
      fc.constantFrom<Seen["contact"]>(
        null,
        { kind: "aborted" },
        { kind: "tooLarge", maxReplyBytes: 1 },
        { kind: "unavailable", message: "no" },
      ),
      fc.record({
        kind: fc.constant("reply" as const),
        status: fc.integer({ min: 100, max: 599 }),
        body: fc.constant(new Uint8Array()),
        timings: fc.constant(timings),
      }),
      fc.record({
        kind: fc.constant("failed" as const),
        exitCode: fc.integer({ min: 1, max: 99 }),
        proxyStatus: fc.constantFrom(0, 200, 403, 407, 418),
        message: fc.string(),
        timings: fc.constant(timings),
      }),
    );
    const look = fc.option(
      fc
        .record({ date: fc.option(fc.string()), location: fc.option(fc.string()), certificates: fc.array(fc.string()) })
        .map(someLook),
    );
    const proxy = fc.constantFrom(null, someProxy);
    const asked = fc.option(
      fc.record({
        by: fc.constantFrom("none", "basic", "ntlm", "unspoken", "ntlm-missing"),
        offers: fc.option(fc.array(fc.string())),
        speaks: fc.constantFrom(null, "tls", "socks"),
      }),
    );
    fc.assert(
      fc.property(outcome, look, proxy, asked, (contact, looked, by, how) => {
        const judged = judgeHost(someSeen({ contact, look: looked, proxy: by, asked: by === null ? null : how }));
        const broken = judged.rungs.filter(({ ok }) => !ok);
        expect(broken.length).toBe(judged.fault === null ? 0 : 1);
        expect(judged.ok).toBe(judged.fault === null && judged.rungs.length === checkRungs.length - 1);
        expect(judged.rungs.every(({ detail, ms }) => detail !== "" && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe("where the operator's notice names the addresses", () => {
  const notice = { addresses: presets["qualys-qg3"].addresses };
  it.each<[string, Partial<Seen>, number]>([
    ["162.159.152.21", addresses("162.159.152.21"), 0],
    ["both", addresses("162.159.153.243", "162.159.152.21"), 0],
    ["another", addresses("146.112.61.106"), 1],
    ["one of them and another", addresses("162.159.152.21", "146.112.61.106"), 1],
    ["the proxy's name", { ...addresses("10.77.0.8"), proxy: someProxy }, 0],
  ])("%s is warned of as needed", (_, change, warnings) => {
    const judged = judgeHost(someSeen(change, notice));
    expect([judged.ok, judged.warnings.length]).toEqual([true, warnings]);
    if (warnings > 0) {
      expect(judged.warnings[0]).toMatch(
        /^platform\.example resolves to 146\.112\.61\.106, the notice names 162\.159\.152\.21 and 162\.159\.153\.243/,
      );
    }
  });
});

describe("a certificate that this machine trusts, of an authority that is not public", () => {
  let nosy: string;
  const root = rootCertificates[0] ?? "";
  beforeAll(async () => {
    const authority = await createAuthority("Nosy Gateway CA");
    nosy = (await authority.issue({ commonName: "x", hosts: ["platform.example"] })).certificate;
  });
  const judged = (target: Parameters<typeof someTarget>[0], certificates: readonly string[]) =>
    judgeHost(someSeen({ look: someLook({ certificates }) }, target));

  it("is a fault where the appliance trusts public ones only", () => {
    const host = judged({ publicAuthority: true }, [nosy]);
    expect(host).toMatchObject({
      ok: false,
      issuer: "Nosy Gateway CA",
      fault: {
        code: "tls-intercepted",
        message: "SSL peer cert was not OK",
        detail:
          "the certificate for platform.example is issued by Nosy Gateway CA; this machine trusts it, the appliance will not",
        rule: "Exempt platform.example:443 from TLS inspection and content filtering, for 10.77.0.20",
      },
    });
    expect(host.rungs.at(-1)?.rung).toBe("tls");
  });

  it("is worth a warning elsewhere, and none where it is configured", () => {
    expect(judged({}, [nosy])).toMatchObject({
      ok: true,
      warnings: [expect.stringMatching(/Nosy Gateway CA, which is no public authority/)],
    });
    expect(judged({ authority: { file: "/ca.pem", pems: [] } }, [nosy])).toMatchObject({ ok: true, warnings: [] });
  });

  it("is not thought of where the authority is public, or none was shown", () => {
    expect(judged({ publicAuthority: true }, [root])).toMatchObject({ ok: true, warnings: [] });
    expect(judged({ publicAuthority: true }, [])).toMatchObject({ ok: true, warnings: [], issuer: null });
  });
});
