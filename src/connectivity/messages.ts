import type { Fault, LegacyCode } from "../model/fault.ts";
import { oneLine } from "../model/one-line.ts";
import type { FaultCode } from "./fault-code.ts";

/** What else is known of a fault; the older models had codes of their own for some of it. */
export type Circumstance =
  /** The address or the gateway is a loopback address. */
  | "loopback"
  /** The box was never activated. */
  | "unactivated"
  /** A proxy is configured. */
  | "via-proxy"
  /** The proxy has opened the way, and what lies beyond it failed. */
  | "behind-proxy"
  /** A person switched the proxy off and no contact was made since. */
  | "proxy-disabled"
  /** The proxy is there, but does not speak as a proxy. */
  | "proxy-handshake"
  /** The proxy speaks NTLM with us. */
  | "ntlm";

/** How a fault is said. */
export interface Wording {
  /** At most two rows of 16; `{status}` stands for an HTTP status. */
  readonly message: string;
  readonly legacyCode: LegacyCode | null;
  /** The first circumstance that holds gives the code instead. */
  readonly legacyCodeWhen?: Readonly<Partial<Record<Circumstance, LegacyCode>>>;
  /** What to do next, without and with a proxy where that differs, and behind one that does its part. */
  readonly next: string | { readonly direct: string; readonly viaProxy: string; readonly behindProxy?: string };
}

const report = "Report this error to support.";
const reportAll = "Report this error to support and include all configuration details.";
const invalidAuth = "Invalid proxy auth config";
const proxyStatus = "unexpected proxy HTTP/{status}";
const received = "Failed receiving peer data (56)";
const notOk = "SSL peer cert was not OK";
const cutBehind = "Check that neither the proxy nor a firewall behind it cuts the connection to the platform.";
const notBlocked = "and that no firewall rule blocks it.";
const checkCable = (port: string) => `Check that the cable is in the ${port} port and the far end is on.`;
const checkLease = (port: string) =>
  `Check the ${port} cable and port. With DHCP, check that the DHCP server can be reached and works.`;

/**
 * The guide's "Appliance Network Errors" word for word, the codes of its older models, its solutions in short; then what
 * the guide has no words for.
 */
