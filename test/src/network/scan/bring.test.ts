import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScanWish } from "../../../../src/network/scan/scan-network.ts";
import { createModelKernel, type Fault, type ModelKernel } from "../../../support/model-scan-kernel.ts";
import { someRoute, someVlan } from "../../../support/some-scans.ts";
import { openModel, shownBy } from "./model.ts";

const never = () => new AbortController().signal;
const tags = [1, 2, 3, 19, 20, 4093, 4094] as const;
const tagArbitrary = fc.constantFrom(...tags);
const hosts = fc.constantFrom(20, 21, 22);
const lengths = fc.constantFrom(24, 25);
const hostOn = (tag: number, host: number) => `10.${tag >> 8}.${tag & 255}.${host}`;

const vlanArbitrary = fc
  .record({ tag: tagArbitrary, host: hosts, prefixLength: lengths, host6: fc.constantFrom(null, 5, 6) })
  .map(({ tag, host, prefixLength, host6 }) => {
    const ipv6 = host6 === null ? null : { address: `2001:db8:${tag.toString(16)}::${host6}`, prefixLength: 64 };
    return someVlan(tag, { address: hostOn(tag, host), prefixLength, ipv6 });
  });
const wishArbitrary: fc.Arbitrary<ScanWish> = fc
  .uniqueArray(vlanArbitrary, { selector: ({ tag }) => tag })
  .chain((vlans) =>
    fc.record({
      vlans: fc.constant(vlans),
      routes:
        vlans.length === 0
          ? fc.constant([])
          : fc.uniqueArray(
              fc
                .tuple(fc.nat(5), fc.constantFrom(...vlans.map(({ tag }) => tag)), fc.constantFrom(1, 2))
                .map(([number, tag, host]) => someRoute(number, tag, { gateway: hostOn(tag, host) })),
              { selector: ({ destination }) => destination },
            ),
    }),
  );

/** What a link of the beginning has: of ours, about to go, or of somebody else. */
const linkArbitrary = fc.record({
  tag: tagArbitrary,
  group: fc.constantFrom("4094", "4094", "4094", "4095"),
  up: fc.boolean(),
  addresses: fc.uniqueArray(
    fc.oneof(
      fc.tuple(hosts, lengths).map(
        ([host, length]) =>
          (tag: number) =>
            `${hostOn(tag, host)}/${length}`,
      ),
      fc.constantFrom(5, 6).map((host) => (tag: number) => `2001:db8:${tag.toString(16)}::${host}/64`),
      fc.constant(() => "192.0.2.1/32"),
    ),
    { maxLength: 4 },
  ),
});
const beginningArbitrary = fc.record({
  links: fc.uniqueArray(linkArbitrary, { selector: ({ tag }) => tag }),
  routes: fc.array(fc.tuple(fc.nat(5), tagArbitrary, fc.constantFrom(1, 2)), { maxLength: 4 }),
});
type Beginning = typeof beginningArbitrary extends fc.Arbitrary<infer T> ? T : never;

function kernelAt({ links, routes }: Beginning): ModelKernel {
  const kernel = createModelKernel();
  for (const { tag, group, up, addresses } of links) {
    const texts = [...new Set(addresses.map((text) => text(tag)))];
    kernel.add({ name: `lan0.${tag}`, group, up, addresses: texts.map((text) => ({ text })) });
  }
  for (const [number, tag, host] of routes) {
    const destination = `172.16.${number}.0/24`;
    const link = kernel.links.find(({ name, up }) => name === `lan0.${tag}` && up);
    if (link !== undefined && !kernel.routes.some((it) => it.destination === destination))
      kernel.routes.push({ destination, gateway: hostOn(tag, host), dev: link.name, protocol: "static" });
  }
  kernel.add({ name: "lo", group: "default", up: true, addresses: [{ text: "127.0.0.1/8" }] });
  kernel.add({ name: "lan0.7", group: "0", up: true, addresses: [{ text: "10.0.7.20/24" }] });
  kernel.add({ name: "tun0", group: "4094", up: true, addresses: [{ text: "10.9.9.9/24" }] });
  kernel.routes.push({ destination: "198.51.100.0/24", gateway: "10.9.9.1", dev: "tun0", protocol: "static" });
  return kernel;
}

