import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NetworkState } from "../../../src/model/network-state.ts";
import { noScanSettings } from "../../../src/model/scan.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { checkSettings } from "../../../src/model/validate.ts";
import { describeOperation } from "../../../src/network/describe.ts";
import { plan, separationOf } from "../../../src/network/plan.ts";
import { missing } from "../../../src/network/verify.ts";
import { createModelBackend, type ModelBackend } from "../../support/model-backend.ts";
import { somePort } from "../../support/some-facts.ts";
import { anySettings, someStatic, someStaticSettings } from "../../support/some-settings.ts";

const factory = factorySettings();
const all = new Set(["lan", "wan", "separation"] as const);
const words = (desired: Settings, observed: NetworkState, previous: Settings | null) =>
  plan(desired, observed, previous).map(describeOperation);

async function carryOut(backend: ModelBackend, desired: Settings, previous: Settings | null) {
  for (const operation of plan(desired, backend.current(), previous)) {
    expect(await backend.perform(operation, new AbortController().signal)).toEqual({ ok: true, value: null });
  }
}

/** One route to 10.9.0.0/16. */
const routed = (via: "lan" | "wan", gateway: string) => ({
  ...noScanSettings,
  routes: [{ id: "r", destination: "10.9.0.0/16", gateway, via }],
});

