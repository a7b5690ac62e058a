import { describe, expect, it } from "vitest";
import { parseProfiles } from "../../../../src/network/networkmanager/profile-facts.ts";

/** nmcli 1.42.4 of a profile with a lease, then one of a profile that is not active. */
const captured = `connection.uuid:7f0b5a3e-6a7b-4a51-9a4e-000000000001
connection.interface-name:lan0
connection.autoconnect:yes
ipv4.method:auto
ipv6.method:auto
GENERAL.STATE:activated
IP4.DNS[1]:10.77.0.1
IP4.DNS[2]:10.77.0.2
IP6.DNS[1]:2001:db8::1
DHCP4.OPTION[1]:broadcast_address = 10.77.0.255
DHCP4.OPTION[2]:dhcp_client_identifier = 01:2e:91:6f:44:d7:d6
DHCP4.OPTION[4]:dhcp_server_identifier = 10.77.0.1
DHCP4.OPTION[5]:domain_name = corp.example
DHCP4.OPTION[7]:expiry = 1795407200
DHCP4.OPTION[10]:netbios_name_servers = 10.77.0.8 10.77.0.9
DHCP4.OPTION[30]:subnet_mask = 255.255.255.0

connection.uuid:7f0b5a3e-6a7b-4a51-9a4e-000000000003
connection.interface-name:lan0.20
connection.autoconnect:no
ipv4.method:manual
ipv6.method:disabled
vlan.id:20
`;

describe("nmcli connection show", () => {
  it("of an active profile and one that is not", () => {
    expect(parseProfiles(captured)).toEqual([
      {
        uuid: "7f0b5a3e-6a7b-4a51-9a4e-000000000001",
        interface: "lan0",
        autoconnect: true,
        state: "activated",
        method4: "auto",
        method6: "auto",
        vlan: 0,
        dns4: ["10.77.0.1", "10.77.0.2"],
        dns6: ["2001:db8::1"],
        options: new Map([
          ["broadcast_address", "10.77.0.255"],
          ["dhcp_client_identifier", "01:2e:91:6f:44:d7:d6"],
          ["dhcp_server_identifier", "10.77.0.1"],
          ["domain_name", "corp.example"],
          ["expiry", "1795407200"],
          ["netbios_name_servers", "10.77.0.8 10.77.0.9"],
          ["subnet_mask", "255.255.255.0"],
        ]),
      },
      {
        uuid: "7f0b5a3e-6a7b-4a51-9a4e-000000000003",
        interface: "lan0.20",
        autoconnect: false,
        state: "",
        method4: "manual",
        method6: "disabled",
        vlan: 20,
        dns4: [],
        dns6: [],
        options: new Map(),
      },
    ]);
  });

  it.each([
    ["nothing", ""],
    ["values before any profile", "ipv4.method:auto\n"],
    ["other words", "Error: something\n: \n[1]:x\n"],
  ])("of %s is no profile", (_, text) => expect(parseProfiles(text)).toEqual([]));

  it("bounds lists and takes addresses only", () => {
    const many = Array.from({ length: 3000 }, (_, n) => `IP4.DNS[${n + 1}]:10.0.0.${n % 300}`).join("\n");
    const [profile] = parseProfiles(`connection.uuid:x\nvlan.id:none\n${many}\nIP6.DNS[1]:10.0.0.1.2\n`);
    expect(profile?.dns4.length).toBeLessThanOrEqual(500);
    expect(profile?.dns4).not.toContain("10.0.0.256");
    expect(profile).toMatchObject({ vlan: 0, dns6: [] });
  });
});
