import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { Contact, Evidence } from "../../../src/connectivity/evidence.ts";
import { faultCodes } from "../../../src/connectivity/fault-code.ts";
import type { LegacyCode } from "../../../src/model/fault.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { noScanSettings } from "../../../src/model/scan.ts";
import type { Settings } from "../../../src/model/settings.ts";
import * as box from "./evidence.ts";

const { evidence, withLan, withWan, lanStatic, withProxy, brokeAt, replied, split, ipv6Only, staticIpv4 } = box;

type Row = readonly [fact: string, evidence: Evidence, message: string, legacyCode: LegacyCode | null];

const wanStatic: Settings = {
  ...lanStatic(),
  wan: { link: "auto", ipv4: staticIpv4({ address: "192.0.2.20", gateway: "192.0.2.1" }) },
};

function withWanStatic(change: Parameters<typeof staticIpv4>[0]): Settings {
  return { ...lanStatic(), wan: { link: "auto", ipv4: staticIpv4(change) } };
}

const lan6 = (change: Partial<PortState> = {}, settings: Settings = ipv6Only): Evidence =>
  withLan(
    { method: "auto6", ipv4: [], ipv6: ["2001:db8::20/64"], gateway: "fe80::1", dns: ["2001:db8::53"], ...change },
    { settings },
  );

const settingsRows: readonly Row[] = [
  ["address 0/8", evidence({ settings: lanStatic({ address: "0.1.2.3" }) }), "Invalid LAN IP configuration", "E07"],
  ["broadcast", evidence({ settings: lanStatic({ address: "10.77.0.255" }) }), "Invalid LAN IP configuration", "E07"],
  ["off-subnet", evidence({ settings: lanStatic({ gateway: "10.78.0.1" }) }), "Invalid LAN IP configuration", "E07"],
  ["own gateway", evidence({ settings: lanStatic({ gateway: "10.77.0.20" }) }), "Invalid LAN IP configuration", "E07"],
  ["gateway 127/8", evidence({ settings: lanStatic({ gateway: "127.0.0.1" }) }), "Invalid LAN IP configuration", "E09"],
  ["WAN 224/4", evidence({ settings: withWanStatic({ address: "230.0.0.1" }) }), "Invalid WAN IP configuration", "E08"],
  ["WAN 127/8", evidence({ settings: withWanStatic({ address: "127.0.0.2" }) }), "Invalid WAN IP configuration", "E11"],
  [
    "IPv6 loopback",
    evidence({
      settings: {
        ...ipv6Only,
        lan: {
          ...ipv6Only.lan,
          ipv6: { method: "static", address: "::1", prefixLength: 64, gateway: "fe80::1", dns: ["2001:db8::53"] },
        },
      },
    }),
    "Invalid LAN IP configuration",
    "E09",
  ],
  ["proxy octet", evidence({ settings: withProxy({ host: "10.77.0.256" }) }), "Invalid proxy IP", "E03"],
  ["proxy port", evidence({ settings: withProxy({ port: 0 }) }), "Invalid proxy IP", "E03"],
  ["IPv6 proxy", evidence({ settings: withProxy({ host: "2001:db8::1" }) }), "Invalid proxy IP", "E03"],
  ["IPv4 proxy", evidence({ settings: withProxy({ host: "10.77.0.9" }, ipv6Only) }), "Invalid proxy IP", "E03"],
  ["proxy user", evidence({ settings: withProxy({ user: "a:b" }) }), "Invalid proxy auth config", "E03"],
  ["user without password", evidence({ settings: withProxy({ user: "anna" }) }), "Invalid proxy auth config", "E03"],
  [
    "password without user",
    evidence({ settings: withProxy(), proxyAuth: { password: true, scheme: "basic" } }),
    "Invalid proxy auth config",
    "E03",
  ],
  [
    "NTLM with a curl that lacks it",
    evidence({
      settings: withProxy({ user: "corp\\anna" }),
      proxyAuth: { password: true, scheme: "ntlm" },
      curl: { installed: true, ntlm: false },
    }),
    "Invalid proxy auth config",
    "E01",
  ],
  [
    "subnets overlap",
    evidence({ settings: withWanStatic({ address: "10.77.0.200", gateway: "10.77.0.254" }) }),
    "Duplicate LAN and WAN config",
    null,
  ],
];