export const messages: Readonly<Record<FaultCode, Wording>> = {
  "lan-no-carrier": { message: "no CARRIER on LAN interface", legacyCode: null, next: checkCable("LAN") },
  "wan-no-carrier": { message: "no CARRIER on WAN interface", legacyCode: null, next: checkCable("WAN") },
  "lan-no-ipv4-address": { message: "LAN has no IPv4 address", legacyCode: null, next: checkLease("LAN") },
  "wan-no-ipv4-address": { message: "WAN has no IPv4 address", legacyCode: null, next: checkLease("WAN") },
  "lan-no-dns-servers": {
    message: "LAN has no DNS servers",
    legacyCode: "E05",
    next: "Give the LAN interface valid DNS servers.",
  },
  "wan-no-dns-servers": {
    message: "WAN has no DNS servers",
    legacyCode: "E05",
    next: "Give the WAN interface valid DNS servers.",
  },
  "lan-platform-unresolved": {
    message: "LAN DNS can't resolve QG URL",
    legacyCode: "E05",
    legacyCodeWhen: { unactivated: "E14" },
    next: "Check that the LAN's DNS servers can resolve the platform's name.",
  },
  "wan-platform-unresolved": {
    message: "WAN DNS can't resolve QG URL",
    legacyCode: "E05",
    legacyCodeWhen: { unactivated: "E14" },
    next: "Check that the WAN's DNS servers can resolve the platform's name.",
  },
  "lan-invalid-ip": {
    message: "Invalid LAN IP configuration",
    legacyCode: "E07",
    legacyCodeWhen: { loopback: "E09" },
    next: "Give the LAN interface a valid IP address and gateway.",
  },
  "wan-invalid-ip": {
    message: "Invalid WAN IP configuration",
    legacyCode: "E08",
    legacyCodeWhen: { loopback: "E11" },
    next: "Give the WAN interface a valid IP address and gateway.",
  },
  "lan-proxy-unresolved": {
    message: "LAN DNS can't resolve proxy",
    legacyCode: "E03",
    next: "Check that the LAN's DNS servers can resolve the proxy's name.",
  },
  "wan-proxy-unresolved": {
    message: "WAN DNS can't resolve proxy",
    legacyCode: "E03",
    next: "Check that the WAN's DNS servers can resolve the proxy's name.",
  },
  "lan-no-gateway": {
    message: "LAN DHCP lease has no gateway",
    legacyCode: null,
    next: "Check that the DHCP server assigns a valid gateway for the LAN interface.",
  },
  "wan-no-gateway": {
    message: "WAN DHCP lease has no gateway",
    legacyCode: null,
    next: "Check that the DHCP server assigns a valid gateway for the WAN interface.",
  },
  "lan-wan-same-subnet": {
    message: "Duplicate LAN and WAN config",
    legacyCode: null,
    next: "Put LAN and WAN on different subnets.",
  },
  "lan-dns-unreachable": {
    message: "LAN DNS server not reachable",
    legacyCode: "E13",
    legacyCodeWhen: { unactivated: "E14" },
    next: "Check that the LAN interface can reach its DNS servers.",
  },
  "wan-dns-unreachable": {
    message: "WAN DNS server not reachable",
    legacyCode: "E13",
    legacyCodeWhen: { unactivated: "E14" },
    next: "Check that the WAN interface can reach its DNS servers.",
  },
  "lan-wan-same-gateway": {
    message: "LAN and WAN same gateway",
    legacyCode: null,
    next: "Give LAN and WAN different subnets and gateways.",
  },
  "duplicate-ip": {
    message: "Duplicate IP detected",
    legacyCode: null,
    next: "Use an address that no other host on the network has.",
  },
  "proxy-invalid-ip": {
    message: "Invalid proxy IP",
    legacyCode: "E03",
    next: "Configure the proxy with a valid address and port.",
  },
  "proxy-invalid-auth": {
    message: invalidAuth,
    legacyCode: "E03",
    next: "Configure the proxy with a valid user name and password.",
  },
  // The same text: what differs is who has to change something.
  "proxy-auth-unspoken": {
    message: invalidAuth,
    legacyCode: "E03",
    next: "Let the proxy offer Basic or NTLM to the box, or let the box pass without a user name.",
  },
  "proxy-ntlm-missing": {
    message: invalidAuth,
    legacyCode: "E01",
    next: "Install a curl with NTLM on the box, or let the proxy offer Basic.",
  },
  "proxy-http-403": {
    message: "unexpected proxy HTTP/403",
    legacyCode: "E03",
    next: "Check that the proxy user may connect to the platform.",
  },
  "proxy-http-407": {
    message: "unexpected proxy HTTP/407",
    legacyCode: "E03",
    legacyCodeWhen: { ntlm: "E00" },
    next: "Configure the proxy with a valid user name and password.",
  },
  "proxy-http-503": {
    message: "unexpected proxy HTTP/503",
    legacyCode: "E06",
    next: "Check that the proxy server can connect to the platform.",
  },
  "connect-failed": {
    message: "Error connect to server (07)",
    legacyCode: "E06",
    legacyCodeWhen: { "proxy-disabled": "E04", "proxy-handshake": "E02" },
    next: {
      direct: `Check that the box can connect to the platform ${notBlocked}`,
      viaProxy: "Check host and port of the proxy, and that the box can reach that port.",
    },
  },
  timeout: {
    message: "Timeout was reached (28)",
    legacyCode: "E06",
    next: {
      direct: `Check that the box can connect to the platform within 30 seconds ${notBlocked}`,
      viaProxy: `Check that the proxy can connect to the platform within 30 seconds ${notBlocked}`,
    },
  },
  "send-failed": {
    message: "Failed sending peer data (55)",
    legacyCode: "E06",
    next: {
      direct: "Check that no firewall or network access control device cuts the connection to the platform.",
      viaProxy: "Sending to the proxy failed. Check that the box can communicate with it.",
      behindProxy: cutBehind,
    },
  },
  "receive-failed": {
    message: received,
    legacyCode: "E06",
    next: {
      direct: "Check that no firewall or network access control device cuts the connection to the platform.",
      viaProxy: "Receiving from the proxy failed. Check that the box can communicate with it.",
      behindProxy: cutBehind,
    },
  },
  "tls-certificate": {
    message: notOk,
    legacyCode: "E06",
    next: "A proxy or intercepting device may replace the platform's certificate. Exempt the platform, or contact support.",
  },
  // The same text and code: what differs is whose certificate it is, and what to do.
  "tls-clock-wrong": {
    message: notOk,
    legacyCode: "E06",
    next: "The date of the box is wrong. Let it reach a time server (NTP), and check the battery of its clock.",
  },
  "tls-expired": {
    message: notOk,
    legacyCode: "E06",
    next: "If the date of the box is right, report to support that the platform's certificate is not valid today.",
  },
  "tls-intercepted": {
    message: notOk,
    legacyCode: "E06",
    next: "Exempt the platform from TLS inspection on the proxy or device that issues this certificate.",
  },
  "tls-portal": {
    message: notOk,
    legacyCode: "E06",
    next: "A log-in page (captive portal) or another device answers. Let the box pass it without logging in.",
  },
  "tls-other-server": {
    message: notOk,
    legacyCode: "E06",
    next: {
      direct: "Check the platform's address in the configuration, and to which server DNS sends the box.",
      viaProxy: "Check the platform's address in the configuration, and to which server the proxy sends the box.",
    },
  },
  "platform-http-401": { message: "Unexpected QG HTTP/401", legacyCode: null, next: reportAll },
  "platform-http-500": { message: "Unexpected QG HTTP/500", legacyCode: null, next: reportAll },
  "not-registered": {
    message: "This scan_id does not exist",
    legacyCode: null,
    next: "This scanner is not registered. Contact support.",
  },
  "scanner-disabled": { message: "This Scanner is disabled", legacyCode: null, next: report },
  "account-expired": { message: "Account expired", legacyCode: null, next: report },
  "efs-fsck": { message: "EFS fsck fatal errors", legacyCode: null, next: report },
  "efs-mount": { message: "EFS mount fatal error", legacyCode: null, next: report },

  // The guide has a code but no message for these: "Could not configure the LAN interface".
  "lan-not-configured": {
    message: "Could not configure LAN",
    legacyCode: "E10",
    next: "Set the LAN interface up again; if it is refused again, report the detail to support.",
  },
  "wan-not-configured": {
    message: "Could not configure WAN",
    legacyCode: "E12",
    next: "Set the WAN interface up again; if it is refused again, report the detail to support.",
  },

  // The guide has no words for these.
  "lan-no-ipv6-address": {
    message: "LAN has no IPv6 address",
    legacyCode: null,
    next: "Check the LAN cable and port, and that a router advertises a prefix.",
  },
  "proxy-http": {
    message: proxyStatus,
    legacyCode: "E02",
    next: "Check that host and port are those of an HTTP proxy that allows CONNECT to the platform.",
  },
  "proxy-redirects": {
    message: proxyStatus,
    legacyCode: "E02",
    next: "A log-in page or a web server answers in the proxy's place. Let the box pass it, or correct the proxy's host and port.",
  },
  "proxy-speaks-tls": {
    message: received,
    legacyCode: "E03",
    next: "That port speaks TLS: a web server, or a proxy that takes TLS only. Give the proxy's port for plain HTTP.",
  },
  "proxy-speaks-socks": {
    message: received,
    legacyCode: "E03",
    next: "That is a SOCKS server, which is not supported. Give host and port of an HTTP proxy.",
  },
  "platform-http": { message: "Unexpected QG HTTP/{status}", legacyCode: null, next: reportAll },
  "device-certificate-refused": {
    message: "QG refused device cert",
    legacyCode: null,
    next: "Check the date of the box and its registration; an intercepting device has the same effect. Else contact support.",
  },
  "reply-malformed": {
    message: "Malformed QG reply",
    legacyCode: null,
    next: "Check that nothing between the box and the platform changes the traffic; else report this error to support.",
  },
  "device-certificate-missing": {
    message: "No device certificate",
    legacyCode: null,
    next: "Check that the state directory is writable and not full.",
  },
  "curl-missing": {
    message: "curl is not installed",
    legacyCode: null,
    next: "Install the package curl on this machine.",
  },
  "curl-failed": {
    message: "curl cannot work",
    legacyCode: "E06",
    legacyCodeWhen: { "via-proxy": "E02" },
    next: "Report this error with its detail to support.",
  },
};

