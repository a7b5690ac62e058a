import ipaddr from "ipaddr.js";
import { canonicalIpv4, ipv4Number, maskNumber, parseIpv4 } from "./address.ts";
import type { Ipv4Settings, Ipv6Settings, Mode, ProxySettings, Settings, StaticIpv4 } from "./settings.ts";

/**
 * What is wrong with a value. The message is for people: it word-wraps into a row of 13 and a row of 16, so that the
 * smallest glass can show it whole, with the indicators of its keys.
 */
export interface Flaw {
  readonly code:
    | "malformed"
    | "octet"
    | "zero-network"
    | "loopback"
    | "multicast"
    | "network-address"
    | "broadcast-address"
    | "off-subnet"
    | "own-address"
    | "required"
    | "range"
    | "length"
    | "space-inside"
    | "character"
    | "label";
  readonly message: string;
}

/** A flaw and the setting that has it, such as `lan.ipv4.gateway`. */
export interface SettingFlaw extends Flaw {
  readonly path: string;
}

function flaw(code: Flaw["code"], message: string): Flaw {
  return { code, message };
}

/** An address that a host may have: canonical dotted decimal, not 0/8, 127/8 or 224/4 and above. */
export function checkHostAddress(address: string): Flaw | null {
  const octets = address.split(".");
  if (octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    const over = octets.findIndex((octet) => Number(octet) > 255);
    if (over >= 0) return flaw("octet", `Number ${over + 1} is more than 255`);
  }
  const parsed = parseIpv4(address);
  if (parsed === null || canonicalIpv4(address) !== address) return flaw("malformed", "Not an IPv4 address");
  const first = parsed[0];
  if (first === 0) return flaw("zero-network", "0.x.x.x is no host address");
  if (first === 127) return flaw("loopback", "127.x.x.x is this box itself");
  if (first >= 224) return flaw("multicast", "224 and above is not for hosts");
  return null;
}

/** 1 to 30, and the address must be neither the network's own nor its broadcast address. */
export function checkPrefixLength(prefixLength: number, address: string): Flaw | null {
  if (!Number.isInteger(prefixLength) || prefixLength < 1 || prefixLength > 30) {
    return flaw("range", "Prefix length is 1 to 30");
  }
  return checkPlaceInSubnet(address, prefixLength);
}

function checkPlaceInSubnet(address: string, prefixLength: number): Flaw | null {
  const parsed = parseIpv4(address);
  if (parsed === null) return flaw("malformed", "Not an IPv4 address");
  const mask = maskNumber(prefixLength);
  const host = (ipv4Number(parsed) & ~mask) >>> 0;
  if (host === 0) return flaw("network-address", "This is the network address");
  if (host === ~mask >>> 0) return flaw("broadcast-address", "Broadcast is no host address");
  return null;
}

/** A host of the subnet other than the box itself. `address` and `prefixLength` have passed their own checks. */
export function checkGateway(gateway: string, address: string, prefixLength: number): Flaw | null {
  const wrong = checkHostAddress(gateway);
  if (wrong !== null) return wrong;
  if (gateway === address) return flaw("own-address", "Gateway is the box itself");
  const ours = parseIpv4(address);
  const its = parseIpv4(gateway);
  const mask = maskNumber(prefixLength);
  if (ours === null || its === null || ((ipv4Number(ours) ^ ipv4Number(its)) & mask) !== 0) {
    return flaw("off-subnet", "Gateway not in the subnet");
  }
  return checkPlaceInSubnet(gateway, prefixLength);
}

/** Says that a value is needed; `what` is at most 19 characters. */
export function required(what: string): Flaw {
  return flaw("required", `${what} is required`);
}

/** Longest domain name of a static configuration. */
export const maxDomainLength = 32;

/**
 * A domain name: 1 to 32 letters, digits, `_`, `.` and `-`. Each of its labels has a character, so far under the 63 of
 * RFC 1035 section 2.3.4, and neither begins nor ends with a hyphen. No dot at the end: the name is complete as it is.
 */
