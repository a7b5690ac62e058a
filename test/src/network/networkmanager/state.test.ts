import { describe, expect, it } from "vitest";
import type { ProfileFacts } from "../../../../src/network/networkmanager/profile-facts.ts";
import {
  isUnfinished,
  lastUpOf,
  type PortFacts,
  portState,
  withLastUp,
} from "../../../../src/network/networkmanager/state.ts";

const profile: ProfileFacts = {
  uuid: "any",
  interface: "lan0",
  autoconnect: true,
  state: "activated",
  method4: "auto",
  method6: "auto",
  vlan: 0,
  dns4: ["10.77.0.1"],
  dns6: ["2001:db8::53"],
  options: new Map([
    ["ip_address", "10.77.0.59"],
    ["dhcp_server_identifier", "10.77.0.1"],
    ["expiry", "1795407200"],
    ["domain_name", "corp.example"],
    ["netbios_name_servers", "10.77.0.8 10.77.0.9"],
  ]),
};
const facts: PortFacts = {
  interface: "lan0",
  link: { present: true, mac: "02:00:00:00:00:01", carrier: true, speedMbps: 1000, duplex: "full" },
  mode: "auto",
  profile,
  kernel: {
    rules: [],
    orderedRoutes: [
      { interface: "lan0", destination: "10.9.0.0/16", gateway: "10.77.0.9" },
      { interface: "wan0", destination: "10.8.0.0/16", gateway: "10.78.0.9" },
    ],
    addresses: [
      { interface: "lan0", family: 4, address: "10.77.0.59/24" },
      { interface: "lan0", family: 6, address: "2001:db8::7/64" },
      { interface: "lan0.20", family: 4, address: "10.20.0.9/24" },
      { interface: "wan0", family: 4, address: "10.78.0.87/24" },
    ],
    defaultRoutes: [
      { interface: "wan0", family: 4, gateway: "10.78.0.1", metric: 1 },
      { interface: "lan0", family: 6, gateway: "fe80::1", metric: 100 },
      { interface: "lan0", family: 4, gateway: "10.77.0.1", metric: 100 },
      { interface: "lan0", family: 4, gateway: "10.77.0.2", metric: 200 },
      { interface: "lan0.20", family: 4, gateway: "10.20.0.1", metric: 300 },
    ],
  },
  askedWins: [],
  holder: null,
};
const of = (change: Partial<PortFacts>) => portState({ ...facts, ...change });
const withOptions = (...options: [string, string][]) => of({ profile: { ...profile, options: new Map(options) } });

