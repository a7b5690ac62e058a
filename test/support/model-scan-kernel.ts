import ipaddr from "ipaddr.js";
import type { Argv, Exited, Processes, RunOptions } from "../../hal/processes.ts";
import { canonicalIpv4, canonicalIpv6 } from "../../src/model/address.ts";

/** A link of the namespace, of ours or of others. */
export interface ModelLink {
  /** Never the same for two links: who keeps it was not touched in between. */
  readonly ifindex: number;
  readonly name: string;
  group: string;
  up: boolean;
  addresses: { text: string; dadfailed?: boolean; tentative?: boolean }[];
  /** Lines that named it. */
  touched: number;
}

export interface ModelRoute {
  readonly destination: string;
  readonly gateway: string;
  readonly dev: string;
  readonly protocol: string;
}

/** How a run goes wrong. With a number of lines that are done before, where it is a batch. */
export type Fault =
  | { readonly kind: "notFound" }
  | { readonly kind: "timeout" | "killed" | "garbage"; readonly after: number }
  | { readonly kind: "aborts"; readonly controller: AbortController };

export interface ModelKernel {
  readonly links: ModelLink[];
  routes: ModelRoute[];
  /** Whether LAN's port is there. */
  port: boolean;
  /** VLANs that the port carries outside of the namespace. */
  readonly held: Set<number>;
  /** False: nothing made the namespace yet. */
  namespace: boolean;
  /** ip(8) in the namespace of the port. */
  readonly beside: Processes;
  /** ip(8) inside. */
  readonly inside: Processes;
  /** Of both, in order: the lines of a batch, or the arguments. */
  readonly runs: (readonly string[])[];
  /** Asked before each run with its number, from 0. */
  fault: (run: number) => Fault | null;
  add(link: Partial<ModelLink> & { readonly name: string }): ModelLink;
}

const refusals = {
  noDevice: (name: string) => `Cannot find device "${name}"`,
  exists: "RTNETLINK answers: File exists",
  vlanExists: "Error: 8021q: VLAN device already exists.",
  noAddress: "Error: ipv4: Address not found.",
  noAddress6: "Error: ipv6: address not found.",
  badGateway: "Error: Nexthop has invalid gateway.",
  noRoute: "RTNETLINK answers: No such process",
};

/** A refusal of one line. */
class Refusal extends Error {}
/** ip(8) itself cannot read a line, and ends. */
class Ends extends Error {}

const inNetwork = (address: string, network: string) =>
  ipaddr.parse(address).kind() === ipaddr.parse(network.split("/")[0] ?? "").kind() &&
  ipaddr.parse(address).match(ipaddr.parseCIDR(network) as [ipaddr.IPv4, number]);
const hostOf = (text: string) => text.split("/")[0] ?? "";
const isV4 = (text: string) => text.includes(".");

