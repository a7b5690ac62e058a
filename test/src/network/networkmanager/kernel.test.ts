import { describe, expect, it } from "vitest";
import { parseDadFailure, parseKernel } from "../../../../src/network/networkmanager/kernel.ts";

/** iproute2 6.1: lan0 with a lease, wan0 with one in a table of its own. */
const addresses = `[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"qdisc":"noqueue","operstate":"UNKNOWN","group":"default","txqlen":1000,"link_type":"loopback","address":"00:00:00:00:00:00","broadcast":"00:00:00:00:00:00","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo","valid_life_time":4294967295,"preferred_life_time":4294967295},{"family":"inet6","local":"::1","prefixlen":128,"scope":"host","valid_life_time":4294967295,"preferred_life_time":4294967295}]},{"ifindex":2,"link_index":2,"ifname":"lan0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","operstate":"UP","group":"default","txqlen":1000,"link_type":"ether","address":"ca:18:22:a1:83:15","broadcast":"ff:ff:ff:ff:ff:ff","link_netnsid":0,"addr_info":[{"family":"inet","local":"10.77.0.59","prefixlen":24,"broadcast":"10.77.0.255","scope":"global","dynamic":true,"noprefixroute":true,"label":"lan0","valid_life_time":3596,"preferred_life_time":3596},{"family":"inet6","local":"2001:db8::7","prefixlen":64,"scope":"global","noprefixroute":true,"valid_life_time":4294967295,"preferred_life_time":4294967295},{"family":"inet6","local":"2001:db8::6","prefixlen":64,"scope":"global","tentative":true,"noprefixroute":true,"valid_life_time":4294967295,"preferred_life_time":4294967295},{"family":"inet6","local":"2001:db8::5","prefixlen":64,"scope":"global","dadfailed":true,"tentative":true,"noprefixroute":true,"valid_life_time":4294967295,"preferred_life_time":4294967295},{"family":"inet6","local":"fe80::c818:22ff:fea1:8315","prefixlen":64,"scope":"link","noprefixroute":true,"valid_life_time":4294967295,"preferred_life_time":4294967295}]},{"ifindex":3,"link_index":3,"ifname":"wan0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","operstate":"UP","group":"default","txqlen":1000,"link_type":"ether","address":"4a:3b:76:d6:61:14","broadcast":"ff:ff:ff:ff:ff:ff","link_netnsid":0,"addr_info":[{"family":"inet","local":"10.78.0.87","prefixlen":24,"broadcast":"10.78.0.255","scope":"global","dynamic":true,"noprefixroute":true,"label":"wan0","valid_life_time":3599,"preferred_life_time":3599}]}]`;

const routes = `[{"dst":"default","gateway":"10.78.0.1","dev":"wan0","table":"100","protocol":"dhcp","prefsrc":"10.78.0.87","metric":101,"flags":[]},{"dst":"10.78.0.0/24","dev":"wan0","table":"100","protocol":"kernel","scope":"link","prefsrc":"10.78.0.87","metric":101,"flags":[]},{"dst":"default","gateway":"10.77.0.1","dev":"lan0","protocol":"dhcp","prefsrc":"10.77.0.59","metric":100,"flags":[]},{"type":"local","dst":"10.77.0.59","dev":"lan0","table":"local","protocol":"kernel","scope":"host","prefsrc":"10.77.0.59","flags":[]},{"dst":"default","gateway":"fe80::1","dev":"lan0","protocol":"ra","metric":100,"flags":[],"pref":"medium"},{"type":"multicast","dst":"ff00::/8","dev":"lan0","table":"local","protocol":"kernel","metric":256,"flags":[],"pref":"medium"}]`;

describe("addresses of ip -json", () => {
  it("counts global addresses whose uniqueness is known", () => {
    expect(parseKernel(`${addresses}\n${routes}\n`).addresses).toEqual([
      { interface: "lan0", family: 4, address: "10.77.0.59/24" },
      { interface: "lan0", family: 6, address: "2001:db8::7/64" },
      { interface: "wan0", family: 4, address: "10.78.0.87/24" },
    ]);
  });

  it.each(["", "{}", "nothing", "null", "[]\n{}", "[]\n[", "{}\n[]"])("refuses %j", (text) =>
    expect(() => parseKernel(text)).toThrow("ip: its answer cannot be understood"),
  );

  it.each<[string, object]>([
    ["a link of which nothing is told", {}],
    ["a link without addresses", { ifname: "can0" }],
    ["a link whose addresses are no list", { ifname: "can0", addr_info: {} }],
    [
      "a family that is not known",
      { ifname: "x0", addr_info: [{ family: "mctp", local: "8", prefixlen: 0, scope: "global" }] },
    ],
    ["an address that lacks all", { ifname: "x0", addr_info: [{ family: "inet" }, null] }],
  ])("passes over %s, and takes the others", (_, odd) => {
    const links: object[] = JSON.parse(addresses);
    const among = JSON.stringify([odd, ...links, odd]);
    expect(parseKernel(`${among}\n${routes}\n`)).toEqual(parseKernel(`${addresses}\n${routes}\n`));
  });

  it("passes over one odd address of a link", () => {
    const known = { family: "inet", local: "10.0.0.2", prefixlen: 24, scope: "global" };
    const links = [{ ifname: "lan0", addr_info: [{ ...known, family: "phonet" }, known] }];
    expect(parseKernel(JSON.stringify(links)).addresses).toEqual([
      { interface: "lan0", family: 4, address: "10.0.0.2/24" },
    ]);
  });
});

