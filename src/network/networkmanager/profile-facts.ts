import ipaddr from "ipaddr.js";

/** What NetworkManager says of one profile and, where it is active, of what came with it. */
export interface ProfileFacts {
  readonly uuid: string;
  /** The interface that the addresses are on. */
  readonly interface: string;
  /** NetworkManager activates it by itself when there is an occasion. */
  readonly autoconnect: boolean;
  /** `activating`, `activated` or `deactivating`; empty: it is not active. */
  readonly state: string;
  readonly method4: string;
  readonly method6: string;
  /** 0: no VLAN. */
  readonly vlan: number;
  readonly dns4: readonly string[];
  readonly dns6: readonly string[];
  /** DHCPv4 options by NetworkManager's names for them. */
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Not IP4.GATEWAY: it is empty for a profile with a routing table of its own. Nor IP4.ADDRESS: the kernel knows addresses
 * better.
 */
export const profileFields =
  "connection.uuid,connection.interface-name,connection.autoconnect,ipv4.method,ipv6.method,vlan.id,GENERAL.STATE,IP4.DNS,IP6.DNS,DHCP4.OPTION";

/** A lease has some 30 options. */
const mostValues = 500;

/** From `nmcli --terse connection show`: a property a line, nothing escaped; lists are numbered: `IP4.DNS[1]:10.0.0.1`. */
export function parseProfiles(text: string): readonly ProfileFacts[] {
  const profiles: Map<string, string[]>[] = [];
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([^:[]+)(?:\[\d+\])?:(.*)$/.exec(line) ?? [];
    if (name === "connection.uuid") profiles.push(new Map());
    const values = profiles.at(-1);
    if (values === undefined || name === "") continue;
    const list = values.get(name) ?? [];
    if (value !== "" && list.length < mostValues) list.push(value);
    values.set(name, list);
  }
  return profiles.map(profileOf);
}

function profileOf(values: ReadonlyMap<string, readonly string[]>): ProfileFacts {
  const all = (name: string) => values.get(name) ?? [];
  const one = (name: string) => all(name)[0] ?? "";
  const tag = Number(one("vlan.id"));
  return {
    uuid: one("connection.uuid"),
    interface: one("connection.interface-name"),
    autoconnect: one("connection.autoconnect") === "yes",
    state: one("GENERAL.STATE"),
    method4: one("ipv4.method"),
    method6: one("ipv6.method"),
    vlan: Number.isInteger(tag) ? tag : 0,
    dns4: all("IP4.DNS").filter((server) => ipaddr.IPv4.isValidFourPartDecimal(server)),
    dns6: all("IP6.DNS").filter((server) => ipaddr.IPv6.isValid(server)),
    options: new Map(
      all("DHCP4.OPTION").flatMap((option) => {
        const [, name, value] = /^(\w+) = (.*)$/.exec(option) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}
