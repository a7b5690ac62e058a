import type { Contact, Evidence, PlatformAnswer } from "../../../src/connectivity/evidence.ts";
import type { Timings } from "../../../src/https/https.ts";
import type { LegacyCode } from "../../../src/model/fault.ts";
import type { PortState } from "../../../src/model/network-state.ts";
import { factorySettings, type ProxySettings, type Settings, type StaticIpv4 } from "../../../src/model/settings.ts";
import { somePort } from "../../support/some-facts.ts";

/** A box that is well: DHCP on LAN, everything looked at, the platform content. Tests break one thing at a time. */
export const timings: Timings = { connectedMs: 10, tlsMs: 30, firstByteMs: 70, totalMs: 80 };

export const lan = somePort({ dns: ["10.77.0.53"] });

export const wan = somePort({
  interface: "wan0",
  ipv4: ["192.0.2.20/24"],
  gateway: "192.0.2.1",
  dns: ["192.0.2.53"],
  lease: { server: "192.0.2.1", expires: "2026-01-01T12:00:00.000Z" },
});

export const dhcp = factorySettings();
export const ipv6Only = factorySettings("ipv6-only");
export const split: Settings = { ...dhcp, wan: { link: "auto", ipv4: { method: "dhcp" } } };

export function staticIpv4(change: Partial<StaticIpv4> = {}): StaticIpv4 {
  const address = { address: "10.77.0.20", prefixLength: 24, gateway: "10.77.0.1" };
  return { method: "static", ...address, dns: ["10.77.0.53"], wins: [], domain: null, ...change };
}

export function lanStatic(change: Partial<StaticIpv4> = {}, base: Settings = dhcp): Settings {
  return { ...base, lan: { ...base.lan, ipv4: staticIpv4(change) } };
}

export function withProxy(change: Partial<ProxySettings> = {}, base: Settings = dhcp): Settings {
  return { ...base, proxy: { host: "proxy.corp.example", port: 8080, user: null, passwordRef: null, ...change } };
}

export function replied(status: number, answer: PlatformAnswer | null = null): Contact {
  return { https: { kind: "reply", status, body: new Uint8Array(), timings }, answer };
}

/** A transfer that broke after `reached`. */
export function brokeAt(
  exitCode: number,
  {
    message = "it broke",
    proxyStatus = 0,
    reached = "nothing",
  }: { message?: string; proxyStatus?: number; reached?: "nothing" | "tcp" | "tls" | "reply" } = {},
): Contact {
  const reachedTimings: Timings = {
    connectedMs: reached === "nothing" ? 0 : 10,
    tlsMs: reached === "tls" || reached === "reply" ? 30 : 0,
    firstByteMs: reached === "reply" ? 70 : 0,
    totalMs: 100,
  };
  return { https: { kind: "failed", exitCode, proxyStatus, message, timings: reachedTimings }, answer: null };
}

export function evidence(change: Partial<Evidence> = {}): Evidence {
  const settings = change.settings ?? dhcp;
  return {
    settings,
    network: { lan, wan: settings.wan === null ? null : wan, separated: settings.wan !== null },
    platformHost: "platform.example",
    activated: true,
    proxyJustDisabled: false,
    proxyAuth: { password: false },
    networkUnread: null,
    configurationRefused: null,
    identityProblem: null,
    curl: { installed: true, ntlm: true },
    dns: { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.53" },
    contact: replied(200, { kind: "accepted", detail: "is_box on platform P" }),
    look: null,
    ...change,
  };
}

/** {@link evidence} with LAN's state changed. */
export function withLan(change: Partial<PortState>, more: Partial<Evidence> = {}): Evidence {
  const base = evidence(more);
  return { ...base, network: { ...base.network, lan: { ...lan, ...change } } };
}

/** {@link evidence} of a split network with WAN's state changed. */
export function withWan(change: Partial<PortState>, more: Partial<Evidence> = {}): Evidence {
  const base = evidence({ settings: split, ...more });
  return { ...base, network: { ...base.network, wan: { ...wan, ...change } } };
}

/** A fact, and how the box says it. */
export type Row = readonly [fact: string, evidence: Evidence, message: string, legacyCode: LegacyCode | null];

export const silent = { kind: "unreachable", servers: ["10.77.0.53"], code: "ETIMEOUT" } as const;
export const unknownName = { kind: "noAnswer", server: "10.77.0.53", code: "ENOTFOUND" } as const;

/** A port that was given its address by IPv6 routers. */
export function lan6(change: Partial<PortState> = {}, settings: Settings = ipv6Only): Evidence {
  const given = { ipv4: [], ipv6: ["2001:db8::20/64"], gateway: "fe80::1", dns: ["2001:db8::53"] };
  return withLan({ method: "auto6", ...given, ...change }, { settings });
}

/** Rows that a text takes on a glass of `cols`, broken between words. */
export function rowsOf(text: string, cols: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= cols) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