const unseen = { present: false, configured: false, carrier: false, ipv4: [], lease: null };
const portRows: readonly Row[] = [
  ["LAN cable out", withLan({ carrier: false, ipv4: [] }), "no CARRIER on LAN interface", null],
  ["LAN interface missing", withLan({ present: false, carrier: false }), "no CARRIER on LAN interface", null],
  ["WAN cable out", withWan({ carrier: false }), "no CARRIER on WAN interface", null],
  ["WAN without orders", { ...evidence(), settings: split }, "Could not configure WAN", "E12"],
  ["LAN without orders", withLan({ configured: false, ipv4: [], lease: null }), "Could not configure LAN", "E10"],
  ["no orders, no cable", withLan({ configured: false, carrier: false }), "no CARRIER on LAN interface", null],
  ["nothing read", withLan(unseen, { networkUnread: "ip: no answer" }), "Could not configure LAN", "E10"],
  ["nothing read, split", withWan({}, { networkUnread: "ip: no answer" }), "Could not configure WAN", "E12"],
  ["duplicate before lease", withLan({ duplicate: "02:aa:bb:cc:dd:ee", ipv4: [] }), "Duplicate IP detected", null],
  [
    "LAN refused",
    withLan({ ipv4: [] }, { configurationRefused: { port: "lan", detail: "exit 4" } }),
    "Could not configure LAN",
    "E10",
  ],
  [
    "WAN refused",
    withWan({}, { configurationRefused: { port: "wan", detail: "exit 4" } }),
    "Could not configure WAN",
    "E12",
  ],
  ["no lease", withLan({ ipv4: [], lease: null }), "LAN has no IPv4 address", null],
  ["no lease on WAN", withWan({ ipv4: [] }), "WAN has no IPv4 address", null],
  [
    "static, not in the kernel",
    withLan({ ipv4: ["10.77.0.99/24"] }, { settings: lanStatic() }),
    "LAN has no IPv4 address",
    null,
  ],
  ["no router advertisement", lan6({ ipv6: [] }), "LAN has no IPv6 address", null],
  ["self-assigned", withLan({ ipv4: ["169.254.7.7/16"] }), "Invalid LAN IP configuration", "E07"],
  ["leased gateway 0.0.0.0", withLan({ gateway: "0.0.0.0" }), "Invalid LAN IP configuration", "E07"],
  ["leased 127/8", withWan({ ipv4: ["127.0.0.9/8"], gateway: "127.0.0.1" }), "Invalid WAN IP configuration", "E11"],
  ["lease without router", withLan({ gateway: null }), "LAN DHCP lease has no gateway", null],
  ["WAN lease without router", withWan({ gateway: null }), "WAN DHCP lease has no gateway", null],
  ["no IPv6 router", lan6({ gateway: null }), "LAN DHCP lease has no gateway", null],
  [
    "leased subnets overlap",
    withWan({ ipv4: ["10.77.0.9/16"], gateway: "10.77.1.1" }),
    "Duplicate LAN and WAN config",
    null,
  ],
  [
    "same gateway behind different prefixes",
    {
      ...withWan({ ipv4: ["10.77.1.9/24"], gateway: "10.77.0.1" }, { settings: { ...wanStatic, lan: box.dhcp.lan } }),
      settings: { ...split, wan: { link: "auto", ipv4: staticIpv4({ address: "10.77.1.9", gateway: "10.77.1.1" }) } },
    },
    "LAN and WAN same gateway",
    null,
  ],
  ["no DNS servers", withLan({ dns: [] }), "LAN has no DNS servers", "E05"],
  ["no DNS servers on WAN", withWan({ dns: [] }), "WAN has no DNS servers", "E05"],
];

