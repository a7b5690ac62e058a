/**
 * The machine's packet filter in the words of nft(8): nobody gets in, nothing is passed on, and what management and scans send
 * keeps to its ports. The kernel's other tables are left alone.
 */

/** Every table of ours, in whichever network namespace. */
export const table = "inet bezel";

/** The sets of the machine's table that are changed while it runs; see separation.ts. */
export const sets = { managementPorts: "management_ports", scanByWan: "scan_by_wan" } as const;

/** The accounts that the filter tells apart, as systemd-sysusers makes them. nft(8) looks their numbers up. */
export const accounts = { management: "bezel", scans: "bezel-scan" } as const;

export interface RulesetOptions {
  /** Interfaces, of up to 15 characters without `"`, `*` and `\`. */
  readonly lan: string;
  readonly wan: string;
  /** Whether other machines may ping the box. */
  readonly ping: boolean;
}

/** What is in force where nobody can say what should be: the configuration's default ports, and nobody pings. */
export const strictest: RulesetOptions = { lan: "lan0", wan: "wan0", ping: false };

/**
 * The ruleset of the machine, loaded as one transaction in the place of an older one of ours. Management has LAN, as at boot,
 * and scans have no way by WAN. Refuses what it keeps in with an ICMP error, so that a program fails at once.
 */
export function rulesetOf({ lan, wan, ping }: RulesetOptions): string {
  return replacing(`  # A tagged network is an interface of its own.
  set lan_ports {
    type ifname
    flags interval
    elements = { ${elements(lanPorts(lan))} }
  }
  set ${sets.managementPorts} {
    type ifname
    flags interval
    elements = { ${elements(lanPorts(lan))} }
  }
  set ${sets.scanByWan} {
    type ipv4_addr
    flags interval
    auto-merge
  }

  chain input {
    type filter hook input priority filter; policy drop;
${firstOf(ping)}
    # DHCP: to a client without an address, or by multicast, so that no request of ours is known for it.
    meta nfproto ipv4 udp sport 67 udp dport 68 accept
    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    # RFC 4861 section 6.1.2: from a router on the link.
    icmpv6 type nd-router-advert ip6 hoplimit 255 accept
${neighbours}
  }
${noForwarding}
  chain output {
    type filter hook output priority filter; policy accept;
    # DHCP is let in also where nobody waits for it, with a fixed address; the kernel would tell a scan so.
    oifname != "lo" icmp type destination-unreachable icmp code port-unreachable drop
    oifname != "lo" icmpv6 type destination-unreachable icmpv6 code port-unreachable drop
    # A connection outlives its socket: what the kernel still says for it, in TIME-WAIT say, is nobody's.
    meta skuid "${accounts.management}" ct mark set ${managementMark} goto management
    ct mark ${managementMark} goto management
    meta skuid "${accounts.scans}" goto scans
  }
  chain management {
    oifname "lo" accept
    oifname @${sets.managementPorts} accept
    reject with icmpx admin-prohibited
  }
  # Without loopback, which also leads to the box's own addresses: what listens here is not for scans.
  chain scans {
    oifname "${wan}" ip daddr @${sets.scanByWan} accept
    oifname "${wan}" reject with icmpx admin-prohibited
    oifname @lan_ports accept
    reject with icmpx admin-prohibited
  }
`);
}

/** The ruleset inside the network namespace of the scans, whose addresses are all fixed and whose networks are all theirs. */
export function scanRulesetOf({ ping }: Pick<RulesetOptions, "ping">): string {
  return replacing(`  chain input {
    type filter hook input priority filter; policy drop;
${firstOf(ping)}
${neighbours}
  }
${noForwarding}
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid "${accounts.management}" reject with icmpx admin-prohibited
  }
`);
}

/** In one transaction. The first line is for a machine that has no such table yet, on which the second would fail. */
function replacing(body: string): string {
  return `add table ${table}\ndelete table ${table}\ntable ${table} {\n${body}}\n`;
}

/**
 * Loopback, pings and answers. Pings are judged one by one: those after the first belong to what counts as a connection. ICMP
 * errors of a connection count as related to it; nothing else does. `icmp` and `icmpv6` are nft's own words; other protocols
 * it would look up in /etc/protocols, which a box need not have (package netbase).
 */
function firstOf(ping: boolean): string {
  const families = ["icmp", "icmpv6"];
  const request = (verdict: string) => families.map((family) => `${family} type echo-request ${verdict}`);
  const rules = [
    'iifname "lo" accept',
    ...(ping ? request("limit rate 50/second burst 50 packets accept") : []),
    ...request("drop"),
    "ct state established accept",
    "ct state related meta l4proto { icmp, icmpv6 } accept",
  ];
  return rules.map((rule) => `    ${rule}`).join("\n");
}

const neighbours = `    # RFC 4861 section 7.1: what a router could have passed on is none.
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    # Groups of RFC 3810: switches pass on neighbour discovery to those only who answer these.
    icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr fe80::/10 ip6 hoplimit 1 accept`;

const noForwarding = `  chain forward {
    type filter hook forward priority filter; policy drop;
  }`;

/** Of the connections of management; a number that nobody else is likely to take. */
const managementMark = "0x62657a65";

/** The kernel's limit for a name is 15 bytes (IFNAMSIZ with its NUL). */
const longestName = 15;
const longestTag = 4;

/** LAN and whatever vlanInterface calls a tagged network there; an asterisk stands for any end. */
export function lanPorts(lan: string): readonly string[] {
  const dotted = lan.length + 1 < longestName ? [`${lan}.*`] : [];
  const plain = lan.length + 1 + longestTag > longestName ? ["vlan*"] : [];
  return [lan, ...dotted, ...plain];
}

/** Of a set of interfaces. */
export function elements(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
