import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnose, rungsOf } from "../../../src/connectivity/diagnose.ts";
import type { Contact, Evidence, Look } from "../../../src/connectivity/evidence.ts";
import { faultCodes } from "../../../src/connectivity/fault-code.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { noScanSettings } from "../../../src/model/scan.ts";
import type { Settings } from "../../../src/model/settings.ts";
import * as box from "./evidence.ts";

const { evidence, lan6, withLan, withWan, lanStatic, withProxy, brokeAt, replied, split, silent, unknownName } = box;

describe("nothing is wrong with", () => {
  it.each([
    ["a box that is well", evidence()],
    ["a split network that is well", evidence({ settings: split })],
    ["IPv6 only, well", lan6()],
    ["static, well", evidence({ settings: lanStatic() })],
    ["nothing looked at", evidence({ dns: null, contact: null, curl: null, proxyAuth: null })],
    ["a poll that was cut short by us", evidence({ contact: { https: { kind: "aborted" }, answer: null } })],
    [
      "LAN without a gateway in a split network",
      withWan({}, { network: { lan: { ...box.lan, gateway: null }, wan: box.wan, separated: true } }),
    ],
    ["no DNS server, but the platform is given by address", withLan({ dns: [] }, { platformHost: "203.0.113.9" })],
    ["the same with IPv6", withLan({ dns: [] }, { platformHost: "[2001:db8::9]" })],
    [
      "no DNS server, but the proxy is given by address",
      withLan({ dns: [] }, { settings: withProxy({ host: "10.77.0.9" }) }),
    ],
  ])("%s", (_, facts) => {
    expect(diagnose(facts)).toBeNull();
  });
});

describe("the lowest broken rung wins", () => {
  /** Breaks rungs of one box, from the lowest to the highest. */
  const breaks: readonly ((facts: Evidence) => Evidence)[] = [
    (facts) => ({ ...facts, settings: lanStatic({ gateway: "10.78.0.1" }) }),
    (facts) => ({ ...facts, networkUnread: "no answer" }),
    ...(
      [
        { carrier: false },
        { duplicate: "unknown" },
        { configured: false },
        { ipv4: [] },
        { gateway: null },
        { dns: [] },
      ] satisfies Partial<PortState>[]
    ).map((change) => (facts: Evidence) => ({
      ...facts,
      network: { ...facts.network, lan: { ...facts.network.lan, ...change } },
    })),
    (facts) => ({ ...facts, dns: silent }),
    (facts) => ({ ...facts, contact: brokeAt(7) }),
  ];

  it("whatever is broken above it", () => {
    fc.assert(
      fc.property(fc.subarray([...breaks.keys()], { minLength: 1 }), (broken) => {
        const apply = (indexes: readonly number[]) =>
          indexes.reduce((facts, index) => breaks[index]?.(facts) ?? facts, evidence());
        expect(diagnose(apply(broken))?.code).toBe(diagnose(apply(broken.slice(0, 1)))?.code);
      }),
    );
  });
});