describe("plan", () => {
  const leased: NetworkState = { lan: somePort(), wan: null, separated: false };
  const split: Settings = { ...factory, wan: { link: "auto", ipv4: { method: "dhcp" } } };
  const wanPort = somePort({ interface: "wan0", ipv4: ["10.88.0.20/24"], gateway: "10.88.0.1" });
  const splitState: NetworkState = { lan: somePort(), wan: wanPort, separated: true };

  it.each<[string, Settings, NetworkState, Settings | null, readonly string[]]>([
    ["nothing when the lease is there", factory, leased, null, []],
    [
      "an address for a port that shows none",
      factory,
      { lan: somePort({ ipv4: [], lease: null }), wan: null, separated: false },
      null,
      ["configure LAN: DHCP"],
    ],
    [
      "nothing when DHCP was ordered and no server answers",
      factory,
      { lan: somePort({ ipv4: [], lease: null }), wan: null, separated: false },
      factory,
      [],
    ],
    [
      "a static address",
      someStaticSettings(),
      leased,
      factory,
      [
        "configure LAN: static 10.77.0.20/24, gateway 10.77.0.1, DNS 10.77.0.2 10.77.0.3, WINS 10.77.0.4, domain lab.example",
      ],
    ],
    [
      "nothing for a proxy",
      { ...factory, proxy: { host: "p", port: 1, user: null, passwordRef: null } },
      leased,
      factory,
      [],
    ],
    [
      "nothing to an unchanged port without a cable",
      someStaticSettings(),
      {
        lan: somePort({ method: "static", carrier: false, ipv4: [], gateway: null, dns: [] }),
        wan: null,
        separated: false,
      },
      someStaticSettings(),
      [],
    ],
    [
      "nothing to an unchanged port whose hardware is gone, but WAN",
      { ...someStaticSettings(), wan: { link: "auto", ipv4: { method: "dhcp" } } },
      { lan: somePort({ present: false, carrier: false, ipv4: [], link: "100/full" }), wan: null, separated: false },
      someStaticSettings(),
      ["keep our own traffic on WAN", "configure WAN: DHCP"],
    ],
    [
      "DHCP after our start where the address is no lease's: a change was cut short",
      factory,
      { lan: somePort({ lease: null }), wan: null, separated: false },
      null,
      ["configure LAN: DHCP"],
    ],
    [
      "nothing while the lease of a port that was set up is not known",
      factory,
      { lan: somePort({ lease: null }), wan: null, separated: false },
      factory,
      [],
    ],
    [
      "an address that the kernel lost",
      someStaticSettings({ dns: ["10.77.0.1"], wins: [], domain: null }),
      { lan: somePort({ method: "static", ipv4: [] }), wan: null, separated: false },
      someStaticSettings({ dns: ["10.77.0.1"], wins: [], domain: null }),
      ["configure LAN: static 10.77.0.20/24, gateway 10.77.0.1, DNS 10.77.0.1"],
    ],
    [
      "an address once more that another machine had",
      someStaticSettings({ dns: ["10.77.0.1"], wins: [], domain: null }),
      {
        lan: somePort({ method: "static", ipv4: [], gateway: null, dns: [], duplicate: "unknown" }),
        wan: null,
        separated: false,
      },
      someStaticSettings({ dns: ["10.77.0.1"], wins: [], domain: null }),
      ["configure LAN: static 10.77.0.20/24, gateway 10.77.0.1, DNS 10.77.0.1"],
    ],
    [
      "what the daemon has forgotten, with or without a cable",
      factory,
      { lan: somePort({ configured: false, carrier: false, ipv4: [], lease: null }), wan: null, separated: false },
      factory,
      ["configure LAN: DHCP"],
    ],
    [
      "the VLAN with the addresses",
      { ...factory, lan: { ...factory.lan, vlan: 20 } },
      leased,
      factory,
      ["configure LAN on VLAN 20: DHCP"],
    ],
    [
      "the link alone",
      { ...factory, lan: { ...factory.lan, link: "100/full" } },
      leased,
      factory,
      ["set the link of LAN to 100/full"],
    ],
    [
      "where our own traffic goes before anything, links before addresses, LAN before WAN",
      {
        ...factory,
        lan: { ...factory.lan, link: "100/full", vlan: 3 },
        wan: { link: "10/half", ipv4: { method: "dhcp" } },
      },
      leased,
      factory,
      [
        "keep our own traffic on WAN",
        "set the link of LAN to 100/full",
        "set the link of WAN to 10/half",
        "configure LAN on VLAN 3: DHCP",
        "configure WAN: DHCP",
      ],
    ],
    ["nothing in a split network that is as it should be", split, splitState, split, []],
    [
      "our own traffic on WAN again when somebody took the rules away",
      split,
      { ...splitState, separated: false },
      split,
      ["keep our own traffic on WAN"],
    ],
    [
      "our own traffic on WAN, and all of it, where that was cut short",
      split,
      { ...splitState, separated: null },
      split,
      ["keep our own traffic on WAN"],
    ],
    [
      "our own traffic on LAN, and all of it, where WAN was cut short",
      factory,
      { ...leased, separated: null },
      null,
      ["let our own traffic use LAN"],
    ],
    [
      "the networks that scans reach by WAN, which no rule tells, after our start",
      { ...split, scan: routed("wan", "10.88.0.9") },
      { ...splitState, wan: { ...wanPort, routes: [{ destination: "10.9.0.0/16", gateway: "10.88.0.9" }] } },
      null,
      ["keep our own traffic on WAN, scans by WAN to 10.9.0.0/16"],
    ],
    [
      "a route by LAN, and nothing else",
      { ...factory, scan: routed("lan", "10.77.0.9") },
      leased,
      factory,
      ["set 1 route by LAN: 10.9.0.0/16 by 10.77.0.9"],
    ],
    [
      "a route by WAN, which scans may then use",
      { ...split, scan: routed("wan", "10.88.0.9") },
      splitState,
      split,
      ["keep our own traffic on WAN, scans by WAN to 10.9.0.0/16", "set 1 route by WAN: 10.9.0.0/16 by 10.88.0.9"],
    ],
    [
      "a route that the kernel lost",
      { ...factory, scan: routed("lan", "10.77.0.9") },
      leased,
      { ...factory, scan: routed("lan", "10.77.0.9") },
      ["set 1 route by LAN: 10.9.0.0/16 by 10.77.0.9"],
    ],
    [
      "that a route goes which nobody wants",
      factory,
      { ...leased, lan: somePort({ routes: [{ destination: "10.9.0.0/16", gateway: "10.77.0.9" }] }) },
      null,
      ["take the routes by LAN away"],
    ],
    [
      "a port with its routes at once",
      { ...someStaticSettings({ wins: [], domain: null }), scan: routed("lan", "10.77.0.9") },
      leased,
      factory,
      [
        "configure LAN: static 10.77.0.20/24, gateway 10.77.0.1, DNS 10.77.0.2 10.77.0.3, 1 route by LAN: 10.9.0.0/16 by 10.77.0.9",
      ],
    ],
    [
      "no route without IPv4",
      { ...factorySettings("ipv6-only"), scan: routed("lan", "10.77.0.9") },
      { ...leased, lan: somePort({ method: "auto6", ipv4: [], ipv6: ["2001:db8::7/64"] }) },
      null,
      [],
    ],
    [
      "WAN's release before LAN's addresses",
      { ...factory, lan: { ...factory.lan, ipv4: someStatic({ wins: [], domain: null }) } },
      { lan: somePort(), wan: wanPort, separated: true },
      split,
      [
        "release WAN",
        "let our own traffic use LAN",
        "configure LAN: static 10.77.0.20/24, gateway 10.77.0.1, DNS 10.77.0.2 10.77.0.3",
      ],
    ],
    [
      "the way back from a separation that does not show yet: it may be on its way",
      factory,
      leased,
      split,
      ["release WAN", "let our own traffic use LAN"],
    ],
    [
      "the release of a WAN that nobody ordered",
      factory,
      { lan: somePort(), wan: wanPort, separated: true },
      null,
      ["release WAN", "let our own traffic use LAN"],
    ],
    [
      "IPv6 by its own rules",
      { ...factory, mode: "ipv6-only", lan: { ...factory.lan, ipv6: { method: "auto", dns: ["2001:db8::2"] } } },
      leased,
      factory,
      ["configure LAN: IPv6 router advertisement, DNS 2001:db8::2"],
    ],
    [
      "a fixed IPv6 address",
      {
        ...factory,
        mode: "ipv6-only",
        lan: {
          ...factory.lan,
          ipv6: {
            method: "static",
            address: "2001:db8::20",
            prefixLength: 64,
            gateway: "fe80::1",
            dns: ["2001:db8::2"],
          },
        },
      },
      leased,
      null,
      ["configure LAN: static 2001:db8::20/64, gateway fe80::1, DNS 2001:db8::2"],
    ],
  ])("orders %s", (_, desired, observed, previous, expected) => {
    expect(words(desired, observed, previous)).toEqual(expected);
  });

  it("says each kind of operation", () => {
    expect(describeOperation({ kind: "renew", port: "wan" })).toBe("ask for a new lease on WAN");
  });

  it("from any settings to any others, in any weather, reaches a state where nothing is left to do", async () => {
    await fc.assert(
      fc.asyncProperty(
        anySettings,
        anySettings,
        fc.record({ lan: fc.boolean(), wan: fc.boolean(), lease: fc.boolean() }),
        async (from, to, weather) => {
          expect(checkSettings(to)).toEqual([]);
          const backend = createModelBackend();
          await carryOut(backend, from, null);
          backend.cable("lan", weather.lan);
          backend.cable("wan", weather.wan);
          backend.lease(weather.lease);
          await carryOut(backend, to, from);
          const reached = backend.current();
          expect(words(to, reached, to)).toEqual([]);
          expect(missing(to, reached, all)).toEqual([]);
          // With a cable and a lease the state speaks for itself, also to a process that has just started.
          backend.cable("lan", true);
          backend.cable("wan", true);
          backend.lease(true);
          // Which networks scans may reach by WAN it does not tell: that is ordered again.
          const again = plan(to, backend.current(), null).map(({ kind }) => kind);
          expect(again).toEqual(separationOf(to).on ? ["separate"] : []);
        },
      ),
    );
  });

  it("touches only ports whose settings differ", async () => {
    await fc.assert(
      fc.asyncProperty(anySettings, anySettings, async (from, to) => {
        const backend = createModelBackend();
        await carryOut(backend, from, null);
        const onlyWan = { ...from, wan: to.wan };
        const ports = plan(onlyWan, backend.current(), from).map(({ port }) => port);
        expect(ports).not.toContain("lan");
      }),
    );
  });
});

