import { describe, expect, it } from "vitest";
import type { PresentedChain } from "../../../src/connectivity/certificate.ts";
import { diagnose, rungsOf } from "../../../src/connectivity/diagnose.ts";
import type { Contact, Evidence } from "../../../src/connectivity/evidence.ts";
import {
  brokeAt,
  evidence,
  type Row,
  replied,
  silent,
  split,
  timings,
  unknownName,
  withProxy,
  withWan,
} from "./evidence.ts";

const nameRows: readonly Row[] = [
  ["DNS silent", evidence({ dns: silent }), "LAN DNS server not reachable", "E13"],
  ["DNS silent before activation", evidence({ dns: silent, activated: false }), "LAN DNS server not reachable", "E14"],
  ["DNS silent on WAN", withWan({}, { dns: silent }), "WAN DNS server not reachable", "E13"],
  ["proxy's name unknown", evidence({ settings: withProxy(), dns: unknownName }), "LAN DNS can't resolve proxy", "E03"],
  [
    "proxy's name unknown on WAN",
    withWan({}, { settings: withProxy({}, split), dns: unknownName }),
    "WAN DNS can't resolve proxy",
    "E03",
  ],
  ["name unknown", evidence({ dns: unknownName }), "LAN DNS can't resolve QG URL", "E05"],
  ["name unknown on WAN", withWan({}, { dns: unknownName }), "WAN DNS can't resolve QG URL", "E05"],
  ["name unknown, new box", evidence({ dns: unknownName, activated: false }), "LAN DNS can't resolve QG URL", "E14"],
  ["curl 6", evidence({ dns: null, contact: brokeAt(6) }), "LAN DNS can't resolve QG URL", "E05"],
  ["curl 5", evidence({ settings: withProxy(), dns: null, contact: brokeAt(5) }), "LAN DNS can't resolve proxy", "E03"],
];

const refused = (
  reason: "unknown-appliance" | "unknown-scan" | "disabled" | "account-expired" | "device-certificate",
) => replied(403, { kind: "refused", reason, detail: "no" });

const platformRows: readonly Row[] = [
  ["401", evidence({ contact: replied(401) }), "Unexpected QG HTTP/401", null],
  ["500", evidence({ contact: replied(500) }), "Unexpected QG HTTP/500", null],
  ["403 without a reason", evidence({ contact: replied(403) }), "Unexpected QG HTTP/403", null],
  ["redirection", evidence({ contact: replied(302) }), "Unexpected QG HTTP/302", null],
  ["unknown appliance", evidence({ contact: refused("unknown-appliance") }), "This scan_id does not exist", null],
  ["unknown scan", evidence({ contact: refused("unknown-scan") }), "This scan_id does not exist", null],
  ["disabled", evidence({ contact: refused("disabled") }), "This Scanner is disabled", null],
  ["expired", evidence({ contact: refused("account-expired") }), "Account expired", null],
  ["certificate", evidence({ contact: refused("device-certificate") }), "QG refused device cert", null],
  [
    "not the protocol",
    evidence({ contact: replied(200, { kind: "malformed", detail: "no JSON" }) }),
    "Malformed QG reply",
    null,
  ],
  [
    "endless reply",
    evidence({ contact: { https: { kind: "tooLarge", maxReplyBytes: 65536 }, answer: null } }),
    "Malformed QG reply",
    null,
  ],
  [
    "no device certificate",
    evidence({ identityProblem: "the state directory is full" }),
    "No device certificate",
    null,
  ],
  ["curl found missing", evidence({ curl: { installed: false, ntlm: false } }), "curl is not installed", null],
  [
    "curl missing at the poll",
    evidence({ curl: null, contact: { https: { kind: "unavailable", message: "curl: not found" }, answer: null } }),
    "curl is not installed",
    null,
  ],
  ["curl's own trouble", evidence({ contact: brokeAt(77) }), "curl cannot work", "E06"],
  ["curl's own trouble, proxy", evidence({ settings: withProxy(), contact: brokeAt(4) }), "curl cannot work", "E02"],
];

const detailOf = (name: string, facts: Evidence) => {
  const verdict = rungsOf(facts)
    .find((rung) => rung.name === name)
    ?.check(facts);
  return verdict?.state === "sound" ? verdict.detail : verdict?.state;
};

