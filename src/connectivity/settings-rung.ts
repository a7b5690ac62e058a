import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import type { PortName, ProxySettings, Settings } from "../model/settings.ts";
import {
  checkGateway6,
  checkHostAddress6,
  checkPort,
  checkPrefixLength6,
  checkProxyHost,
  checkProxyUser,
  checkStaticIpv4,
  type Flaw,
} from "../model/validate.ts";
import type { Evidence } from "./evidence.ts";
import { broken, familyOf, type Rung, sound, type Verdict } from "./rung.ts";

/** The settings by themselves: no cable needed to see that they cannot work. */
export const settingsRung: Rung = {
  name: "settings",
  port: null,
  check: (evidence) =>
    checkAddress(evidence, "lan") ??
    checkAddress(evidence, "wan") ??
    checkProxy(evidence) ??
    checkPorts(evidence) ??
    sound("valid"),
};

function checkAddress(evidence: Evidence, port: PortName): Verdict | null {
  const wrong = addressFlaw(evidence.settings, port);
  return wrong === null ? null : invalidAddress(evidence, port, wrong.value, wrong.flaw);
}

/** The verdict on an address or a gateway that no host can have; also used for leased ones. */
export function invalidAddress(evidence: Evidence, port: PortName, value: string, flaw: Flaw): Verdict {
  const detail = `${port.toUpperCase()} ${value}: ${flaw.message}`;
  return broken(evidence, `${port}-invalid-ip`, detail, flaw.code === "loopback" ? { when: "loopback" } : {});
}

function addressFlaw(settings: Settings, port: PortName): { value: string; flaw: Flaw } | null {
  if (familyOf(settings, port) === 6) {
    const { ipv6 } = settings.lan;
    if (ipv6.method !== "static") return null;
    const own = checkHostAddress6(ipv6.address) ?? checkPrefixLength6(ipv6.prefixLength);
    if (own !== null) return { value: `${ipv6.address}/${ipv6.prefixLength}`, flaw: own };
    const gateway = checkGateway6(ipv6.gateway, ipv6.address, ipv6.prefixLength);
    return gateway === null ? null : { value: `gateway ${ipv6.gateway}`, flaw: gateway };
  }
  const ipv4 = settings[port]?.ipv4;
  if (ipv4?.method !== "static") return null;
  const flaw = checkStaticIpv4(ipv4).find(({ path }) => /\.(address|prefixLength|gateway)$/.test(path));
  if (flaw === undefined) return null;
  const value = flaw.path.endsWith("gateway") ? `gateway ${ipv4.gateway}` : `${ipv4.address}/${ipv4.prefixLength}`;
  return { value, flaw };
}

function checkProxy(evidence: Evidence): Verdict | null {
  const { settings, proxyAuth } = evidence;
  const { proxy } = settings;
  if (proxy === null) return null;
  const place = proxyPlaceFlaw(proxy, settings);
  if (place !== null) return broken(evidence, "proxy-invalid-ip", `${proxy.host}:${proxy.port}: ${place}`);

  const invalidAuth = (detail: string) => broken(evidence, "proxy-invalid-auth", detail);
  const user = proxy.user === null ? null : checkProxyUser(proxy.user);
  if (user !== null) return invalidAuth(`user ${proxy.user}: ${user.message}`);
  if (proxyAuth === null) return null;
  const { problem = null } = proxyAuth;
  if (proxy.user !== null && problem !== null) {
    return invalidAuth(`the stored password of user ${proxy.user} cannot be opened: ${problem}`);
  }
  if (proxy.user !== null && !proxyAuth.password) return invalidAuth(`user ${proxy.user} has no password`);
  if (proxy.user === null && proxyAuth.password) return invalidAuth("a password is stored, but no user name");
  return null;
}

function proxyPlaceFlaw(proxy: ProxySettings, { mode }: Settings): string | null {
  if (mode === "ipv6-only" && isIPv4(proxy.host)) return "an IPv4 address in IPv6-only mode";
  return (checkProxyHost(proxy.host, mode) ?? checkPort(proxy.port))?.message ?? null;
}

/** Static LAN and WAN against each other. Leased ones are looked at on the gateway rung. */
function checkPorts(evidence: Evidence): Verdict | null {
  const lan = evidence.settings.lan.ipv4;
  const wan = evidence.settings.wan?.ipv4;
  if (evidence.settings.mode === "ipv6-only" || lan.method !== "static" || wan?.method !== "static") return null;
  return checkSplit(
    evidence,
    { address: `${lan.address}/${lan.prefixLength}`, gateway: lan.gateway },
    { address: `${wan.address}/${wan.prefixLength}`, gateway: wan.gateway },
  );
}

interface Place {
  readonly address: string;
  readonly gateway: string | null;
}

/** LAN and WAN have to lie on different subnets behind different gateways; null when they do. */
export function checkSplit(evidence: Evidence, lan: Place, wan: Place): Verdict | null {
  if (overlap(lan.address, wan.address)) {
    return broken(evidence, "lan-wan-same-subnet", `LAN ${lan.address} and WAN ${wan.address} overlap`);
  }
  if (lan.gateway !== null && lan.gateway === wan.gateway) {
    return broken(evidence, "lan-wan-same-gateway", `LAN and WAN both use ${lan.gateway}`);
  }
  return null;
}

function overlap(a: string, b: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(a) || !ipaddr.IPv4.isValidCIDR(b)) return false;
  const [address, prefixLength] = ipaddr.IPv4.parseCIDR(a);
  const [other, otherLength] = ipaddr.IPv4.parseCIDR(b);
  return address.match(other, Math.min(prefixLength, otherLength));
}
