import ipaddr from "ipaddr.js";

export type ProfileProperties = ReadonlyMap<string, string>;

/** The model's wires, as those of the lab: 10.77.0.0/24 on LAN, 10.78.0.0/24 on WAN, the router is .1. */
export function networkOf(interfaceName: string): string {
  return interfaceName.startsWith("lan") ? "10.77.0" : "10.78.0";
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
