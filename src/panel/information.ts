import { netmask } from "../model/address.ts";
import type { Facts } from "../model/facts.ts";
import type { PortState } from "../model/network-state.ts";
import { nearTime } from "./time.ts";

/** What the box is and what it uses, a page each: the heading goes into the first row, the value below it. */
export function informationTexts({ product, settings, network, poll }: Facts): readonly string[] {
  const { lan, wan } = network;
  const isIpv6 = settings.mode === "ipv6-only";
  const at = (time: string | null) => (time === null ? "none" : nearTime(time));
  return [
    `MODEL ${product.model}`,
    `SERIAL ${product.serial}`,
    `VERSION ${product.version}`,
    ...portTexts("LAN", lan, isIpv6),
    ...(wan === null ? [] : portTexts("WAN", wan, isIpv6)),
    ...(settings.proxy === null ? [] : [`PROXY ${settings.proxy.host} ${settings.proxy.port}`]),
    `LAST POLL ${at(poll.lastAttempt)}`,
    `LAST GOOD POLL ${at(poll.lastSuccess)}`,
    `NEXT POLL ${at(poll.next)}`,
  ];
}

function portTexts(label: string, state: PortState, isIpv6: boolean): readonly string[] {
  const { mac, carrier, speedMbps, duplex, vlan, ipv4, ipv6, gateway, dns, wins, domain, lease } = state;
  const speed = speedMbps === null ? "up" : `${speedMbps} Mbit/s ${duplex ?? ""}`;
  const list = (name: string, values: readonly string[]) =>
    values.map((value, index) => `${name}${index + 1} ${value}`);
  return [
    // Twelve digits and five colons are longer than a row: the first pair goes into the row of the heading.
    `${label} MAC ${mac?.replace(":", ": ") ?? "unknown"}`,
    `${label} LINK ${carrier ? speed : "down"}`,
    ...(vlan === 0 ? [] : [`${label} VLAN ${vlan}`]),
    ...(isIpv6 ? [] : ipv4Texts(label, ipv4)),
    ...(isIpv6 && ipv6.length === 0 ? [`${label} IPv6 none`] : ipv6.map((address) => `${label} IPv6 ${address}`)),
    `${label} GATEWAY ${gateway ?? "none"}`,
    ...(dns.length === 0 ? [`${label} DNS none`] : list(`${label} DNS`, dns)),
    ...list(`${label} WINS`, wins),
    ...(domain === null ? [] : [`WINS DOMAIN ${domain}`]),
    ...(lease === null ? [] : [`${label} LEASE TO ${nearTime(lease.expires)}`]),
    ...(lease === null || lease.server === null ? [] : [`DHCP SERVER ${lease.server}`]),
  ];
}

function ipv4Texts(label: string, addresses: readonly string[]): readonly string[] {
  if (addresses.length === 0) return [`${label} IP none`];
  return addresses.flatMap((one) => {
    const [address = "", prefixLength = ""] = one.split("/");
    return [`${label} IP ${address}`, `${label} NETMASK ${netmask(Number(prefixLength))}`];
  });
}