export function checkDomain(domain: string): Flaw | null {
  const wrong = checkName(domain, maxDomainLength, /[^A-Za-z0-9_.-]/);
  if (wrong !== null) return wrong;
  const labels = domain.split(".");
  if (labels.includes("")) return flaw("label", "Dots only between names");
  if (labels.some((label) => /^-|-$/.test(label))) return flaw("label", "No - at start or end of name");
  return null;
}

function checkName(text: string, maxLength: number, excluded: RegExp): Flaw | null {
  if (text === "") return required("A name");
  if (text.includes(" ")) return flaw("space-inside", "No space inside a name");
  if (text.length > maxLength) return flaw("length", `At most ${maxLength} characters`);
  const character = excluded.exec(text)?.[0];
  if (character === undefined) return null;
  return notAllowed(character);
}

/** Says that a name cannot hold this character. */
export function notAllowed(character: string): Flaw {
  return flaw("character", /^[!-~]$/.test(character) ? `${character} is not allowed here` : "Character not allowed");
}

/** 802.1Q tag: 1 to 4094, or 0 for none. */
export function checkVlan(vlan: number): Flaw | null {
  return Number.isInteger(vlan) && vlan >= 0 && vlan <= 4094 ? null : flaw("range", "VLAN is 0 to 4094");
}

/** A unicast IPv6 address in the form of RFC 5952, without a zone. */
export function checkHostAddress6(address: string): Flaw | null {
  if (!ipaddr.IPv6.isValid(address) || address.includes("%")) return flaw("malformed", "Not an IPv6 address");
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.toRFC5952String() !== address) return flaw("malformed", "Not the short IPv6 form");
  const range = parsed.range();
  if (range === "unspecified") return flaw("zero-network", ":: is not a host address");
  if (range === "loopback") return flaw("loopback", "::1 is this box itself");
  if (range === "multicast") return flaw("multicast", "ff00::/8 is not for hosts");
  return null;
}

/** 1 to 128. */
export function checkPrefixLength6(prefixLength: number): Flaw | null {
  return Number.isInteger(prefixLength) && prefixLength >= 1 && prefixLength <= 128
    ? null
    : flaw("range", "Prefix length is 1 to 128");
}

/** Link-local, or a host of the subnet; not the box itself. `address` and `prefixLength` have passed their own checks. */
export function checkGateway6(gateway: string, address: string, prefixLength: number): Flaw | null {
  const wrong = checkHostAddress6(gateway);
  if (wrong !== null) return wrong;
  if (gateway === address) return flaw("own-address", "Gateway is the box itself");
  const its = ipaddr.IPv6.parse(gateway);
  if (its.range() === "linkLocal" || its.match(ipaddr.IPv6.parse(address), prefixLength)) return null;
  return flaw("off-subnet", "Gateway not in the subnet");
}

/** Longest host name: RFC 1035 section 2.3.4, less the length of the first label and the root's dot. */
export const maxHostLength = 253;

/** A domain name, or an address of the mode's family. */
export function checkProxyHost(host: string, mode: Mode): Flaw | null {
  if (host.includes(":")) {
    return mode === "ipv6-only" ? checkHostAddress6(host) : flaw("malformed", "IPv6 only in IPv6-only mode");
  }
  if (/^[\d.]+$/.test(host)) return checkHostAddress(host);
  return checkName(host, maxHostLength, /[^A-Za-z0-9.-]/);
}

/** 1 to 65535. */
export function checkPort(port: number): Flaw | null {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? null : flaw("range", "Port is 1 to 65535");
}

export const maxProxyUserLength = 32;

/** `user` or `domain\user`: 1 to 32 letters, digits and `_ - \ . @`. */
export function checkProxyUser(user: string): Flaw | null {
  return checkName(user, maxProxyUserLength, /[^A-Za-z0-9_\-\\.@]/);
}

export const maxProxyPasswordLength = 16;

/** 1 to 16 printable ASCII characters, no spaces. */
export function checkProxyPassword(password: string): Flaw | null {
  if (password === "") return required("A password");
  if (password.includes(" ")) return flaw("space-inside", "No space in a password");
  if (password.length > maxProxyPasswordLength) return flaw("length", `At most ${maxProxyPasswordLength} characters`);
  return /^[!-~]+$/.test(password) ? null : flaw("character", "Character not allowed");
}

