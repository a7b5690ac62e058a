import { netmask } from "../model/address.ts";
import type { Facts } from "../model/facts.ts";
import { neverExpires, type PortState } from "../model/network-state.ts";
import { headed, type ReadingText } from "./reading-text.ts";
import { nearTime } from "./time.ts";

/** What the box is and what it uses, a page each. What is not there and need not be has none. */
export function informationTexts({ product, settings, network, poll }: Facts): readonly ReadingText[] {
  const { lan, wan } = network;
  const isIpv6 = settings.mode === "ipv6-only";
  const at = (time: string | null) => (time === null ? "none" : nearTime(time));
  return [
    headed("MODEL", product.model),
    headed("SERIAL", product.serial),
    headed("VERSION", product.version),
    ...portTexts("LAN", lan, isIpv6),
    ...(wan === null ? [] : portTexts("WAN", wan, isIpv6)),
    ...(settings.proxy === null ? [] : [headed("PROXY", `${settings.proxy.host} ${settings.proxy.port}`)]),
    headed("LAST POLL", at(poll.lastAttempt)),
    headed("LAST SUCCESS", at(poll.lastSuccess)),
    headed("NEXT POLL", at(poll.next)),
  ];
}

function portTexts(label: "LAN" | "WAN", state: PortState, isIpv6: boolean): readonly ReadingText[] {
  const { mac, carrier, speedMbps, duplex, vlan, ipv4, ipv6, gateway, dns, wins, domain, lease } = state;
  const speed = speedMbps === null ? "up" : `${speedMbps} Mbit/s ${duplex ?? ""}`;
  const list = (name: string, values: readonly string[]) =>
    values.map((value, index) => headed(`${label} ${name}${index + 1}`, value));
  return [
    macText(label, mac),
    headed(`${label} LINK`, carrier ? speed : "down"),
    ...(vlan === 0 ? [] : [headed(`${label} VLAN`, String(vlan))]),
    ...(isIpv6 ? [] : ipv4Texts(label, ipv4)),
    ...(isIpv6 && ipv6.length === 0
      ? [headed(`${label} IPv6`, "none")]
      : ipv6.map((ip) => headed(`${label} IPv6`, ip))),
    headed(`${label} GATEWAY`, gateway ?? "none"),
    ...(dns.length === 0 ? [headed(`${label} DNS`, "none")] : list("DNS", dns)),
    ...list("WINS", wins),
    // The guide asks for WINS on LAN alone.
    ...(domain === null || label === "WAN" ? [] : [headed("WINS DOMAIN", domain)]),
    ...(lease === null
      ? []
      : [headed(`${label} LEASE TO`, lease.expires === neverExpires ? "NO END" : nearTime(lease.expires))]),
    ...(lease === null || lease.server === null ? [] : [headed(`${label} DHCP`, lease.server)]),
  ];
}

/** Twelve digits and five colons are longer than a row: the first pair stands in the row of the heading. */
function macText(label: string, mac: string | null): ReadingText {
  return mac === null ? headed(`${label} MAC`, "unknown") : headed(`${label} MAC ${mac.slice(0, 3)}`, mac.slice(3));
}

function ipv4Texts(label: string, addresses: readonly string[]): readonly ReadingText[] {
  if (addresses.length === 0) return [headed(`${label} IP`, "none")];
  return addresses.flatMap((one) => {
    const [address = "", prefixLength = ""] = one.split("/");
    return [headed(`${label} IP`, address), headed(`${label} NETMASK`, netmask(Number(prefixLength)))];
  });
}