describe("read-back", () => {
  const fixed = someStaticSettings();
  const shown = somePort({ method: "static", ipv4: ["10.77.0.20/24"], dns: [], lease: null });
  const six: Settings = {
    ...factory,
    mode: "ipv6-only",
    lan: {
      ...factory.lan,
      ipv6: { method: "static", address: "2001:db8::20", prefixLength: 64, gateway: "fe80::1", dns: ["2001:db8::2"] },
    },
  };

  it.each<[string, Settings, NetworkState, readonly string[]]>([
    ["all is there", fixed, { lan: shown, wan: null, separated: false }, []],
    ["no lease", factory, { lan: somePort({ ipv4: [], gateway: null, lease: null }), wan: null, separated: false }, []],
    [
      "no cable",
      fixed,
      { lan: { ...shown, carrier: false, ipv4: [], gateway: null }, wan: null, separated: false },
      [],
    ],
    [
      "another machine has it",
      fixed,
      { lan: { ...shown, duplicate: "unknown", ipv4: [], gateway: null }, wan: null, separated: false },
      [],
    ],
    [
      "no address",
      fixed,
      { lan: { ...shown, ipv4: ["10.77.0.9/24"] }, wan: null, separated: false },
      ["LAN address 10.77.0.20/24 is missing"],
    ],
    [
      "no route",
      fixed,
      { lan: { ...shown, gateway: null }, wan: null, separated: false },
      ["LAN route via 10.77.0.1 is missing"],
    ],
    [
      "no orders",
      factory,
      { lan: somePort({ configured: false }), wan: null, separated: false },
      ["LAN is not configured"],
    ],
    ["another method", fixed, { lan: somePort(), wan: null, separated: false }, ["LAN is dhcp, not static"]],
    [
      "no interface",
      fixed,
      { lan: { ...shown, present: false, carrier: false, ipv4: [] }, wan: null, separated: false },
      ["LAN: there is no interface lan0"],
    ],
    [
      "another VLAN and link",
      fixed,
      { lan: { ...shown, vlan: 3, link: "10/half" }, wan: null, separated: false },
      ["LAN link is 10/half, not auto", "LAN VLAN is 3, not 0"],
    ],
    [
      "no WAN",
      { ...fixed, wan: { link: "auto", ipv4: { method: "dhcp" } } },
      { lan: shown, wan: null, separated: false },
      ["WAN is not configured", "our own traffic is not kept on WAN"],
    ],
    [
      "WAN left over",
      fixed,
      { lan: shown, wan: somePort(), separated: true },
      ["WAN is still configured", "our own traffic may not use LAN"],
    ],
    [
      "a separation that was taken back halfway",
      fixed,
      { lan: shown, wan: null, separated: null },
      ["our own traffic may not use LAN"],
    ],
    [
      "no IPv6 address",
      six,
      { lan: somePort({ method: "static6", ipv4: [], gateway: "fe80::1" }), wan: null, separated: false },
      ["LAN address 2001:db8::20/64 is missing"],
    ],
  ])("%s", (_, desired, observed, expected) => {
    expect(missing(desired, observed, all).map(({ detail }) => detail)).toEqual(expected);
  });

  it("says which port it is about", () => {
    const wish: Settings = { ...fixed, wan: { link: "auto", ipv4: { method: "dhcp" } } };
    expect(missing(wish, { lan: { ...shown, vlan: 3 }, wan: null, separated: false }, all)).toEqual([
      { port: "lan", detail: "LAN VLAN is 3, not 0" },
      { port: "wan", detail: "WAN is not configured" },
      { port: "wan", detail: "our own traffic is not kept on WAN" },
    ]);
  });

  it("looks only at the ports that were touched", () => {
    expect(missing(fixed, { lan: shown, wan: somePort(), separated: true }, new Set(["lan"]))).toEqual([]);
    expect(missing(fixed, { lan: somePort(), wan: null, separated: false }, new Set(["wan"]))).toEqual([]);
  });
});