/** Everything that is wrong with these settings by themselves, in the order of entry; empty when they may be applied. */
export function checkSettings(settings: Settings): readonly SettingFlaw[] {
  const { mode, lan, wan, proxy } = settings;
  return [
    ...at("lan.vlan", checkVlan(lan.vlan)),
    ...checkIpv4Settings("lan.ipv4", lan.ipv4),
    ...checkIpv6Settings("lan.ipv6", lan.ipv6),
    ...(wan === null ? [] : checkWan(wan.ipv4)),
    ...(proxy === null ? [] : checkProxy(proxy, mode)),
  ];
}

function at(path: string, wrong: Flaw | null): readonly SettingFlaw[] {
  return wrong === null ? [] : [{ path, ...wrong }];
}

function checkIpv4Settings(path: string, ipv4: Ipv4Settings): readonly SettingFlaw[] {
  return ipv4.method === "static" ? checkStaticIpv4(ipv4, path) : [];
}

/** All flaws of a static configuration. `path` is put before the name of each setting. */
export function checkStaticIpv4(ipv4: StaticIpv4, path = "ipv4"): readonly SettingFlaw[] {
  const address = at(`${path}.address`, checkHostAddress(ipv4.address));
  const prefix =
    address.length > 0 ? [] : at(`${path}.prefixLength`, checkPrefixLength(ipv4.prefixLength, ipv4.address));
  const gateway =
    address.length + prefix.length > 0
      ? []
      : at(`${path}.gateway`, checkGateway(ipv4.gateway, ipv4.address, ipv4.prefixLength));
  return [
    ...address,
    ...prefix,
    ...gateway,
    ...checkServers(`${path}.dns`, ipv4.dns, "DNS1", checkHostAddress),
    ...(ipv4.wins.length === 0 ? [] : checkServers(`${path}.wins`, ipv4.wins, "WINS1", checkHostAddress)),
    ...(ipv4.domain === null ? [] : at(`${path}.domain`, checkDomain(ipv4.domain))),
  ];
}

function checkIpv6Settings(path: string, ipv6: Ipv6Settings): readonly SettingFlaw[] {
  const servers = checkServers(`${path}.dns`, ipv6.dns, "DNS1", checkHostAddress6);
  if (ipv6.method === "auto") return ipv6.dns.length === 0 ? [] : servers;
  const own = [
    ...at(`${path}.address`, checkHostAddress6(ipv6.address)),
    ...at(`${path}.prefixLength`, checkPrefixLength6(ipv6.prefixLength)),
  ];
  const gateway = own.length > 0 ? null : checkGateway6(ipv6.gateway, ipv6.address, ipv6.prefixLength);
  return [...own, ...at(`${path}.gateway`, gateway), ...servers];
}

function checkServers(
  path: string,
  servers: readonly string[],
  name: string,
  check: (address: string) => Flaw | null,
): readonly SettingFlaw[] {
  if (servers.length === 0) return at(path, required(name));
  if (servers.length > 2) return at(path, flaw("length", "At most two servers"));
  return servers.flatMap((server, index) => at(`${path}.${index}`, check(server)));
}

function checkWan(ipv4: Ipv4Settings): readonly SettingFlaw[] {
  const scanOnly = ipv4.method === "static" && (ipv4.wins.length > 0 || ipv4.domain !== null);
  return [
    ...checkIpv4Settings("wan.ipv4", ipv4),
    ...(scanOnly ? at("wan.ipv4.wins", flaw("range", "No WINS, no domain on WAN")) : []),
  ];
}

function checkProxy(proxy: ProxySettings, mode: Mode): readonly SettingFlaw[] {
  return [
    ...at("proxy.host", checkProxyHost(proxy.host, mode)),
    ...at("proxy.port", checkPort(proxy.port)),
    ...(proxy.user === null ? [] : at("proxy.user", checkProxyUser(proxy.user))),
  ];
}