describe("routes of ip -json", () => {
  it("knows default routes of every table", () => {
    expect(parseKernel(`${addresses}\n${routes}\n`).defaultRoutes).toEqual([
      { interface: "lan0", family: 4, gateway: "10.77.0.1", metric: 100 },
      { interface: "lan0", family: 6, gateway: "fe80::1", metric: 100 },
      { interface: "wan0", family: 4, gateway: "10.78.0.1", metric: 101 },
    ]);
  });

  it("knows the routes of the main table that somebody ordered, and no others", () => {
    const ordered = { gateway: "10.77.0.9", dev: "lan0", protocol: "static", flags: [] };
    const text = JSON.stringify([
      { ...ordered, dst: "10.9.0.0/16" },
      { ...ordered, dst: "10.10.0.5" },
      { ...ordered, dst: "default" },
      { ...ordered, dst: "10.11.0.0/16", table: "100" },
      { ...ordered, dst: "10.12.0.0/16", protocol: "dhcp" },
      { ...ordered, dst: "10.13.0.0/16", type: "unreachable" },
      { dst: "10.77.0.0/24", dev: "lan0", protocol: "kernel", flags: [] },
      { dst: "10.14.0.0/16", dev: "lan0", protocol: "static", flags: [] },
      { ...ordered, dst: "2001:db8:9::/48", gateway: "fe80::9" },
    ]);
    expect(parseKernel(`[]\n${text}`).orderedRoutes).toEqual([
      { interface: "lan0", destination: "10.9.0.0/16", gateway: "10.77.0.9" },
      { interface: "lan0", destination: "10.10.0.5/32", gateway: "10.77.0.9" },
    ]);
  });

  it("knows several routers, the preferred first, and none that is none", () => {
    const text = JSON.stringify([
      {
        dst: "default",
        metric: 300,
        nexthops: [
          { gateway: "fe80::2", dev: "lan0" },
          { gateway: "fe80::3", dev: "lan0" },
        ],
      },
      { dst: "default", dev: "ppp0" },
      { type: "unreachable", dst: "default", dev: "lo", metric: 1 },
      { dst: "default", gateway: "10.0.0.1", dev: "lan0" },
    ]);
    expect(parseKernel(`[]\n${text}`).defaultRoutes.map(({ gateway }) => gateway)).toEqual([
      "10.0.0.1",
      "fe80::2",
      "fe80::3",
    ]);
  });

  it("passes over an odd route, and takes the others", () => {
    const list: object[] = JSON.parse(routes);
    const among = JSON.stringify([{}, ...list, { dst: "default", gateway: "10.0.0.1", dev: "lan0", metric: "x" }]);
    expect(parseKernel(`[]\n${among}`).defaultRoutes).toEqual(parseKernel(`[]\n${routes}`).defaultRoutes);
  });

  it("is empty where there is no route", () => {
    expect(parseKernel("[]\n").defaultRoutes).toEqual([]);
    expect(parseKernel("[]\n[ ]\n").defaultRoutes).toEqual([]);
  });
});

describe("ip monitor", () => {
  it.each([
    [
      "2: lan0    inet6 2001:db8::5/64 scope global dadfailed tentative noprefixroute ",
      { interface: "lan0", address: "2001:db8::5/64" },
    ],
    ["2: lan0    inet6 2001:db8::5/64 scope global tentative noprefixroute ", null],
    ["Deleted 2: lan0    inet6 2001:db8::5/64 scope global dadfailed tentative noprefixroute ", null],
    ["2: lan0    inet 10.77.0.20/24 brd 10.77.0.255 scope global noprefixroute lan0", null],
    ["       valid_lft forever preferred_lft forever", null],
  ])("%s", (line, expected) => expect(parseDadFailure(line)).toEqual(expected));
});
