import { managementState, type PortState } from "../model/network-state.ts";
import { isSplit, managementPort, type PortName, type Settings } from "../model/settings.ts";
import {
  checkGateway,
  checkGateway6,
  checkHostAddress,
  checkHostAddress6,
  checkPrefixLength,
  checkPrefixLength6,
  type Flaw,
} from "../model/validate.ts";
import type { Evidence } from "./evidence.ts";
import { broken, familyOf, nameToResolve, type Rung, sound, type Verdict } from "./rung.ts";
import { checkSplit, invalidAddress } from "./settings-rung.ts";

/** Whether anything can be said of the ports at all: a port that was not read is no missing cable. */
export const networkRung: Rung = {
  name: "network",
  port: null,
  check: (evidence) =>
    evidence.networkUnread === null
      ? sound("can be read")
      : broken(evidence, `${managementPort(evidence.settings)}-not-configured`, evidence.networkUnread),
};

/** From the cable to the gateway, for one port. */
export function portRungs(port: PortName): readonly Rung[] {
  const rung = (name: Rung["name"], check: (state: PortState, evidence: Evidence) => Verdict): Rung => ({
    name,
    port,
    check: (evidence) => {
      const state = port === "lan" ? evidence.network.lan : evidence.network.wan;
      return state === null ? notConfigured(port, evidence) : check(state, evidence);
    },
  });
  return [
    rung("carrier", (state, evidence) => checkCarrier(port, state, evidence)),
    rung("duplicate", (state, evidence) => checkDuplicate(port, state, evidence)),
    rung("address", (state, evidence) => checkAddress(port, state, evidence)),
    rung("gateway", (state, evidence) => checkGatewayAndSplit(port, state, evidence)),
  ];
}

function checkCarrier(port: PortName, state: PortState, evidence: Evidence): Verdict {
  if (!state.present)
    return broken(
      evidence,
      `${port}-no-carrier`,
      `there is no interface ${state.interface}, which [network] ${port} of the configuration names`,
    );
  if (!state.carrier) return broken(evidence, `${port}-no-carrier`, `${state.interface} has no link`);
  const speed = state.speedMbps === null ? [] : [`${state.speedMbps} Mbit/s`];
  const duplex = state.duplex === null ? [] : [`${state.duplex} duplex`];
  return sound([...speed, ...duplex, state.interface].join(" "));
}

function checkDuplicate(port: PortName, state: PortState, evidence: Evidence): Verdict {
  if (state.duplicate === null) return sound("no other host answers for the address");
  const owner = state.duplicate === "unknown" ? "another host" : state.duplicate;
  const [given] = (staticAddress(evidence.settings, port) ?? addressesOf(state, evidence, port)[0] ?? "address").split(
    "/",
  );
  const address = state.duplicateAddress ?? given;
  return broken(evidence, "duplicate-ip", `${port.toUpperCase()} ${address} is used by ${owner}`);
}

function checkAddress(port: PortName, state: PortState, evidence: Evidence): Verdict {
  const refused = evidence.configurationRefused;
  if (refused?.port === port || !state.configured) return notConfigured(port, evidence);

  const addresses = addressesOf(state, evidence, port);
  const wanted = staticAddress(evidence.settings, port);
  if (wanted !== null) {
    return addresses.includes(wanted)
      ? sound(wanted)
      : broken(evidence, noAddress(port, evidence), `${wanted} is not on ${state.interface}`);
  }
  const [first] = addresses;
  if (first === undefined) {
    return broken(evidence, noAddress(port, evidence), `${state.interface}: ${whyNone(state, evidence, port)}`);
  }
  const flaws = addresses.map((address) => leaseFlaw(address, state.gateway));
  const [flaw] = flaws;
  const from = state.lease?.server ? ` from ${state.lease.server}` : "";
  if (flaw === undefined || flaw === null || flaws.includes(null)) return sound(`${first}${from}`);
  // A gateway that belongs to the other port's subnet says more than that it does not belong to this one's.
  const clash = flaw.code === "off-subnet" ? splitClash(evidence) : null;
  return clash ?? invalidAddress(evidence, port, `${first} gateway ${state.gateway ?? "none"}${from}`, flaw);
}

/** Why the network has given no address. */
function whyNone(state: PortState, { settings }: Evidence, port: PortName): string {
  if (familyOf(settings, port) === 4) return "no lease";
  return state.gateway === null ? "no router advertises itself" : `router ${state.gateway} advertises no prefix`;
}

