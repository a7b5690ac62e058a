import type { PortName, Settings, StaticIpv4 } from "../../model/settings.ts";
import { checkDomain, checkGateway, checkHostAddress, checkPrefixLength } from "../../model/validate.ts";
import { ipv4Field } from "../fields/digits.ts";
import { netmaskField } from "../fields/netmask.ts";
import { domainRules } from "../fields/rules.ts";
import { textField } from "../fields/text.ts";
import { type InForce, ipv4InForce } from "../in-force.ts";
import { change, type Entered, type FieldRow, given, of, type Procedure } from "../procedure-parts.ts";

/** A static IPv4 address on a port. WINS servers and domain are passed to scans, and scans go by LAN. */
export function staticIpv4(port: PortName): Procedure {
  const label = port.toUpperCase();
  const server = (name: string, optional: boolean, initial: (now: InForce) => string | undefined): FieldRow => ({
    id: `${port}-static/${name}`,
    name,
    prompt: `${label} ${name.toUpperCase()}`,
    optional,
    initial: (facts) => initial(ipv4InForce(facts, port)) ?? "",
    open: ipv4Field,
    check: checkHostAddress,
  });
  const fields: readonly FieldRow[] = [
    { ...server("address", false, (now) => now.address), prompt: `${label} IP ADDR` },
    {
      id: `${port}-static/netmask`,
      name: "netmask",
      prompt: `${label} NETMASK`,
      optional: false,
      initial: (facts) => ipv4InForce(facts, port).prefixLength,
      open: netmaskField,
      check: (value, entered) => checkPrefixLength(Number(value), of(entered, "address")),
    },
    {
      ...server("gateway", false, (now) => now.gateway),
      check: (value, entered) => checkGateway(value, of(entered, "address"), Number(of(entered, "netmask"))),
    },
    server("dns1", false, (now) => now.dns[0]),
    server("dns2", true, (now) => now.dns[1]),
  ];
  const forScans: readonly FieldRow[] = [
    server("wins1", true, (now) => now.wins[0]),
    server("wins2", true, (now) => now.wins[1]),
    {
      id: `${port}-static/domain`,
      name: "domain",
      prompt: "DOMAIN NAME",
      optional: true,
      initial: (facts) => ipv4InForce(facts, port).domain,
      open: textField(domainRules),
      check: checkDomain,
    },
  ];

  return {
    begin: { id: `begin/static-${port}`, text: `CFG ${label} STATIC NETWORK PARAMS?` },
    fields: port === "lan" ? [...fields, ...forScans] : fields,
    confirm: { id: `confirm/static-${port}`, text: `REALLY SET ${label} STATIC NETWORK?` },
    effect: (entered, { settings }) =>
      change(withIpv4(settings, port, ipv4Of(port, entered)), `static-${port}`, `ENABLING STATIC IP ON ${label}`),
  };
}

function ipv4Of(port: PortName, entered: Entered): StaticIpv4 {
  return {
    method: "static",
    address: of(entered, "address"),
    prefixLength: Number(of(entered, "netmask")),
    gateway: of(entered, "gateway"),
    dns: given(entered, "dns1", "dns2"),
    wins: port === "lan" ? given(entered, "wins1", "wins2") : [],
    domain: port === "lan" ? of(entered, "domain") || null : null,
  };
}

/** The settings with this IPv4 configuration of a port; WAN is there from then on. */
export function withIpv4(settings: Settings, port: PortName, ipv4: Settings["lan"]["ipv4"]): Settings {
  if (port === "lan") return { ...settings, lan: { ...settings.lan, ipv4 } };
  return { ...settings, wan: { link: settings.wan?.link ?? "auto", ipv4 } };
}
