import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Configure,
  type Profile,
  profilesOf,
  profileUuids,
} from "../../../../src/network/networkmanager/profile.ts";
import { wishesOf } from "../../../../src/network/plan.ts";
import { orderDhcp, orderStatic, orderStatic6 } from "../../../contract/network-backend.ts";
import { profileFlaw } from "../../../support/model-profile.ts";
import { anySettings } from "../../../support/some-settings.ts";
import { interfaces } from "./rig.ts";

const listOf = (profile: Profile | null) =>
  (profile?.properties ?? []).map(([name, value]) => `${name} ${value}`.trim());
const of = (order: Configure) => profilesOf(order, interfaces);

/** What the order makes different from LAN with DHCP. */
const changes = (order: Configure) => {
  const before = new Set(listOf(of(orderDhcp).port));
  return listOf(of(order).port).filter((line) => !before.has(line));
};

describe("profiles", () => {
  it("LAN with DHCP, every property", () => {
    const { port, vlan } = of(orderDhcp);
    expect(port).toMatchObject({ uuid: profileUuids.lan, type: "ethernet", interface: "lan0", fixed: null });
    expect(vlan).toBeNull();
    expect(listOf(port)).toEqual([
      "connection.id bezel-lan",
      "connection.interface-name lan0",
      "connection.autoconnect yes",
      "802-3-ethernet.auto-negotiate no",
      "802-3-ethernet.speed 0",
      "802-3-ethernet.duplex",
      "connection.autoconnect-retries 0",
      "ipv4.method auto",
      "ipv4.addresses",
      "ipv4.gateway",
      "ipv4.dns",
      "ipv4.dns-priority -100",
      "ipv4.route-table 0",
      "ipv4.routes",
      "ipv4.may-fail no",
      "ipv4.dad-timeout 1000",
      "ipv4.dhcp-timeout 30",
      "ipv6.method auto",
      "ipv6.addresses",
      "ipv6.gateway",
      "ipv6.dns",
      "ipv6.dns-priority -100",
      "ipv6.route-table 0",
      "ipv6.may-fail yes",
      "ipv6.addr-gen-mode eui64",
      "ipv6.ip6-privacy 0",
      "ipv6.ra-timeout 15",
    ]);
  });

  const routes = [
    { destination: "10.9.0.0/16", gateway: "10.77.0.9" },
    { destination: "10.10.0.5/32", gateway: "10.77.0.8" },
  ];
  it.each<[string, Configure, readonly string[]]>([
    [
      "a fixed address",
      orderStatic,
      [
        "connection.autoconnect-retries 1",
        "ipv4.method manual",
        "ipv4.addresses 10.77.0.20/24",
        "ipv4.gateway 10.77.0.1",
        "ipv4.dns 10.77.0.3,10.77.0.2",
      ],
    ],
    ["routes by LAN", { ...orderDhcp, routes }, ["ipv4.routes 10.9.0.0/16 10.77.0.9,10.10.0.5/32 10.77.0.8"]],
    [
      "WAN, whose routes for scans go to the main table",
      { ...orderDhcp, port: "wan", routes },
      [
        "connection.id bezel-wan",
        "connection.interface-name wan0",
        "ipv4.dns-priority 100",
        "ipv4.route-table 100",
        "ipv4.routes 10.9.0.0/16 10.77.0.9 table=254,10.10.0.5/32 10.77.0.8 table=254",
        "ipv6.method disabled",
        "ipv6.dns-priority 100",
        "ipv6.route-table 100",
      ],
    ],
    [
      "IPv6 by the router, with a name server of our own",
      { ...orderDhcp, mode: "ipv6-only", ipv6: { method: "auto", dns: ["2001:db8::5"] } },
      ["ipv4.method disabled", "ipv4.may-fail yes", "ipv6.dns 2001:db8::5", "ipv6.may-fail no"],
    ],
    [
      "a fixed IPv6 address",
      orderStatic6,
      [
        "connection.autoconnect-retries 1",
        "ipv4.method disabled",
        "ipv4.may-fail yes",
        "ipv6.method manual",
        "ipv6.addresses 2001:db8:77::20/64",
        "ipv6.gateway 2001:db8:77::1",
        "ipv6.dns 2001:db8:77::5",
        "ipv6.may-fail no",
      ],
    ],
    [
      "a VLAN: the port itself has no addresses",
      { ...orderStatic, vlan: 20 },
      ["ipv4.method disabled", "ipv6.method disabled"],
    ],
  ])("%s", (_, order, expected) => expect(changes(order)).toEqual(expected));

  it("the tagged network has what the port would have had", () => {
    const { vlan } = of({ ...orderStatic, vlan: 20 });
    const untagged = of(orderStatic).port;
    expect(vlan).toMatchObject({
      uuid: profileUuids.vlan,
      type: "vlan",
      interface: "lan0.20",
      vlan: 20,
      fixed: "10.77.0.20/24",
    });
    expect(listOf(vlan).slice(0, 5)).toEqual([
      "connection.id bezel-lan-vlan",
      "connection.interface-name lan0.20",
      "connection.autoconnect yes",
      "vlan.parent lan0",
      "vlan.id 20",
    ]);
    expect(listOf(vlan).slice(5)).toEqual(listOf(untagged).slice(6));
  });

  it("every order sets the same properties once, in a way that NetworkManager takes", () => {
    const namesOf = (profile: Profile) => profile.properties.map(([name]) => name).sort();
    const all = { ethernet: namesOf(of(orderDhcp).port), vlan: namesOf(of({ ...orderDhcp, vlan: 1 }).vlan as Profile) };
    fc.assert(
      fc.property(anySettings, (settings) => {
        const wishes = wishesOf(settings);
        for (const wish of [wishes.lan, wishes.wan]) {
          if (wish === null) continue;
          const { port, vlan } = of({ kind: "configure", ...wish });
          for (const profile of [port, vlan]) {
            if (profile === null) continue;
            expect(namesOf(profile)).toEqual(all[profile.type]);
            expect(profileFlaw(new Map(profile.properties), profile.type)).toBeNull();
          }
        }
      }),
    );
  });
});
