import type { FaultCode } from "../../src/connectivity/fault-code.ts";
import type { LegacyCode } from "../../src/model/fault.ts";

/** The labs of `test/lab/faults`, one a file. */
export type FaultLab = "first-contact" | "store" | "lan" | "wan" | "platform" | "proxy";

/** A message that can come on the glass, and where it is brought about by real parts. */
export interface FaultRow {
  /** Unique; that of the case in the lab. */
  readonly id: string;
  readonly code: FaultCode;
  /** As it is read on the glass, word for word. */
  readonly message: string;
  readonly legacyCode: LegacyCode | null;
  readonly provoked:
    | { readonly in: "lab"; readonly lab: FaultLab }
    /** On the booted machine; the test's file names the message. */
    | { readonly in: "guest"; readonly file: string }
    | { readonly in: "nowhere"; readonly why: string };
}

const inLab =
  (lab: FaultLab) =>
  (code: FaultCode, message: string, legacyCode: LegacyCode | null = null, circumstance?: string): FaultRow => ({
    id: circumstance === undefined ? code : `${code}, ${circumstance}`,
    code,
    message,
    legacyCode,
    provoked: { in: "lab", lab },
  });
const first = inLab("first-contact");
const store = inLab("store");
const lan = inLab("lan");
const wan = inLab("wan");
const platform = inLab("platform");
const proxy = inLab("proxy");
const guest = (code: FaultCode, message: string): FaultRow => ({
  id: code,
  code,
  message,
  legacyCode: null,
  provoked: { in: "guest", file: "test/vm/appliance.test.ts" },
});

/**
 * Every message that there is, with each code of the older models that it can have. The texts are written down here once more,
 * apart from the product's.
 */
