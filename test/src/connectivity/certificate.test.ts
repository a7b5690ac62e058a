import { beforeAll, describe, expect, it } from "vitest";
import { nameText, type PresentedChain, readChain, splitPem } from "../../../src/connectivity/certificate.ts";
import { judgeCertificate } from "../../../src/connectivity/certificate-judgement.ts";
import { type Authority, createAuthority, createSelfSigned } from "../../support/certificates.ts";

const host = "platform.example";
const now = Date.parse("2026-06-15T12:00:00Z");
const at = (text: string) => Date.parse(text);

let ours: Authority;
let other: Authority;
let fortinet: Authority;

beforeAll(async () => {
  [ours, other, fortinet] = (await Promise.all(
    ["Platform Authority", "Somebody Else", "FortiGate CA"].map(createAuthority),
  )) as [Authority, Authority, Authority];
});

async function shown(
  by: () => Authority,
  { hosts = [host], from = "2026-01-01", to = "2027-01-01" }: { hosts?: string[]; from?: string; to?: string } = {},
): Promise<PresentedChain> {
  const { certificate } = await by().issue({
    commonName: hosts[0] ?? "nobody",
    hosts,
    notBefore: new Date(from),
    notAfter: new Date(to),
  });
  const chain = readChain([certificate, by().certificate], host, [ours.certificate]);
  if (chain === null) throw new Error("not read");
  return chain;
}