/** Refused, or forgotten by the network daemon: no cable and no server would help. */
function notConfigured(port: PortName, evidence: Evidence): Verdict {
  const refused = evidence.configurationRefused;
  const detail =
    refused?.port === port ? refused.detail : `${port.toUpperCase()} has no orders from the network daemon`;
  return broken(evidence, `${port}-not-configured`, detail);
}

function noAddress(port: PortName, { settings }: Evidence): `${PortName}-no-ipv4-address` | "lan-no-ipv6-address" {
  return familyOf(settings, port) === 6 ? "lan-no-ipv6-address" : `${port}-no-ipv4-address`;
}

function staticAddress(settings: Settings, port: PortName): string | null {
  const wanted = familyOf(settings, port) === 6 ? settings.lan.ipv6 : settings[port]?.ipv4;
  return wanted?.method === "static" ? `${wanted.address}/${wanted.prefixLength}` : null;
}

function addressesOf(state: PortState, { settings }: Evidence, port: PortName): readonly string[] {
  return familyOf(settings, port) === 6 ? state.ipv6 : state.ipv4;
}

/** What is wrong with an address that the network gave us, its gateway included when there is one. */
function leaseFlaw(cidr: string, gateway: string | null): Flaw | null {
  const [address = "", length = ""] = cidr.split("/");
  const prefixLength = Number(length);
  if (address.includes(":")) {
    return (
      checkHostAddress6(address) ??
      checkPrefixLength6(prefixLength) ??
      (gateway === null ? null : checkGateway6(gateway, address, prefixLength))
    );
  }
  // RFC 3927: a host gives itself such an address when no server answers.
  if (address.startsWith("169.254.")) return { code: "range", message: "self-assigned, no DHCP server answered" };
  return (
    checkHostAddress(address) ??
    checkPrefixLength(prefixLength, address) ??
    (gateway === null ? null : checkGateway(gateway, address, prefixLength))
  );
}

/** The way out is needed on the management port only; in a split network the ports are compared as they really are. */
function checkGatewayAndSplit(port: PortName, state: PortState, evidence: Evidence): Verdict {
  const { settings } = evidence;
  if (managementPort(settings) !== port) return sound("not needed for management");
  if (state.gateway === null && staticAddress(settings, port) === null) {
    return broken(evidence, `${port}-no-gateway`, whyNoRouter(state, evidence, port));
  }
  return splitClash(evidence) ?? sound(state.gateway ?? "static");
}

function whyNoRouter(state: PortState, { settings }: Evidence, port: PortName): string {
  if (familyOf(settings, port) === 6) return `${state.interface}: no router advertises a way out (router lifetime 0)`;
  const given = state.lease?.server ? `the lease of ${state.lease.server}` : `what ${state.interface} was given`;
  return `${given} names no router`;
}

/** LAN and WAN against each other as they are; null where they go together, or cannot be compared yet. */
function splitClash(evidence: Evidence): Verdict | null {
  const { lan, wan } = evidence.network;
  const [own] = lan.ipv4;
  const [other] = wan?.ipv4 ?? [];
  if (evidence.settings.wan === null || wan === null || own === undefined || other === undefined) return null;
  return checkSplit(evidence, { address: own, gateway: lan.gateway }, { address: other, gateway: wan.gateway });
}

/** Nothing is asked, not even a name server, before that is sure to go by the management port. */
export const separationRung: Rung = {
  name: "separation",
  port: null,
  check: (evidence) => {
    const { settings, network, configurationRefused } = evidence;
    const wanted = isSplit(settings);
    const port = managementPort(settings);
    if (network.separated === wanted) return sound(`our own traffic goes by ${port.toUpperCase()}`);
    const why = wanted ? "our own traffic is not kept on WAN" : "our own traffic may not use LAN";
    return broken(evidence, `${port}-not-configured`, configurationRefused?.detail ?? why);
  },
};

/** Servers to ask, on the management port. */
export const dnsServersRung: Rung = {
  name: "dns-servers",
  port: null,
  check: (evidence) => {
    if (nameToResolve(evidence) === null) return sound("not needed, the far side is given by address");
    const port = managementPort(evidence.settings);
    const state = managementState(evidence.network, port);
    const given = state.lease?.server
      ? `the lease of ${state.lease.server} names`
      : `${state.interface} has an address, but`;
    return state.dns.length === 0
      ? broken(evidence, `${port}-no-dns-servers`, `${given} no DNS server`)
      : sound(state.dns.join(", "));
  },
};