/** The kernel behind ip(8) 6.1, with the port `lan0` and the namespace `scan`. What it does not know of ip throws. */
export function createModelKernel(): ModelKernel {
  let ifindex = 1;
  const kernel: ModelKernel = {
    links: [],
    routes: [],
    port: true,
    held: new Set(),
    namespace: true,
    runs: [],
    fault: () => null,
    beside: { run: (argv, options) => run(argv, options, "beside") },
    inside: { run: (argv, options) => run(argv, options, "inside") },
    add: (link) => {
      ifindex += 1;
      const made = { ifindex, group: "4094", up: false, addresses: [], touched: 0, ...link };
      kernel.links.push(made);
      return made;
    },
  };

  const device = (name: string): ModelLink => {
    const link = kernel.links.find((it) => it.name === name);
    if (link === undefined) throw new Refusal(refusals.noDevice(name));
    link.touched += 1;
    return link;
  };
  const flushRoutes = (name: string) => {
    kernel.routes = kernel.routes.filter(({ dev }) => dev !== name);
  };

  const makeLink = (port: string, name: string, namespace: string, group: string, id: number) => {
    if (namespace !== "scan" || !kernel.namespace)
      throw new Ends(`Error: argument "${namespace}" is wrong: Invalid "netns" value\n`);
    if (port !== "lan0" || !kernel.port) throw new Refusal(refusals.noDevice(port));
    if (kernel.held.has(id) || kernel.links.some((it) => it.name === name)) {
      throw new Refusal(kernel.held.has(id) ? refusals.vlanExists : refusals.exists);
    }
    kernel.add({ name, group });
  };
  const giveAddress = (text: string, name: string) => {
    const [address = "", length = ""] = text.split("/");
    const canonical = isV4(text) ? canonicalIpv4(address) : canonicalIpv6(address);
    if (canonical === null || !/^\d+$/.test(length)) throw new Ends(`Error: any valid prefix is expected: ${text}`);
    const link = device(name);
    if (!link.addresses.some((it) => it.text === text)) link.addresses.push({ text, tentative: !isV4(text) });
  };
  const takeAddress = (text: string, name: string) => {
    const link = device(name);
    const found = link.addresses.find((it) => it.text === text);
    if (found === undefined) throw new Refusal(isV4(text) ? refusals.noAddress : refusals.noAddress6);
    const sameNetwork = (other: string) => isV4(other) && other.endsWith(`/${text.split("/")[1]}`);
    const primary = link.addresses.find((it) => sameNetwork(it.text) && inNetwork(hostOf(it.text), text));
    // Without promote_secondaries those of the same network go with the first of them.
    const goes = (it: { text: string }) =>
      it === found || (isV4(text) && primary === found && sameNetwork(it.text) && inNetwork(hostOf(it.text), text));
    link.addresses = link.addresses.filter((it) => !goes(it));
    if (isV4(text) && !link.addresses.some((it) => isV4(it.text))) flushRoutes(name);
  };
  const addRoute = (route: ModelRoute) => {
    const link = device(route.dev);
    const own = link.addresses.filter(({ text }) => isV4(text)).map(({ text }) => text);
    const reached = link.up && own.some((text) => inNetwork(route.gateway, text));
    if (!reached) throw new Refusal(refusals.badGateway);
    if (kernel.routes.some(({ destination }) => destination === route.destination)) throw new Refusal(refusals.exists);
    kernel.routes.push(route);
  };
  const removeRoute = (route: ModelRoute) => {
    device(route.dev);
    const at = kernel.routes.findIndex((it) => JSON.stringify(it) === JSON.stringify(route));
    if (at < 0) throw new Refusal(refusals.noRoute);
    kernel.routes.splice(at, 1);
  };
  const bringUp = (name: string) => {
    const link = device(name);
    if (!link.up) link.addresses.push({ text: "fe80::1/64", tentative: true });
    link.up = true;
  };

  type Word = string;
  const orders: readonly (readonly [where: string, pattern: RegExp, order: (...words: Word[]) => unknown])[] = [
    [
      "beside",
      /^link add link (\S+) name (\S+) netns (\S+) group (\d+) type vlan id (\d+) loose_binding on$/,
      (port = "", name = "", netns = "", group = "", id = "") => makeLink(port, name, netns, group, Number(id)),
    ],
    ["inside", /^link set dev (\S+) up$/, (name = "") => bringUp(name)],
    [
      "inside",
      /^link set dev (\S+) group (\d+)$/,
      (name = "", group = "") => {
        device(name).group = group;
      },
    ],
    ["inside", /^address replace (\S+) dev (\S+)$/, (text = "", name = "") => giveAddress(text, name)],
    ["inside", /^address del (\S+) dev (\S+)$/, (text = "", name = "") => takeAddress(text, name)],
    [
      "inside",
      /^route (add|del) (\S+) via (\S+) dev (\S+) proto (static)$/,
      (order = "", destination = "", gateway = "", dev = "", protocol = "") =>
        (order === "add" ? addRoute : removeRoute)({ destination, gateway, dev, protocol }),
    ],
    ["inside", /^route show table main proto static$/, () => `${JSON.stringify(kernel.routes.map(showRoute))}\n`],
    ["inside", /^address show$/, () => `${JSON.stringify(kernel.links.map(showLink))}\n`],
    [
      "inside",
      /^address show dev (\S+)$/,
      (name = "") => {
        const link = kernel.links.find((it) => it.name === name);
        if (link === undefined) throw new Refusal(`Device "${name}" does not exist.`);
        return `${JSON.stringify([showLink(link)])}\n`;
      },
    ],
  ];
  /** What it prints. */
  const obey = (line: string, where: string): string => {
    for (const [place, pattern, order] of orders) {
      const words = place === where ? pattern.exec(line) : null;
      if (words !== null) return String(order(...words.slice(1)) ?? "");
    }
    throw new Error(`${where}: not in the model: ${line}`);
  };

  const run = async (argv: Argv, { inputs, signal }: RunOptions, where: string): Promise<Exited> => {
    const text = inputs?.[0];
    const lines = typeof text === "string" ? text.split("\n").slice(0, -1) : [argv.slice(1).join(" ")];
    const fault = kernel.fault(kernel.runs.push(lines) - 1);
    await new Promise((resolve) => setImmediate(resolve));
    if (fault?.kind === "aborts") fault.controller.abort(new Error("enough"));
    if (signal?.aborted) return { kind: "aborted", stdout: "", stderr: "" };
    if (fault?.kind === "notFound") return { kind: "notFound", program: "ip" };
    const after = fault?.kind === "aborts" ? undefined : fault?.after;
    const done = argv.includes("-batch") ? batch(argv, lines, where, after) : whole(argv, where, after);
    if (fault?.kind === "timeout") return { kind: "timeout", stdout: "", stderr: "" };
    if (fault?.kind === "killed") return { kind: "exited", code: 137, stdout: "", stderr: "" };
    if (fault?.kind === "garbage") return { ...done, stdout: "[", stderr: "what now\n", code: 1 };
    return done;
  };

  const whole = (argv: Argv, where: string, after: number | undefined): Extract<Exited, { kind: "exited" }> => {
    const line = argv.join(" ");
    if (line !== "ip link delete group 4095" || where !== "inside") throw new Error(`not in the model: ${line}`);
    const going = kernel.links.filter(({ group }) => group === "4095");
    const gone = going.slice(0, after);
    for (const link of gone) {
      kernel.links.splice(kernel.links.indexOf(link), 1);
      flushRoutes(link.name);
    }
    const none = going.length === 0;
    return {
      kind: "exited",
      code: none ? 2 : 0,
      stdout: "",
      stderr: none ? "RTNETLINK answers: No such device\n" : "",
    };
  };

  const batch = (argv: Argv, lines: readonly string[], where: string, after: number | undefined) => {
    const options = argv.slice(1).join(" ");
    if (!/^(-json )?-force -batch -$/.test(options)) throw new Error(`not in the model: ip ${options}`);
    if (lines.filter((line) => line.includes(" netns ")).length > 1020) throw new Error("out of descriptors");
    let [stdout, stderr, code] = ["", "", 0];
    for (const [at, line] of lines.slice(0, after).entries()) {
      try {
        stdout += obey(line, where);
      } catch (error) {
        if (error instanceof Ends)
          return { kind: "exited" as const, code: 255, stdout, stderr: `${stderr}${error.message}\n` };
        if (!(error instanceof Refusal)) throw error;
        stderr += `${error.message}\nCommand failed -:${at + 1}\n`;
        code = 1;
      }
    }
    return { kind: "exited" as const, code, stdout, stderr };
  };
  return kernel;
}

function showLink({ ifindex, name, group, up, addresses }: ModelLink): object {
  const flags = ["BROADCAST", "MULTICAST", ...(up ? ["UP", "LOWER_UP"] : [])];
  const addr_info = addresses.map(({ text, ...marks }) => ({
    family: isV4(text) ? "inet" : "inet6",
    local: hostOf(text),
    prefixlen: Number(text.split("/")[1]),
    scope: text.startsWith("fe80") ? "link" : "global",
    ...marks,
  }));
  return { ifindex, ifname: name, flags, mtu: 1500, group, addr_info };
}

function showRoute({ destination, gateway, dev }: ModelRoute): object {
  const dst = destination === "0.0.0.0/0" ? "default" : destination.replace(/\/32$/, "");
  return { dst, gateway, dev, flags: [] };
}
