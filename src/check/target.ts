import { isIP, isIPv6 } from "node:net";
import type { Config } from "../config/config.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Preset } from "./presets.ts";

/** One host that must be reached. */
export interface Target {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Who is trusted; null: the authorities of this machine. */
  readonly authority: Authority | null;
  /** Where the name should lead by the operator's notice; empty: nobody has said. */
  readonly addresses: readonly string[];
  /** The appliance trusts public authorities only there, whatever this machine does. */
  readonly publicAuthority: boolean;
}

/** A file of authorities and its PEM blocks. */
export interface Authority {
  readonly file: string;
  readonly pems: readonly string[];
}

const httpsPort = 443;
/** RFC 1035 section 2.3.4; letters, digits and hyphens, and the underscore that some networks use. */
const name = /^(?=.{1,253}$)[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$/;
const hostAndPort = /^(?:\[(?<address>[^[\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

/** `host`, `host:port`, `[IPv6]` or `[IPv6]:port`. The error says what is wrong, for a person. */
export function parseHost(text: string): Result<Pick<Target, "host" | "port">, string> {
  if (isIPv6(text)) return failed(`${text}: an IPv6 address stands in brackets: [${text}]`);
  if (text.includes("://")) return failed(`${text}: give the host alone, without http:// or https://`);
  const parts = hostAndPort.exec(text)?.groups;
  if (parts === undefined) return failed(`${text}: is neither host nor host:port`);
  const port = parts.port === undefined ? httpsPort : Number(parts.port);
  if (port < 1 || port > 65535) return failed(`${text}: a port is 1 to 65535`);
  if (parts.address !== undefined && (!isIPv6(parts.address) || parts.address.includes("%"))) {
    return failed(`${text}: only an IPv6 address without a zone stands in brackets`);
  }
  const host = parts.address ?? parts.name ?? "";
  if (/^[\d.]+$/.test(host) ? isIP(host) === 0 : parts.address === undefined && !name.test(host)) {
    return failed(`${text}: is neither a name nor an address`);
  }
  return ok({ host: host.toLowerCase(), port });
}

/** `host:port`, an IPv6 address in brackets. */
export function nameTarget({ host, port }: Pick<Target, "host" | "port">): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

export interface Wishes {
  /** null: there is no configuration. */
  readonly platform: Pick<Config["platform"], "url" | "hosts"> | null;
  /** The configured authorities; null: the system's. */
  readonly authority: Authority | null;
  readonly preset: Preset | null;
  /** As given on the command line. */
  readonly hosts: readonly string[];
}

/**
 * All hosts to check, each once: the platform's of the configuration, those of the preset, then those of the command line.
 * Certificates are judged by the configured authorities, those of the preset's hosts by the system's.
 */
export function targetsOf({ platform, authority, preset, hosts }: Wishes): Result<readonly Target[], string> {
  const own = { authority, addresses: [], publicAuthority: false };
  const noticed = { authority: null, addresses: preset?.addresses ?? [], publicAuthority: true };
  const wanted = [
    ...(platform === null ? [] : [hostOfUrl(platform.url), ...platform.hosts].map((host) => ({ host, ...own }))),
    ...(preset?.hosts ?? []).map((host) => ({ host, ...noticed })),
    ...hosts.map((host) => ({ host, ...own })),
  ];
  const targets = new Map<string, Target>();
  for (const { host, ...rest } of wanted) {
    const parsed = parseHost(host);
    if (!parsed.ok) return parsed;
    const target = { ...parsed.value, ...rest };
    const key = nameTarget(target);
    if (!targets.has(key)) targets.set(key, target);
  }
  return targets.size === 0
    ? failed("nothing to check: give --host HOST, --preset qualys-qg3, or a configuration with --config FILE")
    : ok([...targets.values()]);
}

/** `host:port` of an https address. */
export function hostOfUrl(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? httpsPort : port}`;
}