const byProxy = (contact: Partial<Contact>) => {
  const settings = withProxy({ user: "corp\\anna" });
  return evidence({
    settings,
    contact: { ...replied(200, { kind: "accepted", detail: "knows the box" }), ...contact },
  });
};

describe("a rung that is well", () => {
  const remote = "203.0.113.9:443";
  const reply = { ...replied(200).https, kind: "reply", status: 200, body: new Uint8Array(), timings } as const;
  const leaf = { commonName: "Example Root", organization: null };
  const chain: PresentedChain = {
    leaf: { subject: leaf, issuer: leaf, names: [], validFromMs: 0, validToMs: 0, selfSigned: false },
    above: [],
    covers: true,
    issued: null,
  };
  const asked = { by: "ntlm", offers: ["ntlm"], speaks: null } as const;

  it.each<[rung: string, facts: Evidence, detail: string]>([
    ["connect", evidence({ contact: { https: { ...reply, remote }, answer: null } }), remote],
    ["connect", evidence({ contact: replied(200) }), "platform.example"],
    ["tls", evidence({ contact: { ...replied(200), chain } }), "Example Root issued the certificate"],
    ["tls", evidence({ contact: replied(401) }), "platform.example"],
    ["http", evidence({ contact: refused("disabled") }), "HTTP/403"],
    [
      "http",
      evidence({ contact: { https: { kind: "tooLarge", maxReplyBytes: 1 }, answer: null } }),
      "platform.example answers",
    ],
    ["platform", evidence(), "is_box on platform P"],
    ["proxy", byProxy({ https: { ...reply, remote: "[2001:db8::9]:3128" } }), "[2001:db8::9]:3128 lets us through"],
    ["proxy", byProxy({ asked }), "proxy.corp.example:8080 lets us through, for corp\\anna by NTLM"],
    ["proxy", byProxy({ asked: { ...asked, by: "none" } }), "proxy.corp.example:8080 lets us through"],
  ])("%s tells who stands there: %#", (rung, facts, detail) => {
    expect(detailOf(rung, facts)).toBe(detail);
  });
});

it.each([
  ["Failed to connect to platform.example port 443 after 3 ms: Couldn't connect", " port 443: Couldn't connect"],
  ["Failed to connect to 2001:db8::9 port 8443: Timeout was reached", " port 8443: Timeout was reached"],
  ["Connection timed out", ": Connection timed out"],
])("a detail names the platform once: %s", (message, detail) => {
  expect(diagnose(evidence({ contact: brokeAt(7, { message }) }))?.detail).toBe(`platform.example${detail}`);
});

it.each([
  ["at the proxy", brokeAt(56), "Receiving from the proxy failed. Check that the box can communicate with it."],
  [
    "behind it",
    brokeAt(56, { proxyStatus: 200, reached: "tcp" }),
    /^Check that neither the proxy nor a firewall behind/,
  ],
])("by a proxy the next step depends on where the connection was cut: %s", (_, contact, next) => {
  expect(diagnose(evidence({ settings: withProxy(), contact }))).toMatchObject({
    message: "Failed receiving peer data (56)",
    next: expect.stringMatching(next),
  });
});

it.each([
  ["ETIMEOUT", "no answer (ETIMEOUT)"],
  ["EBADRESP", "EBADRESP"],
])("a name server that is not reached is told in words: %s", (code, words) => {
  expect(diagnose(evidence({ dns: { ...silent, code } }))?.detail).toBe(`10.77.0.53: ${words}`);
});

it.each([
  ["ENOTFOUND", "NXDOMAIN"],
  ["ENODATA", "no address"],
  ["EBADNAME", "EBADNAME"],
])("a name server's answer is told by its name in DNS: %s", (code, answer) => {
  const dns = { kind: "noAnswer", server: "10.77.0.53", code } as const;
  expect(diagnose(evidence({ dns }))?.detail).toBe(`10.77.0.53 says ${answer} for platform.example`);
});

it("what the platform says to people of a failure stands in the detail", () => {
  const facts = evidence({ contact: replied(500, { kind: "failed", detail: "Back at noon" }) });
  expect(diagnose(facts)?.detail).toBe("platform.example answered HTTP/500: Back at noon");
});

describe("what is wrong on the way to the platform", () => {
  it.each([...nameRows, ...platformRows])("%s", (_, facts, message, legacyCode) => {
    expect(diagnose(facts)).toMatchObject({ message, legacyCode });
  });
});
