import { describe, expect, it } from "vitest";
import type { PresentedChain } from "../../../src/connectivity/certificate.ts";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { Contact, Look } from "../../../src/connectivity/evidence.ts";
import type { FaultCode } from "../../../src/connectivity/fault-code.ts";
import { brokeAt, dhcp, evidence, replied, withProxy } from "./evidence.ts";

const now = Date.parse("2026-06-15T12:00:00Z");

const ours: PresentedChain = {
  leaf: {
    subject: { commonName: "platform.example", organization: null },
    issuer: { commonName: "Platform Authority", organization: null },
    names: ["platform.example"],
    validFromMs: Date.parse("2026-01-01"),
    validToMs: Date.parse("2027-01-01"),
    selfSigned: false,
  },
  above: [],
  covers: true,
  issued: true,
};
const inspecting: PresentedChain = {
  ...ours,
  leaf: { ...ours.leaf, issuer: { commonName: "Corp Inspection", organization: "Zscaler Inc." } },
  issued: false,
};
const portal: PresentedChain = { ...inspecting, leaf: { ...ours.leaf, names: ["login.hotel.example"] }, covers: false };

function look(change: Partial<Look> = {}): Look {
  return { chain: ours, exitCode: 0, message: "", ourMs: now, farMs: now, location: null, ...change };
}

const unverified = brokeAt(60, { reached: "tcp", message: "SSL certificate problem" });
const refusedOurs = brokeAt(56, { reached: "tls", message: "tlsv13 alert certificate required" });
const alertOf = (name: string) => brokeAt(35, { reached: "tcp", message: `tlsv1 alert ${name}` });
const plain = brokeAt(35, {
  reached: "tcp",
  message: "OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number",
});
const odd = replied(200, { kind: "malformed", detail: "not JSON" });

const rows: readonly [what: string, contact: Contact, look: Look | null, code: FaultCode, detail: RegExp][] = [
  ["nobody looked", unverified, null, "tls-certificate", /^platform.example: SSL certificate problem$/],
  ["nothing was presented", unverified, look({ chain: null }), "tls-certificate", /^platform.example: SSL certificate/],
  [
    "our clock is wrong",
    unverified,
    look({ ourMs: 0 }),
    "tls-clock-wrong",
    /^our clock says 1970-01-01, the far side 2026-/,
  ],
  [
    "it has expired",
    unverified,
    look({ ourMs: Date.parse("2028-01-01"), farMs: Date.parse("2028-01-01") }),
    "tls-expired",
    /valid from 2026-01-01 to 2027-01-01$/,
  ],
  [
    "it is inspected",
    unverified,
    look({ chain: inspecting }),
    "tls-intercepted",
    /issued by Corp Inspection \(Zscaler Inc.\)/,
  ],
  [
    "a log-in page",
    unverified,
    look({ chain: portal, location: "https://login.hotel.example/in?session=12345" }),
    "tls-portal",
    /^login.hotel.example answers in place of platform.example.*, leading to https:\/\/login.hotel.example$/,
  ],
  [
    "another server",
    unverified,
    look({ chain: { ...ours, covers: false } }),
    "tls-other-server",
    /not for platform.example/,
  ],
  ["no reason to be seen", unverified, look(), "tls-certificate", /SSL certificate problem; .* shows no reason$/],
  ["plain HTTP", plain, look({ chain: null, exitCode: 35 }), "tls-portal", /does not speak TLS/],
  ["plain HTTP, and nobody looked", plain, null, "tls-portal", /does not speak TLS/],
  ["ours is refused", refusedOurs, look({ exitCode: 56 }), "device-certificate-refused", /Platform Authority/],
  ["ours is refused, and nobody looked", refusedOurs, null, "device-certificate-refused", /certificate required$/],
  ["ours is refused, and our clock is wrong", refusedOurs, look({ ourMs: 0 }), "device-certificate-refused", /1970/],
  [
    "refused by an inspecting device that is trusted",
    refusedOurs,
    look({ chain: { ...inspecting, issued: null } }),
    "tls-intercepted",
    /Zscaler/,
  ],
  ["refused by somebody else", refusedOurs, look({ chain: portal }), "tls-portal", /login.hotel.example/],
  [
    "refused whatever is shown",
    alertOf("access denied"),
    look({ chain: null, exitCode: 35, message: "tlsv1 alert access denied" }),
    "tls-certificate",
    /access denied$/,
  ],
  [
    "refused for want of a certificate in TLS 1.2",
    alertOf("unknown ca"),
    look({ chain: null, exitCode: 35, message: "tlsv1 alert bad certificate" }),
    "device-certificate-refused",
    /unknown ca$/,
  ],
  [
    "no protocol of ours, over an inspected line",
    odd,
    look({ chain: inspecting }),
    "reply-malformed",
    /^platform.example: not JSON; its certificate is issued by Corp Inspection \(Zscaler Inc.\)$/,
  ],
  ["no protocol of ours", odd, null, "reply-malformed", /^platform.example: not JSON$/],
  [
    "too long a reply",
    { https: { kind: "tooLarge", maxReplyBytes: 9 }, answer: null },
    look(),
    "reply-malformed",
    /longer than 9 bytes; its certificate is issued by Platform Authority$/,
  ],
  [
    "a redirect",
    replied(302),
    look({ location: "http://portal.corp.example:8000/x" }),
    "platform-http",
    /HTTP\/302, leading to http:\/\/portal.corp.example:8000; its certificate is issued by Platform Authority$/,
  ],
  [
    "a redirect to nowhere",
    replied(302),
    look({ chain: null, location: "//" }),
    "platform-http",
    /answered HTTP\/302$/,
  ],
];

describe("what is seen of the far side", () => {
  it.each(rows)("%s", (_, contact, seen, code, detail) => {
    const fault = diagnose(evidence({ contact, look: seen }));
    expect(fault).toMatchObject({ code, detail: expect.stringMatching(detail) });
  });

  it.each(rows.filter(([, , , code]) => code.startsWith("tls-")))(
    "%s: said with the guide's text",
    (_, contact, seen) => {
      expect(diagnose(evidence({ contact, look: seen }))).toMatchObject({
        message: "SSL peer cert was not OK",
        legacyCode: "E06",
      });
    },
  );

  it("is seen behind the proxy where there is one", () => {
    const settings = withProxy();
    const contact = brokeAt(60, { proxyStatus: 200, reached: "tcp" });
    expect(diagnose(evidence({ settings, contact, look: look({ chain: inspecting }) }))?.detail).toMatch(
      /^behind proxy proxy.corp.example:8080: the certificate for platform.example is issued by Corp/,
    );
    expect(diagnose(evidence({ settings: dhcp, contact, look: look({ chain: inspecting }) }))?.detail).toMatch(
      /^the certificate/,
    );
  });

  it("is asked for by its address where that is in the URL", () => {
    const seen = look({ chain: { ...ours, covers: false } });
    expect(diagnose(evidence({ platformHost: "[2001:db8::9]", contact: unverified, look: seen }))?.detail).toMatch(
      /not for 2001:db8::9;/,
    );
  });
});