const silent = { kind: "unreachable", servers: ["10.77.0.53"], code: "ETIMEOUT" } as const;
const unknownName = { kind: "noAnswer", server: "10.77.0.53", code: "ENOTFOUND" } as const;

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

const lease = { server: "10.77.0.2", expires: "2026-01-01T12:00:00.000Z" };
const overlapping = { ipv4: ["10.77.0.9/24"], gateway: "10.99.0.1" };
const elsewhere = { ipv4: ["10.79.0.9/24"], gateway: "10.77.0.1" };

/** What a technician reads beside the message: the addresses and the machines that it is about. */
const detailRows: readonly (readonly [fact: string, evidence: Evidence, message: string, detail: string])[] = [
  [
    "a leased router in another subnet",
    withLan({ gateway: "10.99.0.1", lease }),
    "Invalid LAN IP configuration",
    `LAN ${box.lan.ipv4[0]} gateway 10.99.0.1 from 10.77.0.2: Gateway not in the subnet`,
  ],
  [
    "WAN leased into LAN's subnet, whatever its router",
    withWan(overlapping),
    "Duplicate LAN and WAN config",
    `LAN ${box.lan.ipv4[0]} and WAN 10.77.0.9/24 overlap`,
  ],
  ["LAN's router given to WAN", withWan(elsewhere), "LAN and WAN same gateway", "LAN and WAN both use 10.77.0.1"],
  [
    "WAN's router given to LAN",
    withWan({}, { network: { lan: { ...box.lan, gateway: "192.0.2.1" }, wan: box.wan, separated: true } }),
    "LAN and WAN same gateway",
    "LAN and WAN both use 192.0.2.1",
  ],
  [
    "a leased address of another machine",
    withLan({ ipv4: [], lease: null, duplicate: "02:aa:bb:cc:dd:ee", duplicateAddress: "10.77.0.99" }),
    "Duplicate IP detected",
    "LAN 10.77.0.99 is used by 02:aa:bb:cc:dd:ee",
  ],
  [
    "a helper that does not keep management on WAN",
    withWan(
      {},
      {
        network: { lan: box.lan, wan: box.wan, separated: false },
        configurationRefused: { port: "wan", detail: "keep our own traffic on WAN: nft is missing" },
      },
    ),
    "Could not configure WAN",
    "keep our own traffic on WAN: nft is missing",
  ],
  [
    "management that is kept on a WAN that is no more",
    evidence({ network: { lan: box.lan, wan: null, separated: true } }),
    "Could not configure LAN",
    "our own traffic may not use LAN",
  ],
  [
    "a lease without DNS servers",
    withLan({ dns: [], lease }),
    "LAN has no DNS servers",
    "the lease of 10.77.0.2 names no DNS server",
  ],
  [
    "no router at all",
    lan6({ ipv6: [], gateway: null }),
    "LAN has no IPv6 address",
    "lan0: no router advertises itself",
  ],
  [
    "a router without a prefix",
    lan6({ ipv6: [] }),
    "LAN has no IPv6 address",
    "lan0: router fe80::1 advertises no prefix",
  ],
  [
    "routers that are no way out",
    lan6({ gateway: null }),
    "LAN DHCP lease has no gateway",
    "lan0: no router advertises a way out (router lifetime 0)",
  ],
];

describe("diagnose names the fact", () => {
  it.each(detailRows)("%s, and who is in it", (_, facts, message, detail) => {
    expect(diagnose(facts)).toMatchObject({ message, detail });
  });

  it.each([...settingsRows, ...portRows, ...nameRows, ...platformRows])("%s", (_, facts, message, legacyCode) => {
    expect(diagnose(facts)).toMatchObject({ message, legacyCode });
  });

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
  ])("and nothing for %s", (_, facts) => {
    expect(diagnose(facts)).toBeNull();
  });
});

