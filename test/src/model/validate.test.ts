import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipv4FromNumber, ipv4Number, maskNumber, parseIpv4 } from "../../../src/model/address.ts";
import { factorySettings, type Settings, type StaticIpv4 } from "../../../src/model/settings.ts";
import {
  checkDomain,
  checkGateway,
  checkGateway6,
  checkHostAddress,
  checkHostAddress6,
  checkPort,
  checkPrefixLength,
  checkProxyHost,
  checkProxyUser,
  checkSettings,
  checkStaticIpv4,
  checkVlan,
  type Flaw,
  required,
} from "../../../src/model/validate.ts";
import { wrap } from "../../../src/panel/layout.ts";

const good: StaticIpv4 = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.1"],
  wins: [],
  domain: null,
};

describe("host addresses", () => {
  it.each<[string, Flaw["code"] | null]>([
    ["10.77.0.20", null],
    ["1.0.0.1", null],
    ["126.255.255.255", null],
    ["128.0.0.1", null],
    ["223.255.255.254", null],
    ["169.254.3.4", null],
    ["0.0.0.0", "zero-network"],
    ["0.1.2.3", "zero-network"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.255", "loopback"],
    ["224.0.0.1", "multicast"],
    ["240.0.0.1", "multicast"],
    ["255.255.255.255", "multicast"],
    ["10.256.0.1", "octet"],
    ["999.1.1.1", "octet"],
    ["010.1.1.1", "malformed"],
    ["10.1.1", "malformed"],
    ["10.1.1.1.1", "malformed"],
    ["", "malformed"],
    ["a.b.c.d", "malformed"],
    ["10.1.1.1 ", "malformed"],
  ])("%s: %s", (address, code) => expect(checkHostAddress(address)?.code ?? null).toBe(code));

  it("names the number that is too large", () => {
    expect(checkHostAddress("10.1.256.999")?.message).toBe("Number 3 is more than 255");
  });
});

describe("place in the subnet", () => {
  it.each<[string, number, Flaw["code"] | null]>([
    ["10.77.0.20", 24, null],
    ["10.77.0.0", 24, "network-address"],
    ["10.77.0.255", 24, "broadcast-address"],
    ["10.77.0.255", 23, null],
    ["10.77.0.4", 30, "network-address"],
    ["10.77.0.5", 30, null],
    ["10.77.0.7", 30, "broadcast-address"],
    ["128.0.0.0", 1, "network-address"],
    ["10.77.0.20", 0, "range"],
    ["10.77.0.20", 31, "range"],
    ["10.77.0.20", 24.5, "range"],
  ])("%s/%d: %s", (address, prefix, code) => expect(checkPrefixLength(prefix, address)?.code ?? null).toBe(code));

  it.each<[string, Flaw["code"] | null]>([
    ["10.77.0.1", null],
    ["10.77.0.254", null],
    ["10.77.0.20", "own-address"],
    ["10.77.1.1", "off-subnet"],
    ["10.77.0.0", "network-address"],
    ["10.77.0.255", "broadcast-address"],
    ["127.0.0.1", "loopback"],
    ["0.0.0.0", "zero-network"],
  ])("gateway %s of 10.77.0.20/24: %s", (gateway, code) =>
    expect(checkGateway(gateway, "10.77.0.20", 24)?.code ?? null).toBe(code),
  );

  it("accepts exactly the other hosts of the subnet as a gateway", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x01000000, max: 0xdfffffff }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (own, prefixLength, other) => {
          const address = ipv4FromNumber(own);
          fc.pre(checkHostAddress(address) === null && checkPrefixLength(prefixLength, address) === null);
          const mask = maskNumber(prefixLength);
          const gateway = ipv4FromNumber(((own & mask) | (other & ~mask)) >>> 0);
          const parsed = parseIpv4(gateway);
          const host = parsed === null ? 0 : (ipv4Number(parsed) & ~mask) >>> 0;
          const usable =
            checkHostAddress(gateway) === null && host !== 0 && host !== ~mask >>> 0 && gateway !== address;
          expect(checkGateway(gateway, address, prefixLength) === null).toBe(usable);
        },
      ),
    );
  });
});

describe("names and numbers", () => {
  it.each<[string, Flaw["code"] | null]>([
    ["mydomain.com", null],
    ["MY_DOMAIN-2", null],
    ["a".repeat(32), null],
    ["a".repeat(33), "length"],
    ["my domain", "space-inside"],
    ["my/domain", "character"],
    ["myd\u00f6main", "character"],
    ["", "required"],
    ["a", null],
    ["_ldap.corp", null],
    ["a-b.c--d.e", null],
    ["xn--bcher-kva.example", null],
    ["lab.", "label"],
    [".lab", "label"],
    [".", "label"],
    ["lab..example", "label"],
    ["-", "label"],
    ["-lab.example", "label"],
    ["lab-.example", "label"],
    ["lab.-example", "label"],
    ["lab.example-", "label"],
    ["lab..a/b", "character"],
  ])("domain %j: %s", (domain, code) => expect(checkDomain(domain)?.code ?? null).toBe(code));

  it.each<[number, boolean]>([
    [0, true],
    [1, true],
    [4094, true],
    [4095, false],
    [-1, false],
    [1.5, false],
  ])("VLAN %d", (vlan, allowed) => expect(checkVlan(vlan) === null).toBe(allowed));

  it.each<[number, boolean]>([
    [0, false],
    [1, true],
    [65535, true],
    [65536, false],
  ])("port %d", (port, allowed) => expect(checkPort(port) === null).toBe(allowed));

  it.each<[string, "ipv4+v6" | "ipv6-only", Flaw["code"] | null]>([
    ["proxy.example", "ipv4+v6", null],
    ["10.77.0.1", "ipv4+v6", null],
    ["10.77.0.256", "ipv4+v6", "octet"],
    ["2001:db8::1", "ipv4+v6", "malformed"],
    ["2001:db8::1", "ipv6-only", null],
    ["proxy host", "ipv4+v6", "space-inside"],
    ["proxy_host", "ipv4+v6", "character"],
    ["a".repeat(254), "ipv4+v6", "length"],
  ])("proxy host %s in mode %s: %s", (host, mode, code) => expect(checkProxyHost(host, mode)?.code ?? null).toBe(code));

  it("takes a user of a domain", () => {
    expect(checkProxyUser("CORP\\svc.scan-1@x_y")).toBeNull();
    expect(checkProxyUser("a:b")?.code).toBe("character");
  });
});