describe("a chain", () => {
  it("tells subject, issuer, names and dates, and by whom it is signed", async () => {
    const chain = await shown(() => ours, { hosts: ["a.example", host, "10.0.0.1"] });
    expect(chain).toEqual({
      leaf: {
        subject: { commonName: "a.example", organization: null },
        issuer: { commonName: "Platform Authority", organization: null },
        names: ["a.example", host, "10.0.0.1"],
        validFromMs: at("2026-01-01"),
        validToMs: at("2027-01-01"),
        selfSigned: false,
      },
      above: [expect.objectContaining({ selfSigned: true })],
      covers: true,
      issued: true,
    });
    expect((await shown(() => other)).issued).toBe(false);
  });

  it("is for an address where that is what was asked for", async () => {
    const { certificate } = await ours.issue({ commonName: "x", hosts: ["10.0.0.1", "2001:db8::1"] });
    expect(
      ["10.0.0.1", "2001:db8::1", "10.0.0.2", host].map((one) => readChain([certificate], one, [])?.covers),
    ).toEqual([true, true, false, false]);
  });

  it("is not taken for ours because an authority calls itself the same", async () => {
    const impostor = await createAuthority("Platform Authority");
    expect((await shown(() => impostor)).issued).toBe(false);
  });

  it("is nobody's where no authorities are known", async () => {
    const { certificate } = await ours.issue({ commonName: host, hosts: [host] });
    expect(readChain([certificate], host, null)?.issued).toBeNull();
    expect(readChain([certificate], host, [])?.issued).toBe(false);
  });

  it.each([[[]], [["nonsense"]], [["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]]])(
    "that cannot be read is none: %j",
    (pems) => {
      expect(readChain(pems, host, null)).toBeNull();
    },
  );

  it("of many that sign one another is walked once", async () => {
    const twin = await createAuthority("Twin");
    const { certificate } = await twin.issue({ commonName: host, hosts: [host] });
    const presented = [certificate, ...Array.from({ length: 5000 }, () => twin.certificate)];
    expect(readChain(presented, host, [ours.certificate])).toMatchObject({ issued: false });
  });

  it("is found in a file of many", () => {
    const file = `# one\n${ours.certificate}\nand another\n${other.certificate}`;
    expect(splitPem(file).map((pem) => pem.trim())).toEqual([ours.certificate.trim(), other.certificate.trim()]);
  });
});

describe("a certificate that was not accepted", () => {
  const far = (text: string | null) => (text === null ? null : at(text));
  const old = { from: "2020-01-01", to: "2021-01-01" };
  const rows: readonly [
    what: string,
    by: () => Authority,
    of: Parameters<typeof shown>[1],
    ourMs: number,
    farMs: number | null,
    problem: string | null,
    detail: string,
  ][] = [
    [
      "our clock in 1970",
      () => ours,
      {},
      0,
      far("2026-06-15"),
      "clock",
      "our clock says 1970-01-01, the far side 2026-06-15; the certificate for platform.example is valid from 2026-01-01 to 2027-01-01",
    ],
    [
      "our clock years ahead",
      () => ours,
      {},
      at("2040-01-01"),
      far("2026-06-15"),
      "clock",
      "our clock says 2040-01-01, the far side 2026-06-15; the certificate for platform.example is valid from 2026-01-01 to 2027-01-01",
    ],
    [
      "our clock in the past, and the far side tells no date",
      () => ours,
      {},
      at("2025-12-31"),
      null,
      "clock",
      "our clock says 2025-12-31; the certificate for platform.example is valid from 2026-01-01 to 2027-01-01",
    ],
    [
      "expired, as both clocks say",
      () => ours,
      old,
      now,
      now - 500_000,
      "expired",
      "our clock says 2026-06-15, the far side 2026-06-15; the certificate for platform.example is valid from 2020-01-01 to 2021-01-01",
    ],
    [
      "expired, and no word of the far side",
      () => ours,
      old,
      now,
      null,
      "expired",
      "our clock says 2026-06-15; the certificate for platform.example is valid from 2020-01-01 to 2021-01-01",
    ],
    [
      "expired this very day",
      () => ours,
      { from: "2026-01-01", to: "2026-06-15T11:30:00Z" },
      now,
      now,
      "expired",
      "our clock says 2026-06-15, the far side 2026-06-15; the certificate for platform.example is valid from 2026-01-01 to 2026-06-15 11:30 UTC",
    ],
    [
      "signed by somebody else",
      () => other,
      {},
      now,
      now,
      "intercepted",
      "the certificate for platform.example is issued by Somebody Else, not by the platform's authority",
    ],
    [
      "signed by a known product",
      () => fortinet,
      {},
      now,
      now,
      "intercepted",
      "the certificate for platform.example is issued by FortiGate CA, as Fortinet does, not by the platform's authority",
    ],
    [
      "signed by somebody else, and our clock is wrong",
      () => other,
      {},
      0,
      now,
      "intercepted",
      "the certificate for platform.example is issued by Somebody Else, not by the platform's authority",
    ],
    [
      "a log-in page",
      () => other,
      { hosts: ["login.hotel.example"] },
      now,
      now,
      "portal",
      "login.hotel.example answers in place of platform.example, with a certificate issued by Somebody Else",
    ],
    [
      "another server of ours",
      () => ours,
      { hosts: ["scan.example", "www.example"] },
      now,
      now,
      "other-server",
      "the certificate is for scan.example, www.example, not for platform.example; issued by Platform Authority",
    ],
    [
      "nothing that can be seen",
      () => ours,
      {},
      now,
      now,
      null,
      "the certificate for platform.example, issued by Platform Authority, shows no reason",
    ],
  ];

  it.each(rows)("%s", async (_, by, of, ourMs, farMs, problem, detail) => {
    const chain = await shown(by, of);
    expect(judgeCertificate({ host, chain, message: "", ourMs, farMs })).toEqual({ problem, detail });
    expect(detail.length).toBeLessThanOrEqual(200);
  });

  it("names the authority whose dates are over", async () => {
    const chain = await shown(() => ours);
    const [above] = chain.above;
    if (above === undefined) throw new Error("no authority");
    const stale = { ...chain, above: [{ ...above, validToMs: at("2026-02-01") }] };
    expect(judgeCertificate({ host, chain: stale, message: "", ourMs: now, farMs: now })).toEqual({
      problem: "expired",
      detail:
        "our clock says 2026-06-15, the far side 2026-06-15; the authority Platform Authority is valid from 2020-01-01 to 2026-02-01",
    });
  });

  it("names itself where it signed itself", async () => {
    const { certificate } = await createSelfSigned({ commonName: "router.local" });
    const chain = readChain([certificate], host, [ours.certificate]);
    if (chain === null) throw new Error("not read");
    expect(judgeCertificate({ host, chain, message: "", ourMs: now, farMs: null })).toEqual({
      problem: "portal",
      detail:
        "router.local answers in place of platform.example, with a certificate issued by router.local, self-signed",
    });
  });

  // Of curl 7.88 and 8.14 with OpenSSL 3, and lib/vtls/gtls.c of curl 8.14.
  it.each([
    ["SSL certificate problem: certificate has expired", "clock"],
    ["SSL certificate problem: certificate is not yet valid", "clock"],
    ["server certificate expiration date has passed.", "clock"],
    ["SSL: no alternative certificate subject name matches target host name 'platform.example'", "clock"],
    ["SSL certificate problem: unable to get local issuer certificate", "intercepted"],
    ["SSL certificate problem: self-signed certificate in certificate chain", "intercepted"],
    ["SSL certificate problem: self signed certificate", "intercepted"],
    ["server certificate verification failed. CAfile: none CRLfile: none", null],
    ["", null],
  ])("by the system's authorities, as curl says: %s", async (message, problem) => {
    const chain = { ...(await shown(() => ours)), issued: null };
    expect(judgeCertificate({ host, chain, message, ourMs: 0, farMs: now })).toMatchObject({ problem });
  });
});

describe("a name", () => {
  it.each([
    [{ commonName: "a", organization: "b" }, "a (b)"],
    [{ commonName: "a", organization: "a" }, "a"],
    [{ commonName: null, organization: "b" }, "b"],
    [{ commonName: "a", organization: null }, "a"],
    [{ commonName: null, organization: null }, "nobody"],
  ])("%j", (name, text) => {
    expect(nameText(name)).toBe(text);
  });
});