/** Exit codes and CONNECT status as measured with curl 7.88.1 against real proxies and servers. */
const measured: readonly (readonly [what: string, viaProxy: boolean, contact: Contact, message: string])[] = [
  ["refused", false, brokeAt(7), "Error connect to server (07)"],
  ["no such interface", false, brokeAt(45), "Error connect to server (07)"],
  ["proxy refused", true, brokeAt(7), "Error connect to server (07)"],
  ["SOCKS handshake", true, brokeAt(97), "Error connect to server (07)"],
  ...[400, 302, 418].map(
    (status) =>
      [`proxy ${status}`, true, brokeAt(56, { proxyStatus: status }), `unexpected proxy HTTP/${status}`] as const,
  ),
  ["proxy 403", true, brokeAt(56, { proxyStatus: 403 }), "unexpected proxy HTTP/403"],
  ["proxy 407", true, brokeAt(56, { proxyStatus: 407 }), "unexpected proxy HTTP/407"],
  ["proxy 407, curl 8.21", true, brokeAt(7, { proxyStatus: 407 }), "unexpected proxy HTTP/407"],
  ...[502, 503, 504].map(
    (status) => [`proxy ${status}`, true, brokeAt(56, { proxyStatus: status }), "unexpected proxy HTTP/503"] as const,
  ),
  ["proxy hangs", true, brokeAt(28, { reached: "tcp" }), "Timeout was reached (28)"],
  ["proxy closes on CONNECT", true, brokeAt(56, { reached: "tcp" }), "Failed receiving peer data (56)"],
  [
    "proxy 200, then reset",
    true,
    brokeAt(35, { proxyStatus: 200, reached: "tcp", message: "OpenSSL SSL_connect: Connection reset by peer" }),
    "Failed receiving peer data (56)",
  ],
  ["proxy 200, then hang", true, brokeAt(28, { proxyStatus: 200, reached: "tcp" }), "Timeout was reached (28)"],
  ["interception behind a proxy", true, brokeAt(60, { proxyStatus: 200, reached: "tcp" }), "SSL peer cert was not OK"],
  ["interception", false, brokeAt(60, { reached: "tcp" }), "SSL peer cert was not OK"],
  [
    "TLS cut",
    false,
    brokeAt(35, { reached: "tcp", message: "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to p:443" }),
    "Failed receiving peer data (56)",
  ],
  ["TLS hang", false, brokeAt(28, { reached: "tcp" }), "Timeout was reached (28)"],
  [
    "plain HTTP on 443",
    false,
    brokeAt(35, { reached: "tcp", message: "error:0A00010B:SSL routines::wrong version number" }),
    "SSL peer cert was not OK",
  ],
  ["write failed", false, brokeAt(55, { reached: "tls" }), "Failed sending peer data (55)"],
  ["reset after the request", false, brokeAt(56, { reached: "tls" }), "Failed receiving peer data (56)"],
  ["empty reply", false, brokeAt(52, { reached: "tls" }), "Failed receiving peer data (56)"],
  ["partial reply", false, brokeAt(18, { reached: "tls" }), "Failed receiving peer data (56)"],
  ["HTTP/2 stream", false, brokeAt(92, { reached: "tls" }), "Failed receiving peer data (56)"],
  [
    "our certificate refused, TLS 1.3",
    false,
    brokeAt(56, {
      reached: "tls",
      message: "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required",
    }),
    "QG refused device cert",
  ],
  [
    "our certificate refused, TLS 1.2",
    false,
    brokeAt(35, { reached: "tcp", message: "error:0A000418:SSL routines::tlsv1 alert unknown ca" }),
    "QG refused device cert",
  ],
];

