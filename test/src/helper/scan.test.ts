import { describe, expect, it } from "vitest";
import type { Argv, Exited, RunOptions } from "../../../hal/processes.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { parseRefusals } from "../../../src/helper/scan/batch.ts";
import { parseScanState } from "../../../src/helper/scan/read.ts";
import { scanVerbs } from "../../../src/helper/scan/verbs.ts";
import { verbs } from "../../../src/helper/verbs.ts";
import { silentLog } from "../../../src/model/log.ts";

interface Request {
  readonly verb: string;
  readonly [key: string]: unknown;
}

const never = new AbortController().signal;

/** Both helpers over a program that answers every run so; what reaches it is kept, line by line. */
function helpers(answer: Partial<Extract<Exited, { kind: "exited" }>> | Exited = {}) {
  const done: string[] = [];
  const processes = {
    run: async (argv: Argv, { inputs }: RunOptions): Promise<Exited> => {
      done.push(
        argv.join(" "),
        ...String(inputs?.[0] ?? "")
          .split("\n")
          .filter(Boolean),
      );
      return { kind: "exited", code: 0, stdout: "", stderr: "", ...answer } as Exited;
    },
  };
  const ethernet = { setMode: () => Promise.reject(new Error("not asked for")) };
  const machine = { interfaces: { lan: "lan0", wan: "wan0" }, ethernet, processes };
  const beside = createAnswer({ machine, log: silentLog, verbs });
  const inside = createAnswer({ machine, log: silentLog, verbs: scanVerbs });
  const ask = async (request: Request) => {
    const helper = request.verb === "scan-make" ? beside : inside;
    return JSON.parse(await helper(JSON.stringify(request), () => true, never));
  };
  return { done, ask, beside, inside };
}

const port = "lan";
const make = { verb: "scan-make", port };
const set = { verb: "scan-set", port };
const route = { tag: 20, destination: "172.16.0.0/12", gateway: "10.0.20.1" };
const batch = "ip -force -batch -";