describe("the state of a port", () => {
  it("has the WINS servers that came with the lease, else those that were asked for", () => {
    const askedWins = ["10.77.0.7"];
    expect(of({ askedWins }).wins).toEqual(["10.77.0.8", "10.77.0.9"]);
    const bare = new Map([["ip_address", "10.77.0.59"]]);
    expect(of({ askedWins, profile: { ...profile, options: bare } }).wins).toEqual(askedWins);
    expect(of({ askedWins, profile: { ...profile, options: bare, method4: "manual" } }).wins).toEqual([]);
  });

  it("with a lease", () => {
    expect(of({})).toEqual({
      interface: "lan0",
      configured: true,
      present: true,
      mac: "02:00:00:00:00:01",
      carrier: true,
      speedMbps: 1000,
      duplex: "full",
      link: "auto",
      vlan: 0,
      method: "dhcp",
      ipv4: ["10.77.0.59/24"],
      ipv6: ["2001:db8::7/64"],
      gateway: "10.77.0.1",
      dns: ["10.77.0.1"],
      wins: ["10.77.0.8", "10.77.0.9"],
      domain: "corp.example",
      lease: { server: "10.77.0.1", expires: "2026-11-23T04:13:20.000Z" },
      routes: [{ destination: "10.9.0.0/16", gateway: "10.77.0.9" }],
      duplicate: null,
    });
  });

  it("without a profile has no addresses, whoever gave the port some", () => {
    expect(of({ profile: null })).toMatchObject({ configured: false, ipv4: [], ipv6: [], gateway: null, dns: [] });
  });

  it.each<[string, Partial<ProfileFacts>, object]>([
    ["static", { method4: "manual" }, { lease: null, wins: [], domain: null, gateway: "10.77.0.1" }],
    ["auto6", { method4: "disabled" }, { lease: null, gateway: "fe80::1", dns: ["2001:db8::53"] }],
    ["static6", { method4: "disabled", method6: "manual" }, { lease: null, gateway: "fe80::1", dns: ["2001:db8::53"] }],
    ["dhcp", { interface: "lan0.20", vlan: 20 }, { ipv4: ["10.20.0.9/24"], gateway: "10.20.0.1", vlan: 20 }],
  ])("%s", (method, change, expected) => {
    expect(of({ profile: { ...profile, ...change } })).toMatchObject({ method, ...expected });
  });

  it("has a lease for ever where the server says so", () => {
    const options = new Map(profile.options);
    options.delete("expiry");
    expect(of({ profile: { ...profile, options } }).lease).toBeNull();
    options.set("dhcp_lease_time", "4294967295");
    expect(of({ profile: { ...profile, options } }).lease).toEqual({
      server: "10.77.0.1",
      expires: "9999-12-31T23:59:59.000Z",
    });
  });

  it("has no lease without its address", () => {
    const kernel = { ...facts.kernel, addresses: [] };
    expect(of({ kernel })).toMatchObject({ ipv4: [], lease: null, domain: null, wins: [] });
  });

  it.each<[string, [string, string][], object]>([
    ["nothing", [], { lease: null, domain: null, wins: [] }],
    ["no server", [["expiry", "1795407200"]], { lease: { server: null } }],
    [
      "a server that is no address",
      [
        ["expiry", "1"],
        ["dhcp_server_identifier", "me"],
      ],
      { lease: { server: null } },
    ],
    ["a time that is none", [["expiry", "soon"]], { lease: null }],
    ["a time beyond all calendars", [["expiry", "99999999999999999"]], { lease: null }],
    ["a domain that is no name", [["domain_name", "a\u001b[2Jb"]], { domain: null }],
    ["a domain without end", [["domain_name", "a".repeat(254)]], { domain: null }],
    ["WINS servers that are none", [["netbios_name_servers", "10.0.0.1 x  10.0.0.256"]], { wins: ["10.0.0.1"] }],
  ])("a server that sends %s", (_, options, expected) => expect(withOptions(...options)).toMatchObject(expected));

  const bare = { ...facts.kernel, addresses: [] };
  const before = { interface: "lan0", family: 4, address: "10.77.0.40/24" } as const;
  const beside = { ...facts.kernel, addresses: [before, ...facts.kernel.addresses] };
  const cut = { ...facts.link, carrier: false };
  it.each<[string, boolean, Partial<ProfileFacts>, Partial<PortFacts>]>([
    ["is taken down, with a cable: nobody will bring it back", false, { state: "" }, { kernel: bare }],
    ["is being taken down", false, { state: "deactivating" }, { kernel: bare }],
    ["waits for a cable", true, { state: "" }, { kernel: bare, link: cut }],
    ["waits for a cable that will not help it", false, { state: "", autoconnect: false }, { kernel: bare, link: cut }],
    ["is not active yet after a restart of NetworkManager", true, { state: "" }, {}],
    ["asks for a lease", true, { state: "activating", autoconnect: false }, { kernel: bare }],
    ["has a lease whose address was taken away", false, {}, { kernel: bare }],
    ["has a lease and has just lost its cable", true, {}, { kernel: bare, link: cut }],
    ["has lost its lease and asks again", true, { options: new Map() }, { kernel: bare }],
    ["was rewritten to DHCP, while its port keeps a fixed address", false, { options: new Map() }, {}],
    ["has the fixed address beside its lease that it had before", false, {}, { kernel: beside }],
    ["has both without a cable", true, {}, { kernel: beside, link: cut }],
    [
      "has a fixed address, which says by itself whether it is there",
      true,
      { state: "", method4: "manual" },
      { kernel: bare },
    ],
    ["waits for no router", false, { state: "", method4: "disabled" }, { kernel: bare }],
    ["has an address from a router", true, { state: "", method4: "disabled" }, {}],
  ])("a profile that %s", (_, configured, change, rest) => {
    expect(of({ profile: { ...profile, ...change }, ...rest }).configured).toBe(configured);
  });

  it("names the holder of the address until the port has it or loses its cable", () => {
    const holder = { address: "10.77.0.60/24", mac: "02:00:00:00:00:66" };
    const fixed = { holder, profile: { ...profile, method4: "manual" } };
    expect(of(fixed)).toMatchObject({ duplicate: "02:00:00:00:00:66", duplicateAddress: "10.77.0.60" });
    expect(of({ ...fixed, holder: { ...holder, address: "10.77.0.59/24" } }).duplicate).toBeNull();
    expect(of({ ...fixed, link: { ...facts.link, carrier: false } }).duplicate).toBeNull();
  });

  it("names the holder of a lease's address until a server has given any other", () => {
    const holder = { address: "10.77.0.60/24", mac: "02:00:00:00:00:66" };
    const bare = { ...facts.kernel, addresses: [] };
    expect(of({ holder, kernel: bare })).toMatchObject({ duplicate: holder.mac, duplicateAddress: "10.77.0.60" });
    expect(of({ holder })).toMatchObject({ ipv4: ["10.77.0.59/24"], duplicate: null });
    expect(of({ holder })).not.toHaveProperty("duplicateAddress");
  });
});

