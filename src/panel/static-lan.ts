import { canonicalIpv4 } from "../model/address.ts";
import type { Facts } from "../model/facts.ts";
import { checkDomain, checkGateway, checkHostAddress, checkPrefixLength } from "../model/validate.ts";
import { ipv4Field } from "./fields/digits.ts";
import { netmaskField } from "./fields/netmask.ts";
import { domainRules } from "./fields/rules.ts";
import { textField } from "./fields/text.ts";
import type { Entered, FieldRow, Procedure } from "./procedure-parts.ts";

interface InForce {
  readonly address: string;
  readonly prefixLength: string;
  readonly gateway: string;
  readonly dns: readonly string[];
  readonly wins: readonly string[];
  readonly domain: string;
}

/** What LAN uses now: the static settings, else what the lease brought. Empty strings where there is nothing. */
function inForce({ settings, network }: Facts): InForce {
  const { ipv4 } = settings.lan;
  if (ipv4.method === "static") {
    return { ...ipv4, prefixLength: String(ipv4.prefixLength), domain: ipv4.domain ?? "" };
  }
  const { lan } = network;
  const [address = "", prefixLength = ""] = lan.ipv4[0]?.split("/") ?? [];
  const usable = (text: string) => canonicalIpv4(text) ?? "";
  return {
    address: usable(address),
    prefixLength,
    gateway: usable(lan.gateway ?? ""),
    dns: lan.dns.map(usable).filter((server) => server !== ""),
    wins: lan.wins.map(usable).filter((server) => server !== ""),
    domain: lan.domain !== null && checkDomain(lan.domain) === null ? lan.domain : "",
  };
}

function address(
  name: string,
  prompt: string,
  optional: boolean,
  initial: (now: InForce) => string | undefined,
  check: FieldRow["check"] = checkHostAddress,
): FieldRow {
  return {
    id: `lan-static/${name}`,
    name,
    prompt,
    optional,
    initial: (facts) => initial(inForce(facts)) ?? "",
    open: ipv4Field,
    check,
  };
}

const fields: readonly FieldRow[] = [
  address("address", "LAN IP ADDR", false, (now) => now.address),
  {
    id: "lan-static/netmask",
    name: "netmask",
    prompt: "LAN NETMASK",
    optional: false,
    initial: (facts) => inForce(facts).prefixLength,
    open: netmaskField,
    check: (value, entered) => checkPrefixLength(Number(value), of(entered, "address")),
  },
  address(
    "gateway",
    "LAN GATEWAY",
    false,
    (now) => now.gateway,
    (value, entered) => checkGateway(value, of(entered, "address"), Number(of(entered, "netmask"))),
  ),
  address("dns1", "LAN DNS1", false, (now) => now.dns[0]),
  address("dns2", "LAN DNS2", true, (now) => now.dns[1]),
  address("wins1", "LAN WINS1", true, (now) => now.wins[0]),
  address("wins2", "LAN WINS2", true, (now) => now.wins[1]),
  {
    id: "lan-static/domain",
    name: "domain",
    prompt: "DOMAIN NAME",
    optional: true,
    initial: (facts) => inForce(facts).domain,
    open: textField(domainRules),
    check: checkDomain,
  },
];

/** The value of a field that stands before the present one. */
function of(entered: Entered, name: string): string {
  const value = entered[name];
  if (value === undefined) throw new Error(`field ${name} has not been entered yet`);
  return value;
}

/** A static IPv4 address on LAN. */
export const staticLan: Procedure = {
  begin: { id: "begin/static-lan", text: "CFG LAN STATIC NETWORK PARAMS?" },
  fields,
  confirm: { id: "confirm/static-lan", text: "REALLY SET LAN STATIC NETWORK?" },
  effect: (entered, { settings }) => ({
    type: "change-settings",
    settings: {
      ...settings,
      lan: {
        ...settings.lan,
        ipv4: {
          method: "static",
          address: of(entered, "address"),
          prefixLength: Number(of(entered, "netmask")),
          gateway: of(entered, "gateway"),
          dns: given(entered, "dns1", "dns2"),
          wins: given(entered, "wins1", "wins2"),
          domain: of(entered, "domain") === "" ? null : of(entered, "domain"),
        },
      },
    },
    progress: { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" },
  }),
};

function given(entered: Entered, ...names: readonly string[]): readonly string[] {
  return names.map((name) => of(entered, name)).filter((value) => value !== "");
}