/** A detail is one line of at most this many characters. */
const maxDetailLength = 200;

/**
 * Words a fault. `detail` may come from outside: control characters become spaces, and durations go, so that the same
 * fault reads the same at every poll. `status` is needed by the messages that have a place for it.
 */
export function wordFault(
  code: FaultCode,
  detail: string,
  circumstances: ReadonlySet<Circumstance>,
  status?: number,
): Fault {
  const { message, legacyCode, legacyCodeWhen = {}, next } = messages[code];
  const special = Object.entries(legacyCodeWhen).find(([when]) => circumstances.has(when as Circumstance))?.[1];
  return {
    code,
    message: message.replace("{status}", String(status)),
    legacyCode: special ?? legacyCode,
    detail: detailOf(detail),
    next: typeof next === "string" ? next : nextOf(next, circumstances),
  };
}

function nextOf(next: Exclude<Wording["next"], string>, circumstances: ReadonlySet<Circumstance>): string {
  if (!circumstances.has("via-proxy")) return next.direct;
  return (circumstances.has("behind-proxy") ? next.behindProxy : undefined) ?? next.viaProxy;
}

function detailOf(text: string): string {
  const line = oneLine(text.replace(/ after \d+ m(illi)?s(econds)?\b/g, ""));
  return line.length <= maxDetailLength ? line : `${line.slice(0, maxDetailLength - 1)}…`;
}
