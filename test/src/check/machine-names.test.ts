import { afterEach, describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createResolver } from "../../../hal/linux/resolver.ts";
import type { Resolver, SystemNames } from "../../../hal/resolver.ts";
import { createMachineNames, nameServers, systemResolver } from "../../../src/check/machine-names.ts";
import { type DnsAnswer, listenDns } from "../../support/dns-server.ts";

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

const signal = new AbortController().signal;
const nobody: SystemNames = { lookUp: async () => ({ kind: "noAnswer", code: "ENOTFOUND" }) };
const fromHosts: SystemNames = { lookUp: async () => ({ kind: "addresses", addresses: ["192.0.2.7"] }) };

/** A machine whose resolv.conf names a real DNS server that gives this answer; null: it has no such file. */
async function machine(answer: DnsAnswer | null, system: SystemNames) {
  const dns = answer === null ? null : await listenDns(answer);
  if (dns !== null) closes.push(dns.close);
  const real = createResolver();
  // Of a server's port resolv.conf knows nothing.
  const resolver: Resolver = {
    resolve: (question) => real.resolve({ ...question, servers: question.servers.map(() => dns?.server ?? "") }),
  };
  const files = {
    read: async () => {
      if (answer === null) throw new HalError("absent", "/etc/resolv.conf", "no such file");
      return Buffer.from("nameserver 192.0.2.53\n");
    },
  };
  const names = createMachineNames({ files, resolver, system });
  return { names, server: dns?.server ?? "", queries: dns?.queries ?? [] };
}

describe("a name on this machine", () => {
  it("is asked of the DNS servers first", async () => {
    const { names, server, queries } = await machine(["192.0.2.1"], nobody);
    expect(await names.resolve("platform.example", signal)).toEqual({
      resolved: { kind: "addresses", addresses: ["192.0.2.1"], server },
      warning: null,
    });
    expect(queries).toEqual(["platform.example A"]);
  });

  it("may have an IPv6 address alone", async () => {
    const { names, queries } = await machine(["2001:db8::1"], nobody);
    const { resolved } = await names.resolve("platform.example", signal);
    expect(resolved).toMatchObject({ kind: "addresses", addresses: ["2001:db8::1"] });
    expect(queries).toEqual(["platform.example A", "platform.example AAAA"]);
  });

  it("that only the machine itself knows is told, for the appliance will not", async () => {
    const { names, server } = await machine("NXDOMAIN", fromHosts);
    expect(await names.resolve("platform.example", signal)).toEqual({
      resolved: { kind: "addresses", addresses: ["192.0.2.7"], server: systemResolver },
      warning: `DNS server ${server} says NXDOMAIN for platform.example; this machine has it from elsewhere (hosts file, VPN), where the appliance does not look`,
    });
  });

  it("that nobody knows has the answer of the DNS server", async () => {
    const { names, server } = await machine("REFUSED", nobody);
    const { resolved } = await names.resolve("platform.example", signal);
    expect(resolved).toEqual({ kind: "noAnswer", server, code: "EREFUSED" });
  });

  it("is asked of the machine alone where there is no resolv.conf", async () => {
    const { names } = await machine(null, fromHosts);
    expect(await names.resolve("platform.example", signal)).toEqual({
      resolved: { kind: "addresses", addresses: ["192.0.2.7"], server: systemResolver },
      warning: null,
    });
    const { names: others } = await machine(null, nobody);
    const { resolved } = await others.resolve("platform.example", signal);
    expect(resolved).toEqual({ kind: "noAnswer", server: systemResolver, code: "ENOTFOUND" });
  });

  it("is not waited for when the machine is interrupted", async () => {
    const interrupt = new AbortController();
    const silent: SystemNames = {
      lookUp: async () => {
        interrupt.abort(new Error("Ctrl-C"));
        return { kind: "unreachable", code: "ECANCELLED" };
      },
    };
    const { names } = await machine(null, silent);
    await expect(names.resolve("platform.example", interrupt.signal)).rejects.toThrow("Ctrl-C");
  });
});

it.each([
  ["nameserver 192.0.2.53\n", ["192.0.2.53"]],
  [
    "# nameserver 192.0.2.1\n; nameserver 192.0.2.2\noptions edns0\n\tnameserver\t2001:db8::53 # here\n",
    ["2001:db8::53"],
  ],
  ["nameserver 127.0.0.53\nnameserver fe80::1%eth0\n", ["127.0.0.53", "fe80::1%eth0"]],
  [
    "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n",
    ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
  ],
  ["nameserver dns.example\nnameserver\nsearch nameserver 10.0.0.1\n", []],
  ["", []],
])("the servers of %j", (text, servers) => {
  expect(nameServers(text)).toEqual(servers);
});
