import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import type { Contact } from "../../../src/connectivity/evidence.ts";
import { brokeAt, dhcp, evidence, withProxy } from "./evidence.ts";

/** Exit codes and CONNECT status as measured with curl 7.88.1 against real proxies and servers. */
const measured: readonly (readonly [what: string, viaProxy: boolean, contact: Contact, message: string])[] = [
  ["refused", false, brokeAt(7), "Error connect to server (07)"],
  ["no such interface", false, brokeAt(45), "Error connect to server (07)"],
  ["proxy refused", true, brokeAt(7), "Error connect to server (07)"],
  ["handshake of a proxy", true, brokeAt(97), "Error connect to server (07)"],
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
  [
    "our certificate refused, as curl 7.77 and newer tell it while connecting",
    false,
    brokeAt(98, { reached: "tcp", message: "tlsv13 alert certificate required" }),
    "QG refused device cert",
  ],
  [
    "no HTTP",
    false,
    brokeAt(1, { reached: "reply", message: "Received HTTP/0.9 when not allowed" }),
    "Malformed QG reply",
  ],
  ["bad fields", false, brokeAt(8, { reached: "reply", message: "Nul byte in header" }), "Malformed QG reply"],
  ["an endless field", false, brokeAt(27, { reached: "reply", message: "Out of memory" }), "Malformed QG reply"],
  ["an endless field, curl 8.6", false, brokeAt(100, { reached: "reply" }), "Malformed QG reply"],
  [
    "endless fields",
    false,
    brokeAt(56, { reached: "reply", message: "Too large response headers: 307201 > 307200" }),
    "Malformed QG reply",
  ],
  [
    "chunks that are none",
    false,
    brokeAt(56, { reached: "reply", message: "Illegal or missing hexadecimal sequence in chunked-encoding" }),
    "Malformed QG reply",
  ],
  [
    "reset amid the reply",
    false,
    brokeAt(56, { reached: "reply", message: "Recv failure: Connection reset by peer" }),
    "Failed receiving peer data (56)",
  ],
  ["no memory before the reply", false, brokeAt(27, { reached: "tls" }), "curl cannot work"],
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
    const settings = viaProxy ? withProxy() : dhcp;
    expect(diagnose(evidence({ settings, contact }))?.message).toBe(message);
  });

  it("and gives E02 when the proxy does not speak as one", () => {
    expect(diagnose(evidence({ settings: withProxy(), contact: brokeAt(97) }))?.legacyCode).toBe("E02");
  });

  it("and gives E04 when the proxy was just switched off", () => {
    const contact = brokeAt(7);
    expect(diagnose(evidence({ contact, proxyJustDisabled: true }))?.legacyCode).toBe("E04");
    expect(diagnose(evidence({ contact }))?.legacyCode).toBe("E06");
  });

  it("and says whether the proxy or the platform behind it is silent", () => {
    const settings = withProxy();
    const proxySilent = diagnose(evidence({ settings, contact: brokeAt(28, { reached: "tcp" }) }));
    const platformSilent = diagnose(evidence({ settings, contact: brokeAt(28, { reached: "tcp", proxyStatus: 200 }) }));
    expect(proxySilent?.detail).toBe("proxy proxy.corp.example:8080: it broke");
    expect(platformSilent?.detail).toBe("proxy proxy.corp.example:8080 is fine, platform.example: it broke");
  });
});