export const faultRows: readonly FaultRow[] = [
  // The guide's LAN and WAN errors.
  lan("lan-no-carrier", "no CARRIER on LAN interface"),
  lan("lan-no-ipv4-address", "LAN has no IPv4 address"),
  lan("lan-no-gateway", "LAN DHCP lease has no gateway"),
  lan("lan-no-dns-servers", "LAN has no DNS servers", "E05"),
  lan("lan-invalid-ip", "Invalid LAN IP configuration", "E07"),
  lan("duplicate-ip", "Duplicate IP detected"),
  lan("lan-dns-unreachable", "LAN DNS server not reachable", "E13"),
  lan("lan-platform-unresolved", "LAN DNS can't resolve QG URL", "E05"),
  wan("wan-no-carrier", "no CARRIER on WAN interface"),
  wan("wan-no-ipv4-address", "WAN has no IPv4 address"),
  wan("wan-no-gateway", "WAN DHCP lease has no gateway"),
  wan("wan-no-dns-servers", "WAN has no DNS servers", "E05"),
  wan("wan-invalid-ip", "Invalid WAN IP configuration", "E08"),
  wan("wan-dns-unreachable", "WAN DNS server not reachable", "E13"),
  wan("wan-platform-unresolved", "WAN DNS can't resolve QG URL", "E05"),
  wan("lan-wan-same-subnet", "Duplicate LAN and WAN config"),
  wan("lan-wan-same-gateway", "LAN and WAN same gateway"),
  // Its proxy errors.
  proxy("lan-proxy-unresolved", "LAN DNS can't resolve proxy", "E03"),
  wan("wan-proxy-unresolved", "WAN DNS can't resolve proxy", "E03"),
  store("proxy-invalid-ip", "Invalid proxy IP", "E03"),
  proxy("proxy-invalid-auth", "Invalid proxy auth config", "E03"),
  proxy("proxy-http-403", "unexpected proxy HTTP/403", "E03"),
  proxy("proxy-http-407", "unexpected proxy HTTP/407", "E03"),
  proxy("proxy-http-503", "unexpected proxy HTTP/503", "E06"),
  // Its platform connectivity errors.
  platform("connect-failed", "Error connect to server (07)", "E06"),
  platform("timeout", "Timeout was reached (28)", "E06"),
  platform("send-failed", "Failed sending peer data (55)", "E06"),
  platform("receive-failed", "Failed receiving peer data (56)", "E06"),
  platform("tls-intercepted", "SSL peer cert was not OK", "E06"),
  platform("tls-portal", "SSL peer cert was not OK", "E06"),
  platform("tls-other-server", "SSL peer cert was not OK", "E06"),
  platform("tls-expired", "SSL peer cert was not OK", "E06"),
  platform("tls-clock-wrong", "SSL peer cert was not OK", "E06"),
  platform("tls-certificate", "SSL peer cert was not OK", "E06"),
  platform("platform-http-401", "Unexpected QG HTTP/401"),
  platform("platform-http-500", "Unexpected QG HTTP/500"),
  platform("not-registered", "This scan_id does not exist"),
  platform("scanner-disabled", "This Scanner is disabled"),
  platform("account-expired", "Account expired"),
  // Its file system errors.
  guest("efs-fsck", "EFS fsck fatal errors"),
  guest("efs-mount", "EFS mount fatal error"),

  // The codes of the older models that depend on more than the message.
  proxy("proxy-http-407", "unexpected proxy HTTP/407", "E00", "NTLM"),
  first("proxy-ntlm-missing", "Invalid proxy auth config", "E01"),
  proxy("connect-failed", "Error connect to server (07)", "E04", "the proxy just disabled"),
  proxy("lan-dns-unreachable", "LAN DNS server not reachable", "E13", "in the place of E04"),
  first("lan-dns-unreachable", "LAN DNS server not reachable", "E14", "before activation"),
  first("lan-platform-unresolved", "LAN DNS can't resolve QG URL", "E14", "before activation"),
  first("wan-dns-unreachable", "WAN DNS server not reachable", "E14", "before activation"),
  first("wan-platform-unresolved", "WAN DNS can't resolve QG URL", "E14", "before activation"),
  store("lan-invalid-ip", "Invalid LAN IP configuration", "E09", "loopback"),
  store("wan-invalid-ip", "Invalid WAN IP configuration", "E11", "loopback"),

  // What the guide has a code for and no message, and what it has neither for.
  lan("lan-not-configured", "Could not configure LAN", "E10"),
  wan("wan-not-configured", "Could not configure WAN", "E12"),
  lan("lan-no-ipv6-address", "LAN has no IPv6 address"),
  proxy("proxy-auth-unspoken", "Invalid proxy auth config", "E03"),
  proxy("proxy-http", "unexpected proxy HTTP/400", "E02"),
  proxy("proxy-redirects", "unexpected proxy HTTP/302", "E02"),
  proxy("proxy-speaks-tls", "Failed receiving peer data (56)", "E03"),
  proxy("proxy-speaks-socks", "Failed receiving peer data (56)", "E03"),
  {
    id: "connect-failed, the proxy's handshake",
    code: "connect-failed",
    message: "Error connect to server (07)",
    legacyCode: "E02",
    // curl(1), 97.
    provoked: { in: "nowhere", why: "curl says so of SOCKS proxies, and is never told to speak to one" },
  },
  proxy("connect-failed", "Error connect to server (07)", "E06", "the proxy"),
  proxy("receive-failed", "Failed receiving peer data (56)", "E06", "the proxy"),
  proxy("tls-intercepted", "SSL peer cert was not OK", "E06", "the proxy"),
  proxy("curl-failed", "curl cannot work", "E02", "by a proxy"),
  platform("platform-http", "Unexpected QG HTTP/404"),
  platform("device-certificate-refused", "QG refused device cert"),
  platform("reply-malformed", "Malformed QG reply"),
  first("device-certificate-missing", "No device certificate"),
  platform("curl-missing", "curl is not installed"),
  platform("curl-failed", "curl cannot work", "E06"),
];
