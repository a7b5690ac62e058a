import { expect, it } from "vitest";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { Contact, Evidence, Look } from "../../../src/connectivity/evidence.ts";
import type { FaultCode } from "../../../src/connectivity/fault-code.ts";
import { nameToResolve } from "../../../src/connectivity/rung.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { managementPort, type PortName, type Settings } from "../../../src/model/settings.ts";
import * as box from "./evidence.ts";

const { brokeAt, dhcp, ipv6Only, replied, split, withProxy } = box;

/** One value of a fact, and the fault that it is when nothing below it is broken; null: none. */
interface Fact<T> {
  readonly value: T;
  readonly fault: FaultCode | null;
}

const shapes: readonly Settings[] = [
  dhcp,
  split,
  ipv6Only,
  withProxy(),
  withProxy({ host: "10.77.0.9" }),
  withProxy({}, split),
];

const chain = {
  leaf: {
    subject: { commonName: "platform.example", organization: null },
    issuer: { commonName: "Authority", organization: null },
    names: ["platform.example"],
    validFromMs: 1000,
    validToMs: 2000,
    selfSigned: false,
  },
  above: [],
  covers: true,
  issued: true,
};
const seen: Look = { chain, exitCode: 0, message: "", ourMs: 1500, farMs: 1500, location: null };

/** States of a port, lowest fault first, and the fault of each. */
const ports: readonly (readonly [change: Partial<PortState>, fault: (port: PortName, v6: boolean) => FaultCode])[] = [
  [{ present: false, carrier: false }, (port) => `${port}-no-carrier`],
  [{ carrier: false }, (port) => `${port}-no-carrier`],
  [{ duplicate: "unknown" }, () => "duplicate-ip"],
  [{ configured: false }, (port) => `${port}-not-configured`],
  [{ ipv4: [], ipv6: [] }, (port, v6) => (v6 ? "lan-no-ipv6-address" : `${port}-no-ipv4-address`)],
  [{ ipv4: ["169.254.7.7/16"], ipv6: ["::1/128"] }, (port) => `${port}-invalid-ip`],
];

/** Those that matter on the management port alone. */
const managed: typeof ports = [
  [{ gateway: null }, (port) => `${port}-no-gateway`],
  [{ dns: [] }, (port) => `${port}-no-dns-servers`],
];

const unverified = brokeAt(60, { proxyStatus: 200, reached: "tcp" });

const contacts: readonly { contact: Contact | null; look?: Look; fault: FaultCode | "unresolved" | null }[] = [
  { contact: null, fault: null },
  { contact: { https: { kind: "aborted" }, answer: null }, fault: null },
  { contact: { https: { kind: "unavailable", message: "none" }, answer: null }, fault: "curl-missing" },
  { contact: { https: { kind: "tooLarge", maxReplyBytes: 1 }, answer: null }, fault: "reply-malformed" },
  { contact: replied(200, { kind: "accepted", detail: "is_box on platform P" }), fault: null },
  { contact: replied(200, { kind: "malformed", detail: "?" }), fault: "reply-malformed" },
  { contact: replied(403, { kind: "refused", reason: "disabled", detail: "" }), fault: "scanner-disabled" },
  { contact: replied(401), fault: "platform-http-401" },
  { contact: replied(500), fault: "platform-http-500" },
  { contact: replied(302), look: seen, fault: "platform-http" },
  { contact: brokeAt(6), fault: "unresolved" },
  { contact: brokeAt(7), fault: "connect-failed" },
  { contact: brokeAt(28), fault: "timeout" },
  { contact: brokeAt(35, { proxyStatus: 200, message: "reset by peer" }), fault: "receive-failed" },
  { contact: brokeAt(35, { proxyStatus: 200, message: "wrong version number" }), fault: "tls-portal" },
  { contact: brokeAt(55, { proxyStatus: 200, reached: "tls" }), fault: "send-failed" },
  { contact: brokeAt(56, { proxyStatus: 200, reached: "tls" }), fault: "receive-failed" },
  {
    contact: brokeAt(56, { proxyStatus: 200, reached: "tls", message: "alert certificate required" }),
    fault: "device-certificate-refused",
  },
  { contact: brokeAt(1, { proxyStatus: 200, reached: "reply" }), fault: "reply-malformed" },
  { contact: brokeAt(77), fault: "curl-failed" },
  { contact: unverified, fault: "tls-certificate" },
  { contact: unverified, look: { ...seen, chain: null }, fault: "tls-certificate" },
  { contact: unverified, look: { ...seen, ourMs: 0, farMs: 1e9 }, fault: "tls-clock-wrong" },
  { contact: unverified, look: { ...seen, ourMs: 3000, farMs: 3000 }, fault: "tls-expired" },
  { contact: unverified, look: { ...seen, chain: { ...chain, issued: false } }, fault: "tls-intercepted" },
  {
    contact: unverified,
    look: { ...seen, chain: { ...chain, issued: false, covers: false } },
    fault: "tls-portal",
  },
  { contact: unverified, look: { ...seen, chain: { ...chain, covers: false } }, fault: "tls-other-server" },
];

