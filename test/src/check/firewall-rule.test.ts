import { expect, it } from "vitest";
import type { CheckRung } from "../../../src/check/check-rungs.ts";
import { ruleFor } from "../../../src/check/firewall-rule.ts";
import { presets } from "../../../src/check/presets.ts";
import type { Seen } from "../../../src/check/seen.ts";
import { someProxy, someSeen } from "./some-seen.ts";

const notice = { addresses: presets["qualys-qg3"].addresses };
const unknown = { kind: "noAnswer", server: "10.77.0.53", code: "ENOTFOUND" } as const;
const silent = (...servers: string[]) => ({ kind: "unreachable", servers, code: "ETIMEOUT" }) as const;

it.each<[CheckRung, string, Partial<Seen>, Partial<Seen["target"]>, string | null]>([
  ["connect", "timeout", {}, {}, "Allow TCP 443 outbound from 10.77.0.20 to platform.example (203.0.113.9)"],
  [
    "connect",
    "connect-failed",
    {},
    notice,
    "Allow TCP 443 outbound from 10.77.0.20 to platform.example (162.159.152.21, 162.159.153.243)",
  ],
  [
    "connect",
    "connect-failed",
    { source: null, dns: null },
    { port: 8443 },
    "Allow TCP 8443 outbound from this machine to platform.example",
  ],
  ["tls", "receive-failed", {}, {}, "Allow TCP 443 outbound from 10.77.0.20 to platform.example (203.0.113.9)"],
  ["connect", "curl-missing", {}, {}, null],
  ["dns", "lan-platform-unresolved", { dns: unknown }, {}, "Let DNS server 10.77.0.53 resolve platform.example"],
  [
    "dns",
    "lan-platform-unresolved",
    { dns: unknown },
    notice,
    "Let DNS server 10.77.0.53 resolve platform.example (162.159.152.21, 162.159.153.243)",
  ],
  [
    "dns",
    "lan-platform-unresolved",
    { dns: { ...unknown, server: "the resolver" } },
    {},
    "Let the DNS server resolve platform.example",
  ],
  [
    "dns",
    "lan-proxy-unresolved",
    { dns: unknown, proxy: someProxy },
    {},
    "Let DNS server 10.77.0.53 resolve proxy.corp.example",
  ],
  [
    "dns",
    "lan-dns-unreachable",
    { dns: silent("10.0.0.53", "10.1.0.53") },
    {},
    "Allow UDP and TCP 53 outbound from 10.77.0.20 to 10.0.0.53, 10.1.0.53",
  ],
  ["dns", "lan-dns-unreachable", { dns: silent("127.0.0.53") }, {}, null],
  [
    "proxy",
    "timeout",
    { proxy: someProxy },
    {},
    "Allow TCP 3128 outbound from 10.77.0.20 to proxy.corp.example (203.0.113.9)",
  ],
  ["proxy", "proxy-http-407", { proxy: someProxy }, {}, null],
  [
    "proxy",
    "proxy-http-403",
    { proxy: { ...someProxy, user: "bob" } },
    {},
    "Let bob pass the proxy proxy.corp.example to platform.example:443 (CONNECT)",
  ],
  [
    "proxy",
    "proxy-http-403",
    { proxy: someProxy },
    {},
    "Let 10.77.0.20 pass the proxy proxy.corp.example to platform.example:443 (CONNECT)",
  ],
  [
    "proxy",
    "proxy-http",
    { proxy: someProxy },
    {},
    "Let the proxy proxy.corp.example allow CONNECT to platform.example:443",
  ],
  [
    "proxy",
    "proxy-http-503",
    { proxy: someProxy },
    notice,
    "Allow TCP 443 outbound from the proxy proxy.corp.example to platform.example (162.159.152.21, 162.159.153.243)",
  ],
  [
    "tls",
    "timeout",
    { proxy: someProxy },
    {},
    "Allow TCP 443 outbound from the proxy proxy.corp.example to platform.example",
  ],
  [
    "tls",
    "tls-intercepted",
    {},
    {},
    "Exempt platform.example:443 from TLS inspection and content filtering, for 10.77.0.20",
  ],
  ["tls", "tls-portal", {}, {}, "Let 10.77.0.20 pass to platform.example:443 without logging in"],
  ["tls", "tls-expired", {}, {}, null],
  ["tls", "tls-clock-wrong", {}, {}, null],
  ["clock", "clock-wrong", {}, {}, null],
])("%s, %s", (rung, code, change, target, rule) => {
  expect(ruleFor(rung, { code }, someSeen(change, target))).toBe(rule);
});
