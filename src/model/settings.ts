import type { LinkMode } from "../../hal/ethernet.ts";
import { noScanSettings, type ScanSettings } from "./scan.ts";

export type { LinkMode } from "../../hal/ethernet.ts";

/** The network mode. Resetting the network settings stays in the mode. */
export type Mode = "ipv4+v6" | "ipv6-only";
export type PortName = "lan" | "wan";

export interface DhcpIpv4 {
  readonly method: "dhcp";
}

/** Addresses are canonical dotted decimals without leading zeros. */
export interface StaticIpv4 {
  readonly method: "static";
  readonly address: string;
  /** 1 to 30. */
  readonly prefixLength: number;
  readonly gateway: string;
  /** One or two. */
  readonly dns: readonly string[];
  /** None to two. Passed to scans only; always empty on WAN. */
  readonly wins: readonly string[];
  /** At most 32 characters; null is none. Always null on WAN. */
  readonly domain: string | null;
}

export type Ipv4Settings = DhcpIpv4 | StaticIpv4;

/** Router advertisement (and DHCPv6), or fixed. Used for management in mode `ipv6-only`. Canonical by RFC 5952. */
export type Ipv6Settings =
  | { readonly method: "auto" /** Asked before those of the network. */; readonly dns: readonly string[] }
  | {
      readonly method: "static";
      readonly address: string;
      /** 1 to 128. */
      readonly prefixLength: number;
      readonly gateway: string;
      readonly dns: readonly string[];
    };

export interface LanSettings {
  /** 802.1Q tag of the LAN's default network, 1 to 4094; 0 is none. */
  readonly vlan: number;
  readonly link: LinkMode;
  readonly ipv4: Ipv4Settings;
  readonly ipv6: Ipv6Settings;
}

export interface WanSettings {
  readonly link: LinkMode;
  readonly ipv4: Ipv4Settings;
}

/** The password is a secret and is stored apart. */
export interface ProxySettings {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** `user` or `domain\user`. */
  readonly user: string | null;
  /** Names the stored password; null: none is stored. Tells nothing of it. */
  readonly passwordRef: string | null;
}

/** What a person or the platform wants the network to be: the truth from which all else is derived. */
export interface Settings {
  readonly mode: Mode;
  readonly lan: LanSettings;
  /** null: standard configuration, LAN carries management and scans. */
  readonly wan: WanSettings | null;
  readonly proxy: ProxySettings | null;
  /** The platform's; no key of the panel changes it, but for a reset. */
  readonly scan: ScanSettings;
}

/** The factory's settings of a mode: DHCP or router advertisement, no VLAN, no proxy, no WAN, auto-negotiation, no networks of scans. */
export function factorySettings(mode: Mode = "ipv4+v6"): Settings {
  return {
    mode,
    lan: { vlan: 0, link: "auto", ipv4: { method: "dhcp" }, ipv6: { method: "auto", dns: [] } },
    wan: null,
    proxy: null,
    scan: noScanSettings,
  };
}

/** Management goes by WAN and by nothing else. With IPv6 alone there is no split network. */
export function isSplit({ mode, wan }: Pick<Settings, "mode" | "wan">): boolean {
  return wan !== null && mode === "ipv4+v6";
}

/** The port that carries management: WAN in a split network, else LAN. */
export function managementPort(settings: Settings): PortName {
  return settings.wan === null ? "lan" : "wan";
}