describe("what NetworkManager has to tell beside the kernel's addresses", () => {
  const bare = { ...facts.kernel, addresses: [] };
  const none = new Map<string, string>();
  it.each<[string, boolean, Partial<ProfileFacts>, PortFacts["kernel"]]>([
    ["has come with the lease", false, {}, facts.kernel],
    ["is to come while it activates", true, { state: "activating", options: none }, facts.kernel],
    ["is to come without a lease in hand", true, { options: none }, facts.kernel],
    ["is all there of a fixed address", false, { method4: "manual", options: none }, facts.kernel],
    ["is not waited for before there is an address", false, { state: "activating", options: none }, bare],
    ["is not waited for when it is down", false, { state: "", options: none }, facts.kernel],
  ])("%s", (_, expected, change, kernel) => {
    expect(isUnfinished({ ...profile, ...change }, kernel)).toBe(expected);
  });

  it("is nothing without a profile", () => {
    expect(isUnfinished(null, facts.kernel)).toBe(false);
  });
});

describe("a profile that comes up again", () => {
  const again: ProfileFacts = { ...profile, state: "activating", dns4: [], dns6: [], options: new Map() };
  const { kernel } = facts;
  const last = lastUpOf(profile, kernel);
  const seen = (change: Partial<ProfileFacts>, shown = kernel) => withLastUp({ ...again, ...change }, last, shown);
  const elsewhere = { ...kernel, addresses: [{ interface: "lan0", family: 4, address: "10.77.0.60/24" } as const] };

  it.each(["activating", "", "deactivating"])("keeps what it had (%j)", (state) =>
    expect(seen({ state })).toEqual({ ...profile, state }),
  );

  it.each<[string, ProfileFacts, ProfileFacts]>([
    ["up", seen({ state: "activated" }), { ...again, state: "activated" }],
    ["another profile", seen({ uuid: "other" }), { ...again, uuid: "other" }],
    ["on another interface", seen({ interface: "wan0" }), { ...again, interface: "wan0" }],
    ["ordered to another method", seen({ method4: "manual" }), { ...again, method4: "manual" }],
    ["with another address", seen({}, elsewhere), again],
    ["without an address", seen({}, { ...kernel, addresses: [] }), again],
    ["that was never up", withLastUp(again, null, kernel), again],
  ])("does not where it is %s", (_, shown, expected) => expect(shown).toEqual(expected));

  it("believes what it is told already", () => {
    const options = new Map([["ip_address", "10.77.0.59"]]);
    expect(seen({ options })).toMatchObject({ options, dns4: [], dns6: profile.dns6 });
    expect(seen({ dns6: ["2001:db8::1"] })).toMatchObject({ dns4: profile.dns4, dns6: ["2001:db8::1"] });
  });

  it("has not been up without an address or an activation", () => {
    expect(lastUpOf(null, kernel)).toBeNull();
    expect(lastUpOf(again, kernel)).toBeNull();
    expect(lastUpOf(profile, { ...kernel, addresses: [] })).toBeNull();
    expect(last).toEqual({ profile, addresses: ["10.77.0.59/24"] });
  });
});