describe("IPv6", () => {
  it.each<[string, Flaw["code"] | null]>([
    ["2001:db8::1", null],
    ["fe80::1", null],
    ["2001:DB8::1", "malformed"],
    ["2001:db8:0:0:0:0:0:1", "malformed"],
    ["fe80::1%eth0", "malformed"],
    ["::", "zero-network"],
    ["::1", "loopback"],
    ["ff02::1", "multicast"],
    ["10.0.0.1", "malformed"],
  ])("%s: %s", (address, code) => expect(checkHostAddress6(address)?.code ?? null).toBe(code));

  it.each<[string, Flaw["code"] | null]>([
    ["2001:db8::1", null],
    ["fe80::1", null],
    ["2001:db8:1::1", "off-subnet"],
    ["2001:db8::20", "own-address"],
  ])("gateway %s: %s", (gateway, code) => expect(checkGateway6(gateway, "2001:db8::20", 64)?.code ?? null).toBe(code));
});

describe("settings", () => {
  const withStatic = (change: Partial<StaticIpv4>): Settings => {
    const factory = factorySettings();
    return { ...factory, lan: { ...factory.lan, ipv4: { ...good, ...change } } };
  };

  it("finds nothing wrong with the factory's settings and a good static configuration", () => {
    expect(checkSettings(factorySettings())).toEqual([]);
    expect(checkSettings(factorySettings("ipv6-only"))).toEqual([]);
    expect(checkSettings(withStatic({}))).toEqual([]);
  });

  it.each<[string, Partial<StaticIpv4>, readonly string[]]>([
    ["address alone when it is wrong", { address: "127.0.0.1", gateway: "1.2.3.4" }, ["lan.ipv4.address"]],
    ["mask", { prefixLength: 31 }, ["lan.ipv4.prefixLength"]],
    ["gateway", { gateway: "10.78.0.1" }, ["lan.ipv4.gateway"]],
    ["DNS missing", { dns: [] }, ["lan.ipv4.dns"]],
    ["second DNS", { dns: ["10.77.0.1", "0.0.0.1"] }, ["lan.ipv4.dns.1"]],
    ["three WINS", { wins: ["1.1.1.1", "1.1.1.2", "1.1.1.3"] }, ["lan.ipv4.wins"]],
    ["domain", { domain: "a b" }, ["lan.ipv4.domain"]],
  ])("names the setting: %s", (_, change, paths) =>
    expect(checkSettings(withStatic(change)).map((flaw) => flaw.path)).toEqual(paths),
  );

  it("keeps WINS and domain to LAN", () => {
    const wan = { link: "auto" as const, ipv4: { ...good, domain: "x" } };
    expect(checkSettings({ ...factorySettings(), wan }).map((flaw) => flaw.path)).toEqual(["wan.ipv4.wins"]);
  });

  it("checks IPv6, VLAN and proxy", () => {
    const factory = factorySettings("ipv6-only");
    const broken: Settings = {
      ...factory,
      lan: {
        ...factory.lan,
        vlan: 4095,
        ipv6: { method: "static", address: "2001:db8::20", prefixLength: 0, gateway: "::1", dns: [] },
      },
      proxy: { host: "10.0.0.300", port: 0, user: "a b", passwordRef: null },
    };
    expect(checkSettings(broken).map((flaw) => flaw.path)).toEqual([
      "lan.vlan",
      "lan.ipv6.prefixLength",
      "lan.ipv6.dns",
      "proxy.host",
      "proxy.port",
      "proxy.user",
    ]);
  });
});

it("says every flaw in words that wrap into a row of 13 and one of 16", () => {
  const flaws: (Flaw | null)[] = [
    ...["10.256.0.1", "x", "0.0.0.1", "127.0.0.1", "224.0.0.1"].map(checkHostAddress),
    checkPrefixLength(31, "10.0.0.1"),
    checkPrefixLength(24, "10.0.0.0"),
    checkPrefixLength(24, "10.0.0.255"),
    checkGateway("10.0.0.1", "10.0.0.1", 24),
    checkGateway("10.1.0.1", "10.0.0.1", 24),
    ...["", "a b", "a".repeat(33), "a/", "a\u00f6", "a.", "a-"].map(checkDomain),
    checkProxyHost("a".repeat(254), "ipv4+v6"),
    checkProxyHost("::1", "ipv4+v6"),
    checkVlan(5000),
    checkPort(0),
    ...["x", "2001:DB8::1", "::", "::1", "ff02::1"].map(checkHostAddress6),
    required("Gateway"),
    ...checkStaticIpv4({ ...good, dns: [], wins: ["1.1.1.1", "1.1.1.2", "1.1.1.3"] }),
  ];
  for (const flaw of flaws) {
    expect(flaw).not.toBeNull();
    const rows = wrap(flaw?.message ?? "", (row) => (row === 0 ? 13 : 16), false);
    expect(rows, flaw?.message).not.toBeNull();
    expect(rows?.length, flaw?.message).toBeLessThanOrEqual(2);
  }
});