describe("any combination of facts", () => {
  const address = fc.constantFrom("10.77.0.20", "127.0.0.1", "0.0.0.0", "256.1.1.1", "", "10.77.0.255", "169.254.1.1");
  const ipv4 = fc.oneof(
    fc.constant({ method: "dhcp" as const }),
    fc.record({
      method: fc.constant("static" as const),
      address,
      prefixLength: fc.constantFrom(0, 1, 24, 30, 33),
      gateway: address,
      dns: fc.subarray(["10.77.0.53"]),
      wins: fc.constant([]),
      domain: fc.constant(null),
    }),
  );
  const ipv6 = fc.oneof(
    fc.constant({ method: "auto" as const, dns: [] }),
    fc.record({
      method: fc.constant("static" as const),
      address: fc.constantFrom("2001:db8::20", "::1", "zz"),
      prefixLength: fc.constantFrom(0, 64, 129),
      gateway: fc.constantFrom("fe80::1", "2001:db9::1", ""),
      dns: fc.constant([]),
    }),
  );
  const settings: fc.Arbitrary<Settings> = fc.record({
    mode: fc.constantFrom("ipv4+v6" as const, "ipv6-only" as const),
    lan: fc.record({ vlan: fc.constant(0), link: fc.constant("auto" as const), ipv4, ipv6 }),
    wan: fc.option(fc.record({ link: fc.constant("auto" as const), ipv4 })),
    proxy: fc.option(
      fc.record({
        host: fc.constantFrom("proxy.example", "10.77.0.9", "2001:db8::9", "300.1.1.1", ""),
        port: fc.constantFrom(0, 8080),
        user: fc.option(fc.constantFrom("corp\\anna", "a b")),
        passwordRef: fc.constant(null),
      }),
    ),
    scan: fc.constant(noScanSettings),
  });
  const port: fc.Arbitrary<PortState> = fc.record({
    interface: fc.constant("lan0"),
    present: fc.boolean(),
    configured: fc.boolean(),
    mac: fc.constant(null),
    carrier: fc.boolean(),
    speedMbps: fc.option(fc.constant(100)),
    duplex: fc.constant(null),
    link: fc.constant("auto" as const),
    vlan: fc.constant(0),
    method: fc.constant("dhcp" as const),
    ipv4: fc.subarray(["10.77.0.20/24", "169.254.1.1/16", "127.0.0.1/8", "nonsense"]),
    ipv6: fc.subarray(["2001:db8::20/64", "nonsense"]),
    gateway: fc.option(fc.constantFrom("10.77.0.1", "fe80::1", "0.0.0.0", "nonsense")),
    dns: fc.subarray(["10.77.0.53"]),
    wins: fc.constant([]),
    domain: fc.constant(null),
    lease: fc.option(fc.record({ server: fc.option(fc.constant("10.77.0.1")), expires: fc.constant("") })),
    routes: fc.constant([]),
    duplicate: fc.option(fc.constantFrom("unknown", "02:00:00:00:00:02")),
  });
  const dns = fc.option(
    fc.constantFrom(silent, unknownName, { kind: "addresses" as const, addresses: [], server: "10.77.0.53" }),
  );
  const https: fc.Arbitrary<Contact["https"]> = fc.oneof(
    fc.constantFrom(
      { kind: "aborted" as const },
      { kind: "unavailable" as const, message: "" },
      { kind: "tooLarge" as const, maxReplyBytes: 1 },
    ),
    fc.integer({ min: 100, max: 999 }).map((status) => replied(status).https),
    fc.record({
      kind: fc.constant("failed" as const),
      exitCode: fc.integer({ min: 1, max: 255 }),
      proxyStatus: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 999 })),
      message: fc.oneof(fc.string(), fc.constant("alert unknown ca"), fc.constant("reset by peer")),
      timings: fc.record({ connectedMs: fc.nat(9), tlsMs: fc.nat(9), firstByteMs: fc.nat(9), totalMs: fc.nat(9) }),
    }),
  );
  const answer = fc.option(
    fc.oneof(
      fc.constant({ kind: "accepted" as const, detail: "?" }),
      fc.constant({ kind: "failed" as const, detail: "?" }),
      fc.constant({ kind: "malformed" as const, detail: "?" }),
      fc.record({
        kind: fc.constant("refused" as const),
        reason: fc.constantFrom("unknown-appliance" as const, "disabled" as const, "account-expired" as const),
        detail: fc.string(),
      }),
    ),
  );
  const name = fc.record({ commonName: fc.option(fc.string()), organization: fc.option(fc.string()) });
  const ms = fc.oneof(fc.constantFrom(0, 1.8e12, -1e300, 8.64e15, 9e15), fc.integer());
  const certificate = fc.record({
    subject: name,
    issuer: name,
    names: fc.array(fc.string(), { maxLength: 4 }),
    validFromMs: ms,
    validToMs: ms,
    selfSigned: fc.boolean(),
  });
  const look: fc.Arbitrary<Look | null> = fc.option(
    fc.record({
      chain: fc.option(
        fc.record({
          leaf: certificate,
          above: fc.array(certificate, { maxLength: 2 }),
          covers: fc.boolean(),
          issued: fc.option(fc.boolean()),
        }),
      ),
      exitCode: fc.nat(100),
      message: fc.oneof(fc.string(), fc.constant("alert unknown ca")),
      ourMs: ms,
      farMs: fc.option(ms),
      location: fc.option(fc.oneof(fc.string(), fc.webUrl())),
    }),
  );
  const asked = fc.option(
    fc.record({
      by: fc.constantFrom(
        "none" as const,
        "basic" as const,
        "ntlm" as const,
        "unspoken" as const,
        "ntlm-missing" as const,
      ),
      offers: fc.option(fc.array(fc.string())),
      speaks: fc.constantFrom(null, "tls" as const, "socks" as const),
    }),
  );
  const facts: fc.Arbitrary<Evidence> = fc.record({
    settings,
    network: fc.record({ lan: port, wan: fc.option(port), separated: fc.boolean() }),
    platformHost: fc.constantFrom("platform.example", "203.0.113.9", "[::1]", ""),
    activated: fc.boolean(),
    proxyJustDisabled: fc.boolean(),
    proxyAuth: fc.option(fc.record({ password: fc.boolean() })),
    networkUnread: fc.option(fc.string()),
    configurationRefused: fc.option(
      fc.record({ port: fc.constantFrom("lan" as const, "wan" as const), detail: fc.string() }),
    ),
    identityProblem: fc.option(fc.string()),
    curl: fc.option(fc.record({ installed: fc.boolean(), ntlm: fc.boolean() })),
    dns,
    contact: fc.option(fc.record({ https, answer, asked })),
    look,
  });

  it("gives one fault of the list or none, the same each time, and fit to be shown", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        const fault = diagnose(seen);
        expect(diagnose(seen)).toEqual(fault);
        if (fault === null) return;
        expect(faultCodes).toContain(fault.code);
        expect(fault.message).not.toMatch(/[{}]|undefined/);
        const rows = box.rowsOf(fault.message, 16);
        expect(rows.length <= 2 && rows.every((row) => row.length <= 16)).toBe(true);
        expect(fault.detail).toMatch(/^[^\p{Cc}]{0,200}$/u);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives none only when the contact is well or was not made", () => {
    fc.assert(
      fc.property(https, answer, fc.boolean(), (outcome, judged, viaProxy) => {
        const settings = viaProxy ? withProxy() : box.dhcp;
        const fault = diagnose(evidence({ settings, contact: { https: outcome, answer: judged } }));
        const accepted = judged === null || judged.kind === "accepted" || judged.kind === "failed";
        const well = outcome.kind === "reply" && outcome.status >= 200 && outcome.status <= 299 && accepted;
        expect(fault === null).toBe(well || outcome.kind === "aborted");
      }),
      { numRuns: 1000 },
    );
  });

  /** Which rung is the lowest broken one; -1: none. */
  const brokenRung = (seen: Evidence): number => rungsOf(seen).findIndex((rung) => rung.check(seen).state === "broken");

  it("never comes back to a rung that was mended, nor to a lower one", () => {
    fc.assert(
      fc.property(facts, (start) => {
        const climbed: number[] = [];
        for (let seen = start, at = brokenRung(seen); at !== -1; at = brokenRung(seen)) {
          expect(at).toBeGreaterThan(climbed.at(-1) ?? -1);
          climbed.push(at);
          seen = mended(seen, rungsOf(seen)[at]?.name ?? "settings");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** What makes one rung sound and leaves what lies above it as it is. */
function mended(seen: Evidence, rung: ReturnType<typeof rungsOf>[number]["name"]): Evidence {
  const { settings } = seen;
  const v6 = settings.mode === "ipv6-only";
  const given = v6 ? { ipv6: ["2001:db8::20/64"], gateway: "fe80::1" } : { ipv4: box.lan.ipv4, gateway: "10.77.0.1" };
  const network = (lan: Partial<PortState>, wan: Partial<PortState>): Evidence => ({
    ...seen,
    network: {
      ...seen.network,
      lan: { ...seen.network.lan, ...lan },
      wan: settings.wan === null ? null : { ...(seen.network.wan ?? box.wan), ...wan },
    },
  });
  const ports = (change: Partial<PortState>) => network(change, change);
  const addressed = { configured: true, ...given };
  const wanAddressed = { configured: true, ipv4: box.wan.ipv4, gateway: box.wan.gateway };
  const inOrder: Settings = {
    ...settings,
    lan: { ...settings.lan, ipv4: { method: "dhcp" }, ipv6: { method: "auto", dns: [] } },
    wan: settings.wan === null ? null : { ...settings.wan, ipv4: { method: "dhcp" } },
  };
  const proxy = settings.proxy === null ? null : { ...settings.proxy, host: "proxy.example", port: 8080, user: null };
  switch (rung) {
    case "settings":
      return { ...seen, settings: { ...inOrder, proxy }, proxyAuth: null };
    case "network":
      return { ...seen, networkUnread: null };
    case "carrier":
      return ports({ present: true, carrier: true });
    case "duplicate":
      return ports({ duplicate: null });
    case "address":
      return { ...network(addressed, wanAddressed), settings: inOrder, configurationRefused: null };
    case "gateway":
      return { ...network(addressed, wanAddressed), settings: inOrder };
    case "separation":
      return { ...seen, network: { ...seen.network, separated: settings.wan !== null && !v6 } };
    case "dns-servers":
      return ports({ dns: ["10.77.0.53"] });
    case "dns":
      return { ...seen, dns: evidence().dns, contact: null };
    case "proxy":
    case "connect":
      return { ...seen, identityProblem: null, curl: null, contact: brokeAt(60, { proxyStatus: 200, reached: "tcp" }) };
    case "tls":
      return { ...seen, contact: replied(401) };
    case "http":
      return { ...seen, contact: replied(200, { kind: "malformed", detail: "not JSON" }) };
    case "platform":
      return { ...seen, contact: replied(200, { kind: "accepted", detail: "is_box on platform P" }) };
  }
}
