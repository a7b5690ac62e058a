import ipaddr from "ipaddr.js";
import * as z from "zod";
import type { Stop } from "../../hal/clock.ts";
import { ipv4FromNumber, ipv4Number, maskNumber, parseIpv4 } from "../../src/model/address.ts";
import type { PortName } from "../../src/model/settings.ts";

/** The keys of a merge patch of the world (RFC 7396, but nothing can be removed: null is refused). Unknown keys are errors. */
export function createWorldPatchShape() {
  // A router and a client need room: 8 to 29 bits of network.
  const subnet = z
    .string()
    .refine(
      (text) => parseSubnet(text) !== null,
      'give a network such as "10.77.0.0/24": no host bits, prefix 8 to 29',
    );
  const wire = z.strictObject({
    cable: z.boolean().optional(),
    dhcp: z.enum(dhcpAnswers).optional(),
    subnet: subnet.optional(),
    duplicate: z.boolean().optional(),
    dns: z.enum(dnsAnswers).optional(),
    routerAdvertisement: z.enum(routerAnswers).optional(),
  });
  const proxy = z.strictObject({
    required: z.boolean().optional(),
    auth: z.enum(proxySchemes).optional(),
    answer: z.enum(proxyAnswers).optional(),
  });
  const storage = z.strictObject({ fileSystem: z.enum(fileSystemAnswers).optional() });
  return { lan: wire.optional(), wan: wire.optional(), proxy: proxy.optional(), storage: storage.optional() };
}

/** `no-router`, `no-dns`: the lease lacks option 3 or 6. `nak`: every request is refused. */
export const dhcpAnswers = ["ok", "off", "no-router", "no-dns", "nak"] as const;
/** `refuse`, `servfail`: the server answers with that code. `off`: it is silent. */
export const dnsAnswers = ["ok", "off", "refuse", "servfail"] as const;
export const routerAnswers = ["ok", "off"] as const;
export const proxySchemes = ["none", "basic", "ntlm"] as const;
export const proxyAnswers = ["ok", "403", "407", "503", "hang", "reset"] as const;

/** `fsck`: a check failed. `mount`: one could not be mounted. */
export const fileSystemAnswers = ["ok", "fsck", "mount"] as const;

/** What stands at the other end of a port's cable. */
export interface WireState {
  /** Plugged in at both ends. */
  readonly cable: boolean;
  readonly dhcp: (typeof dhcpAnswers)[number];
  readonly subnet: string;
  /** Another machine uses whatever address the box has. */
  readonly duplicate: boolean;
  readonly dns: (typeof dnsAnswers)[number];
  readonly routerAdvertisement: (typeof routerAnswers)[number];
}

export interface ProxyState {
  /** The firewall lets only the proxy out. */
  readonly required: boolean;
  readonly auth: (typeof proxySchemes)[number];
  readonly answer: (typeof proxyAnswers)[number];
}

/** The box's own disk, as its service manager tells of it. */
export interface StorageState {
  readonly fileSystem: (typeof fileSystemAnswers)[number];
}

export interface WorldState {
  readonly lan: WireState;
  readonly wan: WireState;
  readonly proxy: ProxyState;
  readonly storage: StorageState;
}

/** Keys that are absent or undefined keep their value. */
export type WorldPatch = { readonly [Part in keyof WorldState]?: Changes<WorldState[Part]> | undefined };
type Changes<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** Everything that the bench can break but the platform, one truth for wire, resolver, relay and proxy. */
export interface World {
  get(): WorldState;
  /** Applies a checked patch at once, whole. A patch that changes nothing tells nobody. */
  patch(patch: WorldPatch): void;
  subscribe(changed: (now: WorldState, before: WorldState) => void): Stop;
}

const wire: WireState = {
  cable: true,
  dhcp: "ok",
  subnet: "10.77.0.0/24",
  duplicate: false,
  dns: "ok",
  routerAdvertisement: "ok",
};

/** All is well, both cables are in, no proxy is needed. */
export const initialWorld: WorldState = {
  lan: wire,
  wan: { ...wire, subnet: "10.78.0.0/24" },
  proxy: { required: false, auth: "none", answer: "ok" },
  storage: { fileSystem: "ok" },
};

export function createWorld(initial: WorldState = initialWorld): World {
  let state = initial;
  const listeners = new Set<(now: WorldState, before: WorldState) => void>();
  return {
    get: () => state,
    patch: (patch) => {
      const before = state;
      const next: WorldState = {
        lan: merge(before.lan, patch.lan),
        wan: merge(before.wan, patch.wan),
        proxy: merge(before.proxy, patch.proxy),
        storage: merge(before.storage, patch.storage),
      };
      if (JSON.stringify(next) === JSON.stringify(before)) return;
      state = next;
      for (const listener of [...listeners]) listener(next, before);
    },
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

function merge<T extends object>(base: T, patch: Changes<T> | undefined): T {
  const given = Object.entries(patch ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}

/** The hosts of a wire's network. */
export interface Subnet {
  readonly network: number;
  readonly prefixLength: number;
  /** Router, DHCP server and DNS server in one: the first host. */
  readonly router: string;
  /** The second host answers for names as well, so that two servers can be set. */
  readonly secondDns: string;
  /** What the DHCP server hands out: host 100 where the network is large enough, else the last but one. */
  readonly lease: string;
}

export function parseSubnet(text: string): Subnet | null {
  const [address = "", length = "", ...rest] = text.split("/");
  const parsed = parseIpv4(address);
  const prefixLength = Number(length);
  if (parsed === null || rest.length > 0 || !/^\d{1,2}$/.test(length) || prefixLength < 8 || prefixLength > 29)
    return null;
  const network = ipv4Number(parsed);
  if (
    (network & maskNumber(prefixLength)) >>> 0 !== network ||
    parsed[0] === 0 ||
    parsed[0] === 127 ||
    parsed[0] >= 224
  ) {
    return null;
  }
  const hosts = 2 ** (32 - prefixLength) - 2;
  return {
    network,
    prefixLength,
    router: ipv4FromNumber(network + 1),
    secondDns: ipv4FromNumber(network + 2),
    lease: ipv4FromNumber(network + (hosts > 100 ? 100 : hosts - 1)),
  };
}

/** As {@link parseSubnet}, of a wire, whose subnet has been checked. */
export function subnetOf(wireState: WireState): Subnet {
  const parsed = parseSubnet(wireState.subnet);
  if (parsed === null) throw new Error(`subnet ${wireState.subnet} was never checked`);
  return parsed;
}

/** The IPv6 prefix that a port's router advertises, 64 bits of the documentation range, and the router's own addresses. */
export const ipv6Of: Readonly<Record<PortName, { prefix: string; router: string; dns: string }>> = {
  lan: { prefix: "2001:db8:77:", router: "fe80::1", dns: "2001:db8:77::1" },
  wan: { prefix: "2001:db8:78:", router: "fe80::1", dns: "2001:db8:78::1" },
};

/** The modified EUI-64 address in a port's prefix (RFC 4291 appendix A), in the form of RFC 5952. */
export function autoAddress(port: PortName, mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((octet) => Number.parseInt(octet, 16));
  const host = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f]
    .map((group) => group.toString(16))
    .join(":");
  return ipaddr.IPv6.parse(`${ipv6Of[port].prefix}0:${host}`).toRFC5952String();
}
