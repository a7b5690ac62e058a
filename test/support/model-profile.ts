import ipaddr from "ipaddr.js";

export type ProfileProperties = ReadonlyMap<string, string>;

/** What an active profile has. */
export interface Gains {
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  /** Ordered ones in the main table, whether their gateway is a neighbour or not. */
  readonly routes: readonly { readonly dst: string; readonly gateway: string }[];
  readonly dns: Readonly<Record<4 | 6, readonly string[]>>;
  /** DHCPv4 options as nmcli writes them. */
  readonly options: readonly string[];
}

/** With prefix length. */
export function fixedAddresses(profile: ProfileProperties): readonly { family: 4 | 6; address: string }[] {
  const families = [4, 6] as const;
  return families
    .filter((family) => profile.get(`ipv${family}.method`) === "manual")
    .map((family) => ({ family, address: profile.get(`ipv${family}.addresses`) ?? "" }));
}

export function withoutPrefix(address: string): string {
  return address.split("/")[0] ?? "";
}

/**
 * Where a DHCP server answers, but no router advertises. The wires are those of the lab: 10.77.0.0/24 on LAN, 10.78.0.0/24 on
 * WAN, the router is .1.
 */
export function gainsOf(profile: ProfileProperties, nowMs: number): Gains {
  const fixed = fixedAddresses(profile);
  const dnsOf = (family: 4 | 6) =>
    fixed.some((own) => own.family === family)
      ? (profile.get(`ipv${family}.dns`) ?? "").split(",").filter(Boolean)
      : [];
  const own = {
    addresses: fixed.map(({ address }) => address),
    gateways: fixed.map(({ family }) => profile.get(`ipv${family}.gateway`) ?? ""),
    dns: { 4: dnsOf(4), 6: dnsOf(6) },
    options: [],
  };
  if (profile.get("ipv4.method") !== "auto") return { ...own, routes: routesOf(profile, own.addresses) };
  const network = profile.get("connection.interface-name")?.startsWith("lan") ? "10.77.0" : "10.78.0";
  return {
    routes: routesOf(profile, [`${network}.99/24`]),
    addresses: [`${network}.99/24`, ...own.addresses],
    gateways: [`${network}.1`, ...own.gateways],
    dns: { ...own.dns, 4: [`${network}.1`] },
    options: [
      `ip_address = ${network}.99`,
      `dhcp_server_identifier = ${network}.1`,
      `expiry = ${Math.floor(nowMs / 1000) + 3600}`,
      "domain_name = lab.example",
    ],
  };
}

/** Those of the main table, for a profile with these addresses. */
export function routesOf(profile: ProfileProperties, addresses: readonly string[]): Gains["routes"] {
  const table = profile.get("ipv4.route-table") ?? "0";
  return (profile.get("ipv4.routes") ?? "")
    .split(",")
    .filter(Boolean)
    .map((route) => {
      const [dst = "", gateway = "", option = `table=${table}`] = route.split(" ");
      return { dst: dst.replace(/\/32$/, ""), gateway, isMain: /^table=(0|254)$/.test(option) };
    })
    .filter(({ isMain }) => isMain && addresses.length > 0)
    .map(({ dst, gateway }) => ({ dst, gateway }));
}

const yesOrNo = /^(yes|no)$/;
const number = /^\d+$/;
const anything = /^/;
const ipProperties = (family: 4 | 6) => ({
  [`ipv${family}.method`]: /^(auto|manual|disabled)$/,
  [`ipv${family}.addresses`]: anything,
  [`ipv${family}.gateway`]: anything,
  [`ipv${family}.dns`]: anything,
  [`ipv${family}.route-table`]: number,
  [`ipv${family}.may-fail`]: yesOrNo,
});

const properties: Readonly<Record<string, RegExp>> = {
  "connection.id": /./,
  "connection.interface-name": /^[^-/\s][^/\s]{0,14}$/,
  "connection.autoconnect": yesOrNo,
  "connection.autoconnect-retries": number,
  ...ipProperties(4),
  "ipv4.dad-timeout": number,
  "ipv4.dhcp-timeout": number,
  "ipv4.dns-priority": /^-?\d+$/,
  "ipv6.dns-priority": /^-?\d+$/,
  "ipv4.routes": /^(\d+(\.\d+){3}\/\d+ \d+(\.\d+){3}( table=\d+)?(,(?=\d)|$))*$/,
  ...ipProperties(6),
  "ipv6.addr-gen-mode": /^(eui64|stable-privacy)$/,
  "ipv6.ip6-privacy": /^[012]$/,
  "ipv6.ra-timeout": number,
};
const typeProperties: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  ethernet: {
    "802-3-ethernet.auto-negotiate": yesOrNo,
    "802-3-ethernet.speed": number,
    "802-3-ethernet.duplex": /^(half|full|)$/,
  },
  vlan: { "vlan.parent": /./, "vlan.id": number },
};

/**
 * Why NetworkManager would not take a profile, with nmcli's exit code; null: it would. Throws for a property that it has, but
 * that we have no business with.
 */
export function profileFlaw(profile: ProfileProperties, type: string): { code: number; text: string } | null {
  const known = { ...properties, ...typeProperties[type] };
  for (const [name, value] of profile) {
    const form = known[name];
    if (form === undefined) throw new Error(`a profile of type ${type} has no ${name} here`);
    if (!form.test(value)) return { code: 2, text: `failed to modify ${name}: '${value}' is not valid.` };
  }
  return ipFlaw(profile, 4) ?? ipFlaw(profile, 6);
}

function ipFlaw(profile: ProfileProperties, family: 4 | 6): { code: number; text: string } | null {
  const of = (name: string) => profile.get(`ipv${family}.${name}`) ?? "";
  const isAddress = (text: string) =>
    family === 4 ? ipaddr.IPv4.isValidFourPartDecimal(text) : ipaddr.IPv6.isValid(text);
  const addresses = of("addresses").split(",").filter(Boolean);
  const wrong = [...addresses.map((address) => address.split("/")[0] ?? ""), ...of("dns").split(",").filter(Boolean)]
    .concat(of("gateway") === "" ? [] : of("gateway"))
    .find((address) => !isAddress(address));
  if (wrong !== undefined) return { code: 2, text: `failed to modify: Invalid IPv${family} address '${wrong}'.` };
  const refuse = (text: string) => ({ code: 1, text: `Failed to modify connection: ipv${family}.${text}` });
  const method = of("method");
  if (method === "manual" && addresses.length === 0) {
    return refuse("addresses: this property cannot be empty for 'method=manual'");
  }
  if (of("gateway") !== "" && addresses.length === 0)
    return refuse("gateway: gateway cannot be set if there are no addresses");
  if (method === "disabled" && (addresses.length > 0 || of("dns") !== "")) {
    return refuse("addresses: this property is not allowed for 'method=disabled'");
  }
  return null;
}