const wished = ({ vlans, routes }: ScanWish) => ({
  links: vlans
    .map(({ tag, address, prefixLength, ipv6 }) => ({
      tag,
      addresses: [`${address}/${prefixLength}`, ...(ipv6 === null ? [] : [`${ipv6.address}/${ipv6.prefixLength}`])],
    }))
    .sort((a, b) => a.tag - b.tag),
  routes: routes
    .map(({ via, destination, gateway }) => ({ tag: via, destination, gateway }))
    .sort((a, b) => a.destination.localeCompare(b.destination)),
});
const shown = (kernel: ModelKernel) => {
  const { links, routes } = shownBy(kernel);
  return { links: links.map(({ tag, addresses }) => ({ tag, addresses: [...addresses].sort() })), routes };
};
const foreign = (kernel: ModelKernel) =>
  structuredClone([
    kernel.links.filter(({ name }) => ["lo", "lan0.7", "tun0"].includes(name)),
    kernel.routes.filter(({ dev }) => dev === "tun0"),
  ]);
const ups = (kernel: ModelKernel) => kernel.links.every(({ up }) => up);

describe("bring, from any state to any wish", () => {
  it("ends at the wish, touches nothing that is right, and does nothing the second time", async () => {
    await fc.assert(
      fc.asyncProperty(beginningArbitrary, wishArbitrary, async (beginning, wish) => {
        const kernel = kernelAt(beginning);
        const others = foreign(kernel);
        const wanted = wished(wish);
        const right = kernel.links.filter(({ name, up, group, addresses }) => {
          const want = wanted.links.find(({ tag }) => `lan0.${tag}` === name)?.addresses;
          const have = addresses.map(({ text }) => text).sort();
          return up && group === "4094" && JSON.stringify(want) === JSON.stringify(have);
        });
        const { network } = openModel(kernel);

        expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
        expect(shown(kernel)).toEqual(wanted);
        expect(ups(kernel)).toBe(true);
        expect(foreign(kernel)).toEqual(others);
        const lines = kernel.runs.flat().filter((line) => !line.startsWith("route"));
        for (const { name } of right) expect(lines.filter((line) => line.split(" ").includes(name))).toEqual([]);
        for (const link of right) expect(kernel.links).toContain(link);

        const runs = kernel.runs.length;
        expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
        expect(kernel.runs.slice(runs)).toEqual([["route show table main proto static", "address show"]]);
      }),
      { numRuns: 300 },
    );
  });

  const faultArbitrary = fc.oneof(
    fc.constant<Fault>({ kind: "notFound" }),
    fc.record({ kind: fc.constantFrom("timeout", "killed", "garbage"), after: fc.nat(6) }) as fc.Arbitrary<Fault>,
  );

  it("goes on from wherever a failed run left it, at every run", async () => {
    await fc.assert(
      fc.asyncProperty(beginningArbitrary, wishArbitrary, faultArbitrary, async (beginning, wish, fault) => {
        for (let failing = 0; ; failing++) {
          const kernel = kernelAt(beginning);
          const others = foreign(kernel);
          kernel.fault = (run) => (run === failing ? fault : null);
          const { network } = openModel(kernel);
          const first = await network.bring(wish, never());
          if (kernel.runs.length <= failing) break;
          expect(first).toEqual({
            ok: false,
            error: { kind: expect.any(String), detail: expect.stringMatching(/ip/) },
          });
          expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
          expect(shown(kernel)).toEqual(wished(wish));
          expect(foreign(kernel)).toEqual(others);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("rejects with the reason of its signal at every run, and the next call goes on", async () => {
    await fc.assert(
      fc.asyncProperty(beginningArbitrary, wishArbitrary, async (beginning, wish) => {
        for (let failing = 0; ; failing++) {
          const kernel = kernelAt(beginning);
          const controller = new AbortController();
          kernel.fault = (run) => (run === failing ? { kind: "aborts", controller } : null);
          const { network } = openModel(kernel);
          const first = network.bring(wish, controller.signal);
          const outcome = await first.then(
            () => null,
            (error: Error) => error.message,
          );
          if (outcome === null) break;
          expect(outcome).toBe("enough");
          expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
          expect(shown(kernel)).toEqual(wished(wish));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("bring, one by one", () => {
  const vlans = Array.from({ length: 4094 }, (_, at) => someVlan(at + 1));
  const routes = Array.from({ length: 99 }, (_, at) => someRoute(at, at + 1));

  it("makes 4094 in batches that ip can take, and changes one of them in two short ones", async () => {
    const { kernel, network } = openModel();
    expect(await network.bring({ vlans, routes }, never())).toEqual({ ok: true, value: [] });
    expect(kernel.runs.map((lines) => lines.length)).toEqual([
      2,
      ...Array(5).fill(700),
      594,
      ...Array(13).fill(600),
      388,
      2,
      99,
      1,
    ]);
    const identities = kernel.links.map(({ ifindex }) => ifindex);
    const touched = kernel.links.map((link) => link.touched);

    const runs = kernel.runs.length;
    const changed = vlans.map((vlan) => (vlan.tag === 2000 ? { ...vlan, address: "10.7.208.99" } : vlan));
    expect(await network.bring({ vlans: changed, routes }, never())).toEqual({ ok: true, value: [] });
    expect(kernel.runs.slice(runs + 1)).toEqual([
      [
        "address del 10.7.208.20/24 dev lan0.2000",
        "address replace 10.7.208.99/24 dev lan0.2000",
        "link set dev lan0.2000 up",
      ],
      ["address show dev lan0.2000"],
    ]);
    expect(kernel.links.map(({ ifindex }) => ifindex)).toEqual(identities);
    expect(kernel.links.map((link) => link.touched).filter((count, at) => count !== touched[at])).toHaveLength(1);

    const all = kernel.runs.length;
    expect(await network.bring({ vlans: [], routes: [] }, never())).toEqual({ ok: true, value: [] });
    expect([kernel.links, kernel.routes]).toEqual([[], []]);
    expect(Math.max(...kernel.runs.slice(all).map((lines) => lines.length))).toBe(200);
  });

  it("puts the routes of a VLAN back that lost them with its only address", async () => {
    const { kernel, network } = openModel();
    const wish = { vlans: [someVlan(1), someVlan(2)], routes: [someRoute(1, 1), someRoute(2, 2)] };
    await network.bring(wish, never());
    const [, second] = kernel.routes;
    const moved = { ...wish, vlans: [someVlan(1, { address: "10.0.1.99" }), someVlan(2)] };
    expect(await network.bring(moved, never())).toEqual({ ok: true, value: [] });
    expect(shown(kernel)).toEqual(wished(moved));
    expect(kernel.routes).toContain(second);
  });

  it("restores all when the port was gone, and names all while it is", async () => {
    const { kernel, network } = openModel();
    const wish = { vlans: [someVlan(1), someVlan(2)], routes: [someRoute(1, 1)] };
    await network.bring(wish, never());
    kernel.links.splice(0);
    kernel.routes = [];
    kernel.port = false;
    expect(await network.bring(wish, never())).toEqual({
      ok: true,
      value: [
        { id: "vlan-1", message: 'VLAN 1: Cannot find device "lan0"' },
        { id: "vlan-2", message: 'VLAN 2: Cannot find device "lan0"' },
        { id: "route-1", message: "172.16.1.0/24: VLAN 1 is not there" },
      ],
    });
    kernel.port = true;
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
    expect(shown(kernel)).toEqual(wished(wish));
  });

  it("gives the kernel's word for what it refuses", async () => {
    const { kernel, network } = openModel();
    kernel.held.add(2);
    kernel.add({ name: "lan0.3", group: "0", up: true });
    const wish = { vlans: [someVlan(1), someVlan(2), someVlan(3)], routes: [someRoute(1, 1, { gateway: "10.9.9.9" })] };
    const failures = [
      { id: "vlan-2", message: "VLAN 2: Error: 8021q: VLAN device already exists." },
      { id: "vlan-3", message: "VLAN 3: RTNETLINK answers: File exists" },
      { id: "route-1", message: "172.16.1.0/24: Error: Nexthop has invalid gateway." },
    ];
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: failures });
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: failures });
    expect(kernel.links.find(({ name }) => name === "lan0.3")).toMatchObject({ group: "0", addresses: [] });
  });

  it("names an IPv6 address that another machine has, asks for it anew, and takes a tentative one for good", async () => {
    const { kernel, network } = openModel();
    const wish = { vlans: [someVlan(1, { ipv6: { address: "2001:db8::5", prefixLength: 64 } })], routes: [] };
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
    const address = kernel.links[0]?.addresses.find(({ text }) => text === "2001:db8::5/64");
    Object.assign(address ?? {}, { dadfailed: true });
    const message = "VLAN 1: another machine has 2001:db8::5/64";
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: [{ id: "vlan-1", message }] });
    expect(await network.bring(wish, never())).toEqual({ ok: true, value: [] });
    expect(kernel.links[0]?.addresses).not.toContain(address);
  });

  it("is refused with what to do where nobody made the namespace", async () => {
    const { kernel, network } = openModel();
    kernel.namespace = false;
    expect(await network.bring({ vlans: [someVlan(1)], routes: [] }, never())).toEqual({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining("ip netns add scan") },
    });
  });

  it("takes the first of two with one tag, and names the other", async () => {
    const { kernel, network } = openModel();
    const wish = { vlans: [someVlan(1), someVlan(1, { id: "again", address: "10.0.1.99" })], routes: [] };
    expect(await network.bring(wish, never())).toEqual({
      ok: true,
      value: [{ id: "again", message: "VLAN 1: the kernel does not show it" }],
    });
    expect(shown(kernel).links).toEqual([{ tag: 1, addresses: ["10.0.1.20/24"] }]);
  });
});