describe("diagnose reads curl", () => {
  it.each(measured)("%s", (_, viaProxy, contact, message) => {
    const settings = viaProxy ? withProxy() : box.dhcp;
    expect(diagnose(evidence({ settings, contact }))?.message).toBe(message);
  });

  it("and gives E04 when the proxy was just switched off", () => {
    const contact = brokeAt(7);
    expect(diagnose(evidence({ contact, proxyJustDisabled: true }))?.legacyCode).toBe("E04");
    expect(diagnose(evidence({ contact }))?.legacyCode).toBe("E06");
  });

  it("and gives E00 when NTLM was refused", () => {
    const settings = withProxy({ user: "corp\\anna" });
    const contact = brokeAt(56, { proxyStatus: 407 });
    expect(diagnose(evidence({ settings, contact, proxyAuth: { password: true, scheme: "ntlm" } }))?.legacyCode).toBe(
      "E00",
    );
    expect(diagnose(evidence({ settings, contact, proxyAuth: { password: true, scheme: "basic" } }))?.legacyCode).toBe(
      "E03",
    );
  });

  it("and says whether the proxy or the platform behind it is silent", () => {
    const settings = withProxy();
    const proxySilent = diagnose(evidence({ settings, contact: brokeAt(28, { reached: "tcp" }) }));
    const platformSilent = diagnose(evidence({ settings, contact: brokeAt(28, { reached: "tcp", proxyStatus: 200 }) }));
    expect(proxySilent?.detail).toBe("proxy proxy.corp.example:8080: it broke");
    expect(platformSilent?.detail).toBe("proxy proxy.corp.example:8080 is fine, platform.example: it broke");
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

describe("every combination of facts", () => {
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
      fc.constant({ kind: "accepted" as const }),
      fc.constant({ kind: "malformed" as const, detail: "?" }),
      fc.record({
        kind: fc.constant("refused" as const),
        reason: fc.constantFrom("unknown-appliance" as const, "disabled" as const, "account-expired" as const),
        detail: fc.string(),
      }),
    ),
  );
  const facts: fc.Arbitrary<Evidence> = fc.record({
    settings,
    network: fc.record({ lan: port, wan: fc.option(port), separated: fc.boolean() }),
    platformHost: fc.constantFrom("platform.example", "203.0.113.9", "[::1]", ""),
    activated: fc.boolean(),
    proxyJustDisabled: fc.boolean(),
    proxyAuth: fc.option(
      fc.record({
        password: fc.boolean(),
        scheme: fc.constantFrom("none" as const, "basic" as const, "ntlm" as const),
      }),
    ),
    networkUnread: fc.option(fc.string()),
    configurationRefused: fc.option(
      fc.record({ port: fc.constantFrom("lan" as const, "wan" as const), detail: fc.string() }),
    ),
    identityProblem: fc.option(fc.string()),
    curl: fc.option(fc.record({ installed: fc.boolean(), ntlm: fc.boolean() })),
    dns,
    contact: fc.option(fc.record({ https, answer })),
    look: fc.constant(null),
  });

  it("gives one fault of the list or none, the same each time", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        const fault = diagnose(seen);
        expect(diagnose(seen)).toEqual(fault);
        if (fault === null) return;
        expect(faultCodes).toContain(fault.code);
        expect(fault.message).not.toMatch(/[{}]|undefined/);
        expect(fault.message.length).toBeLessThanOrEqual(32);
        expect(fault.detail).toMatch(/^[^\p{Cc}]*$/u);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives none only when the contact is well or was not made", () => {
    fc.assert(
      fc.property(https, answer, fc.boolean(), (outcome, judged, viaProxy) => {
        const settings = viaProxy ? withProxy() : box.dhcp;
        const fault = diagnose(evidence({ settings, contact: { https: outcome, answer: judged } }));
        const accepted = judged === null || judged.kind === "accepted";
        const well = outcome.kind === "reply" && outcome.status >= 200 && outcome.status <= 299 && accepted;
        expect(fault === null).toBe(well || outcome.kind === "aborted");
      }),
      { numRuns: 1000 },
    );
  });
});
