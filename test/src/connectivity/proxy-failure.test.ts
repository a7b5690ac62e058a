import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { FaultCode } from "../../../src/connectivity/fault-code.ts";
import type { ProxyAsked } from "../../../src/https/request-by-proxy.ts";
import { brokeAt, evidence, withProxy } from "./evidence.ts";

const settings = withProxy({ user: "corp\\anna", passwordRef: "0".repeat(32) });
const at = "proxy proxy.corp.example:8080";

function found(contact: Parameters<typeof brokeAt>, asked: Partial<ProxyAsked> | null) {
  const whole = asked === null ? null : { by: "none" as const, offers: null, speaks: null, ...asked };
  return diagnose(
    evidence({ settings, proxyAuth: { password: true }, contact: { ...brokeAt(...contact), asked: whole } }),
  );
}

type Row = readonly [
  what: string,
  contact: Parameters<typeof brokeAt>,
  asked: Partial<ProxyAsked> | null,
  code: FaultCode,
  message: string,
  legacyCode: string,
  detail: string,
];

const status = (proxyStatus: number): Parameters<typeof brokeAt> => [56, { proxyStatus }];
const rows: readonly Row[] = [
  [
    "a wrong password by Basic",
    status(407),
    { by: "basic", offers: ["negotiate", "basic"] },
    "proxy-http-407",
    "unexpected proxy HTTP/407",
    "E03",
    `${at} answered 407 for platform.example; it refuses user corp\\anna or the password, by Basic`,
  ],
  [
    "a wrong password by NTLM",
    status(407),
    { by: "ntlm", offers: ["ntlm"] },
    "proxy-http-407",
    "unexpected proxy HTTP/407",
    "E00",
    `${at} answered 407 for platform.example; it refuses user corp\\anna or the password, by NTLM`,
  ],
  [
    "credentials wanted, schemes known",
    status(407),
    { by: "none", offers: ["ntlm", "basic"] },
    "proxy-http-407",
    "unexpected proxy HTTP/407",
    "E03",
    `${at} answered 407 for platform.example; it wants NTLM, Basic`,
  ],
  [
    "credentials wanted, schemes unknown",
    status(407),
    null,
    "proxy-http-407",
    "unexpected proxy HTTP/407",
    "E03",
    `${at} answered 407 for platform.example`,
  ],
  [
    "what is not spoken",
    status(407),
    { by: "unspoken", offers: ["digest", "negotiate"] },
    "proxy-auth-unspoken",
    "Invalid proxy auth config",
    "E03",
    `${at} answered 407 for platform.example; it offers Digest, Negotiate, and only Basic and NTLM are spoken here`,
  ],
  [
    "nothing offered",
    status(407),
    { by: "unspoken", offers: [] },
    "proxy-auth-unspoken",
    "Invalid proxy auth config",
    "E03",
    `${at} answered 407 for platform.example; it offers no scheme, and only Basic and NTLM are spoken here`,
  ],
  [
    "NTLM by a curl that lacks it",
    status(407),
    { by: "ntlm-missing", offers: ["ntlm"] },
    "proxy-ntlm-missing",
    "Invalid proxy auth config",
    "E01",
    `${at} answered 407 for platform.example; it offers NTLM, and this curl lacks NTLM`,
  ],
  [
    "no permission",
    status(403),
    { by: "basic", offers: ["basic"] },
    "proxy-http-403",
    "unexpected proxy HTTP/403",
    "E03",
    `${at} answered 403 for platform.example`,
  ],
  ...([502, 503, 504] as const).map(
    (one): Row => [
      `a dead upstream, ${one}`,
      status(one),
      null,
      "proxy-http-503",
      "unexpected proxy HTTP/503",
      "E06",
      `${at} answered ${one} for platform.example`,
    ],
  ),
  ...([400, 405, 501] as const).map(
    (one): Row => [
      `no CONNECT, ${one}`,
      status(one),
      null,
      "proxy-http",
      `unexpected proxy HTTP/${one}`,
      "E02",
      `${at} answered ${one} for platform.example`,
    ],
  ),
  [
    "plain text at a TLS port",
    status(400),
    { speaks: "tls" },
    "proxy-http",
    "unexpected proxy HTTP/400",
    "E02",
    `${at} answered 400 for platform.example; that port speaks TLS`,
  ],
  [
    "a redirect",
    status(302),
    null,
    "proxy-redirects",
    "unexpected proxy HTTP/302",
    "E02",
    `${at} answered 302 for platform.example`,
  ],
  [
    "TLS",
    [56, { message: "Proxy CONNECT aborted" }],
    { speaks: "tls" },
    "proxy-speaks-tls",
    "Failed receiving peer data (56)",
    "E03",
    `${at}: Proxy CONNECT aborted; that port speaks TLS`,
  ],
  [
    "SOCKS",
    [56, { message: "Proxy CONNECT aborted" }],
    { speaks: "socks" },
    "proxy-speaks-socks",
    "Failed receiving peer data (56)",
    "E03",
    `${at}: Proxy CONNECT aborted; that port speaks SOCKS`,
  ],
  [
    "the end of the connection",
    [56, { message: "Proxy CONNECT aborted" }],
    {},
    "receive-failed",
    "Failed receiving peer data (56)",
    "E06",
    `${at}: Proxy CONNECT aborted`,
  ],
  [
    "silence",
    [28, { message: "Proxy CONNECT aborted due to timeout" }],
    {},
    "timeout",
    "Timeout was reached (28)",
    "E06",
    `${at}: Proxy CONNECT aborted due to timeout`,
  ],
  [
    "nobody",
    [7, { message: "Failed to connect to 10.77.0.9 port 8080: Connection refused" }],
    {},
    "connect-failed",
    "Error connect to server (07)",
    "E06",
    `${at}: Connection refused`,
  ],
];

describe("a proxy that answers with", () => {
  it.each(rows)("%s", (_, contact, asked, code, message, legacyCode, detail) => {
    expect(found(contact, asked)).toMatchObject({ code, message, legacyCode, detail });
  });

  it("says each time something else, or leads to another next step", () => {
    const told = rows.map(([, contact, asked]) => {
      const fault = found(contact, asked);
      return `${fault?.message} ${fault?.detail} ${fault?.next}`;
    });
    expect(new Set(told).size).toBe(rows.length);
  });
});