/** What may be wrong with a box of this shape, lowest rung first; the first value of each fact is well. */
function factsOf(shape: Settings) {
  const port = managementPort(shape);
  const v6 = shape.mode === "ipv6-only";
  const named = nameToResolve({ settings: shape, platformHost: "platform.example" }) !== null;
  const unresolved: FaultCode = shape.proxy === null ? `${port}-platform-unresolved` : `${port}-proxy-unresolved`;
  const invalid: Settings = v6
    ? {
        ...shape,
        lan: {
          ...shape.lan,
          ipv6: { method: "static", address: "::1", prefixLength: 64, gateway: "fe80::1", dns: [] },
        },
      }
    : box.lanStatic({ gateway: "10.78.0.1" }, shape);
  const portFacts = (name: PortName): readonly Fact<Partial<PortState>>[] => [
    { value: {}, fault: null },
    ...[...ports, ...(name === port ? managed : [])]
      .map(([value, fault]) => ({ value, fault: fault(name, v6) }))
      .filter(({ value }) => named || value.dns === undefined),
  ];
  const settings: readonly Fact<Settings>[] = [
    { value: shape, fault: null },
    { value: invalid, fault: "lan-invalid-ip" },
  ];
  const unread: readonly Fact<string | null>[] = [
    { value: null, fault: null },
    { value: "ip: no answer", fault: `${port}-not-configured` },
  ];
  const separated: readonly Fact<boolean>[] = [
    { value: shape.wan !== null, fault: null },
    { value: shape.wan === null, fault: `${port}-not-configured` },
  ];
  const dns: readonly Fact<Evidence["dns"]>[] = [
    { value: { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.53" }, fault: null },
    { value: box.silent, fault: named ? `${port}-dns-unreachable` : null },
    { value: box.unknownName, fault: named ? unresolved : null },
  ];
  const identity: readonly Fact<string | null>[] = [
    { value: null, fault: null },
    { value: "the disk is full", fault: "device-certificate-missing" },
  ];
  const curl: readonly Fact<Evidence["curl"]>[] = [
    { value: { installed: true, ntlm: true }, fault: null },
    { value: { installed: false, ntlm: false }, fault: "curl-missing" },
  ];
  const contact = contacts.map(({ contact: value, look = null, fault }) => ({
    value: { contact: value, look },
    fault: fault === "unresolved" ? unresolved : fault,
    // That the name has no address is said by a rung below those of the box's own tools.
    isDns: fault === "unresolved",
  }));
  return { settings, unread, lan: portFacts("lan"), wan: portFacts("wan"), separated, dns, identity, curl, contact };
}

it.each(shapes)("every combination of facts is one fault, that of the lowest broken rung: %#", (shape) => {
  const facts = factsOf(shape);
  const wrong: unknown[] = [];
  let combinations = 0;
  const check = (evidence: Evidence, expected: FaultCode | null) => {
    combinations += 1;
    const fault = diagnose(evidence);
    if ((fault?.code ?? null) !== expected) wrong.push({ expected, fault, evidence });
  };
  // In a split network each of the two ports is combined with the other as it should be.
  const pairs = [
    ...facts.lan.map((lan) => ({ lan, wan: facts.wan[0] })),
    ...(shape.wan === null ? [] : facts.wan.slice(1).map((wan) => ({ lan: facts.lan[0], wan }))),
  ];
  const v6 = { ipv4: [], ipv6: ["2001:db8::20/64"], gateway: "fe80::1", dns: ["2001:db8::53"] };
  const lanState = shape.mode === "ipv6-only" ? { ...box.lan, ...v6 } : box.lan;
  const well = box.evidence({ settings: shape });
  for (const settings of facts.settings)
    for (const unread of facts.unread)
      for (const { lan, wan } of pairs)
        for (const separated of facts.separated)
          for (const dns of facts.dns)
            for (const identity of facts.identity)
              for (const curl of facts.curl)
                for (const contact of facts.contact)
                  check(
                    {
                      ...well,
                      settings: settings.value,
                      networkUnread: unread.value,
                      network: {
                        lan: { ...lanState, ...lan?.value },
                        wan: shape.wan === null ? null : { ...box.wan, ...wan?.value },
                        separated: separated.value,
                      },
                      dns: dns.value,
                      identityProblem: identity.value,
                      curl: curl.value,
                      ...contact.value,
                    },
                    settings.fault ??
                      unread.fault ??
                      portFault(lan, wan, false) ??
                      separated.fault ??
                      portFault(lan, wan, true) ??
                      dns.fault ??
                      (contact.isDns ? contact.fault : null) ??
                      identity.fault ??
                      curl.fault ??
                      contact.fault,
                  );
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(combinations).toBeGreaterThan(10_000);
});

/** Servers to ask are looked for after it is sure by which port they are asked. */
function portFault(lan: Fact<Partial<PortState>> | undefined, wan: typeof lan, ofServers: boolean): FaultCode | null {
  const fault = lan?.fault ?? wan?.fault ?? null;
  return fault?.endsWith("-no-dns-servers") === ofServers ? fault : null;
}