describe("the verbs of the scans", () => {
  it.each<[Request, string[]]>([
    [
      { ...make, tags: [1, 4094] },
      [
        batch,
        "link add link lan0 name lan0.1 netns scan group 4094 type vlan id 1 loose_binding on",
        "link add link lan0 name lan0.4094 netns scan group 4094 type vlan id 4094 loose_binding on",
      ],
    ],
    [{ ...make, tags: [] }, []],
    [
      { verb: "scan-remove", port, tags: [20] },
      [batch, "link set dev lan0.20 group 4095", "ip link delete group 4095"],
    ],
    [
      { ...set, changes: [{ tag: 20, remove: ["10.0.0.1/8"], add: ["10.0.20.5/24", "2001:db8::5/64"] }] },
      [
        batch,
        "address del 10.0.0.1/8 dev lan0.20",
        "address replace 10.0.20.5/24 dev lan0.20",
        "address replace 2001:db8::5/64 dev lan0.20",
        "link set dev lan0.20 up",
      ],
    ],
    [
      { verb: "scan-route", port, remove: [{ ...route, destination: "0.0.0.0/0" }], add: [route] },
      [
        batch,
        "route del 0.0.0.0/0 via 10.0.20.1 dev lan0.20 proto static",
        "route add 172.16.0.0/12 via 10.0.20.1 dev lan0.20 proto static",
      ],
    ],
  ])("%j", async (request, lines) => {
    const { done, ask } = helpers();
    expect(await ask(request)).toEqual({ ok: true, value: [] });
    expect(done).toEqual(lines);
  });

  const change = (parts: object) => ({ ...set, changes: [{ tag: 20, remove: [], add: [], ...parts }] });
  const routing = (parts: object) => ({ verb: "scan-route", port, remove: [], add: [{ ...route, ...parts }] });
  it.each<[Request, string]>([
    [{ ...make, port: "wan", tags: [1] }, "port: must be lan"],
    [{ ...make, tags: [0] }, "tags: 0: "],
    [{ ...make, tags: [4095] }, "tags: 0: "],
    [{ ...make, tags: [1.5] }, "must be 1 to 4094"],
    [{ ...make, tags: ["1 type bridge"] }, "must be 1 to 4094"],
    [{ ...make, tags: Array(701).fill(1) }, "tags: "],
    [{ ...make, tags: [1], netns: "x" }, "takes port, tags and nothing else"],
    [{ verb: "scan-remove", port: "lan0", tags: [1] }, "port: must be lan"],
    [{ verb: "scan-read", port, tags: Array(65).fill(1), routes: true }, "tags: "],
    [{ verb: "scan-read", port, tags: null }, "routes: "],
    [{ verb: "link", port, mode: "auto" }, "verb: must be one of scan-read, "],
    [change({ tag: 0 }), "tag: "],
    [change({ add: ["10.0.20.5"] }), "must be a host's address"],
    [change({ add: ["10.0.20.5/31"] }), "must be a host's address"],
    [change({ add: ["010.0.20.5/24"] }), "must be a host's address"],
    [change({ add: ["127.0.0.1/8"] }), "must be a host's address"],
    [change({ add: ["10.0.20.5/24 dev lo"] }), "must be a host's address"],
    [change({ add: ["2001:DB8::5/64"] }), "must be a host's address"],
    [change({ add: ["2001:db8::5/129"] }), "must be a host's address"],
    [change({ add: ["2001:db8::5%lan0/64"] }), "must be a host's address"],
    [change({ remove: ["0.0.0.0/0\nlink delete lo"] }), "must be an address with its prefix length"],
    [change({ remove: ["10.0.20.5/33"] }), "must be an address"],
    [change({ remove: Array(17).fill("10.0.20.5/24") }), "remove: "],
    [change({ up: true }), "takes tag, remove, add and nothing else"],
    [routing({ destination: "172.16.0.1/12" }), "must be an IPv4 network"],
    [routing({ destination: "172.16.0.0" }), "must be an IPv4 network"],
    [routing({ destination: "default" }), "must be an IPv4 network"],
    [routing({ gateway: "10.0.20.1 table 5" }), "must be a host's IPv4 address"],
    [routing({ gateway: "fe80::1" }), "must be a host's IPv4 address"],
    [routing({ table: 5 }), "takes tag, destination, gateway and nothing else"],
  ])("%j is refused, and nothing is done", async (request, reason) => {
    const { done, ask } = helpers();
    expect(await ask(request)).toEqual({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining(reason) },
    });
    expect(done).toEqual([]);
  });

  it("each helper does only its own", async () => {
    const { beside, inside, done } = helpers();
    for (const verb of Object.keys(scanVerbs)) {
      const reply = await beside(JSON.stringify({ verb, port, tags: [] }), () => true, never);
      expect(reply).toContain("verb: must be one of link, find-holder");
    }
    for (const verb of Object.keys(verbs)) {
      expect(await inside(JSON.stringify({ verb, port, tags: [] }), () => true, never)).toContain(
        "must be one of scan-",
      );
    }
    expect(done).toEqual([]);
  });

  it("name the items of the lines that the kernel refused", async () => {
    const stderr =
      "Error: 8021q: VLAN device already exists.\nCommand failed -:1\nCannot find device\nCommand failed -:3\n";
    const { ask } = helpers({ code: 1, stderr });
    expect(await ask({ ...make, tags: [7, 8, 9] })).toEqual({
      ok: true,
      value: [
        { tag: 7, reason: "Error: 8021q: VLAN device already exists." },
        { tag: 9, reason: "Cannot find device" },
      ],
    });
    const changes = [7, 8].map((tag) => ({ tag, remove: [], add: ["10.0.20.5/24"] }));
    expect(await ask({ ...set, changes })).toMatchObject({ value: [{ tag: 7 }, { tag: 8 }] });
    expect(await ask({ verb: "scan-route", port, remove: [route], add: [route, route] })).toMatchObject({
      value: [{ destination: route.destination }, { destination: route.destination }],
    });
  });

  it.each<[string, object, string, string]>([
    [
      "has no namespace",
      { code: 255, stderr: 'Error: argument "scan" is wrong: Invalid "netns" value\n\n' },
      "refused",
      "ip netns add scan",
    ],
    ["gave up at a line", { code: 1, stderr: "Error: any valid prefix is expected\n" }, "refused", "any valid prefix"],
    ["failed without a word", { code: 1 }, "refused", "ip ended with 1: no word"],
    ["names a line that there is not", { code: 1, stderr: "no\nCommand failed -:9\n" }, "refused", "ip ended with 1"],
    ["succeeds and complains", { code: 0, stderr: "no\nCommand failed -:1\n" }, "refused", "ip ended with 0"],
    ["was killed", { code: 137 }, "refused", "ip ended with 137"],
    ["is missing", { kind: "notFound", program: "ip" }, "refused", 'install the package "iproute2"'],
    ["hangs", { kind: "timeout" }, "timeout", "within 12000 ms"],
    ["prints without end", { kind: "tooMuchOutput" }, "refused", "tooMuchOutput"],
  ])("are refused when ip %s", async (_, answer, kind, detail) => {
    const { ask } = helpers(answer);
    expect(await ask({ ...make, tags: [1] })).toEqual({
      ok: false,
      error: { kind, detail: expect.stringContaining(detail) },
    });
  });

  it("take links that are gone already for removed, and no other failure", async () => {
    const gone = helpers({ code: 2, stderr: "RTNETLINK answers: No such device\n" });
    expect(await gone.ask({ verb: "scan-remove", port, tags: [] })).toEqual({ ok: true, value: [] });
    const refused = helpers({ code: 2, stderr: "RTNETLINK answers: Operation not permitted\n" });
    expect(await refused.ask({ verb: "scan-remove", port, tags: [] })).toMatchObject({
      error: { detail: expect.stringContaining("not permitted") },
    });
  });
});

describe("what ip says of a batch", () => {
  it("has its reasons in one line or more, each before its number", () => {
    const { refused, rest } = parseRefusals("one\nand more\n\nCommand failed -:2\nCommand failed -:3\nend", 3) ?? {};
    expect([...(refused ?? [])]).toEqual([
      [1, "one and more"],
      [2, "no word"],
    ]);
    expect(rest).toBe("end");
  });

  it.each([
    "Command failed -:2\nCommand failed -:2",
    "Command failed -:2\nCommand failed -:1",
    "Command failed -:0",
    "Command failed -:4",
  ])("is not understood out of order or range: %j", (text) => {
    expect(parseRefusals(text, 3)).toBeNull();
  });
});

describe("what the kernel shows", () => {
  const link = {
    ifindex: 2,
    ifname: "lan0.20",
    flags: ["BROADCAST", "UP"],
    group: "4094",
    addr_info: [
      { family: "inet", local: "10.0.20.5", prefixlen: 24, scope: "global" },
      { family: "inet6", local: "2001:db8::5", prefixlen: 64, scope: "global", tentative: true },
      { family: "inet6", local: "2001:db8::6", prefixlen: 64, scope: "global", tentative: true, dadfailed: true },
      { family: "inet6", local: "::ffff:1.2.3.4", prefixlen: 128, scope: "global" },
    ],
  };
  const route = { dst: "172.16.0.0/12", gateway: "10.0.20.1", dev: "lan0.20", flags: [] };
  const parse = (links: unknown, routes: unknown = []) =>
    parseScanState(`${JSON.stringify(routes)}\n${JSON.stringify(links)}\n`, "lan0");

  it("are our links with all their addresses, tentative ones too, and those that another machine has", () => {
    expect(parse([link])).toEqual({
      links: [
        {
          tag: 20,
          up: true,
          going: false,
          addresses: ["10.0.20.5/24", "2001:db8::5/64", "2001:db8::6/64", "::ffff:102:304/128"],
          refuted: ["2001:db8::6/64"],
        },
      ],
      routes: [],
    });
    const going = { ...link, group: "4095", flags: [] };
    expect(parse([going]).links).toMatchObject([{ tag: 20, up: false, going: true }]);
  });

  it.each([
    { ...link, group: "default" },
    { ...link, ifname: "lan0.4095" },
    { ...link, ifname: "lan0.020" },
    { ...link, ifname: "wan0.20" },
    { ...link, addr_info: undefined },
    { ...link, flags: [1] },
    {},
    null,
  ])("are no links of others: %j", (other) => {
    expect(parse([other, link]).links).toHaveLength(1);
  });

  it("are our routes: by one neighbour, without a metric", () => {
    const routes = [
      route,
      { ...route, dst: "default" },
      { ...route, dst: "192.0.2.1" },
      { ...route, metric: 5 },
      { ...route, type: "unreachable" },
      { ...route, dev: "tun0" },
      { ...route, gateway: undefined, nexthops: [{ gateway: "10.0.20.1", dev: "lan0.20" }] },
      { ...route, gateway: undefined },
    ];
    expect(parse([link], routes).routes.map(({ destination }) => destination)).toEqual([
      "172.16.0.0/12",
      "0.0.0.0/0",
      "192.0.2.1/32",
    ]);
  });

  it("is under another name where the port's is long", () => {
    const long = { ...link, ifname: "vlan20" };
    expect(parseScanState(`[]\n${JSON.stringify([long])}\n`, "enx00e04c680001").links).toMatchObject([{ tag: 20 }]);
  });

  it.each(["[", "{}", "null"])("is an error where it is no list: %s", (text) => {
    expect(() => parseScanState(`[]\n${text}\n`, "lan0")).toThrow("cannot be understood");
  });
});
