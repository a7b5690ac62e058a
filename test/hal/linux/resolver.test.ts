import { createSocket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { createResolver } from "../../../hal/linux/resolver.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Question } from "../../../hal/resolver.ts";
import { type DnsAnswer, type DnsServer, listenDns } from "../../support/dns-server.ts";

const open: DnsServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function dns(answer: DnsAnswer): Promise<DnsServer> {
  const server = await listenDns(answer);
  open.push(server);
  return server;
}

/** A port of 127.0.0.1 where nobody listens. */
async function closedPort(): Promise<string> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return `127.0.0.1:${port}`;
}

const resolve = (servers: readonly string[], change: Partial<Question> = {}) =>
  createResolver().resolve({
    name: "platform.example",
    family: 4,
    servers,
    source: null,
    timeoutMs: 20_000,
    ...change,
  });

describe("resolver", () => {
  it("returns the addresses of the family that was asked for", async () => {
    const { server, queries } = await dns(["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    expect(await resolve([server])).toEqual({ kind: "addresses", addresses: ["192.0.2.1", "192.0.2.2"], server });
    expect(await resolve([server], { family: 6 })).toEqual({ kind: "addresses", addresses: ["2001:db8::1"], server });
    expect(queries).toEqual(["platform.example A", "platform.example AAAA"]);
  });

  it.each<[DnsAnswer, string]>([
    ["NXDOMAIN", "ENOTFOUND"],
    ["SERVFAIL", "ESERVFAIL"],
    ["REFUSED", "EREFUSED"],
    ["NOTIMP", "ENOTIMP"],
    ["FORMERR", "EFORMERR"],
    [[], "ENODATA"],
    [["2001:db8::1"], "ENODATA"],
  ])("a server that answers %j has no answer: %s", async (answer, code) => {
    const { server } = await dns(answer);
    expect(await resolve([server])).toEqual({ kind: "noAnswer", server, code });
  });

  it("calls a closed port unreachable", async () => {
    const server = await closedPort();
    expect(await resolve([server])).toEqual({ kind: "unreachable", servers: [server], code: "ECONNREFUSED" });
  });

  it("calls a silent server unreachable, within the time for everything", async () => {
    const { server, queries } = await dns("silent");
    expect(await resolve([server], { timeoutMs: 300 })).toEqual({
      kind: "unreachable",
      servers: [server],
      code: "ETIMEOUT",
    });
    expect(queries.length).toBeGreaterThan(0);
  });

  it("asks the next one after a silent, a refused and an empty-handed server", async () => {
    const silent = await dns("silent");
    const empty = await dns("NXDOMAIN");
    const good = await dns(["192.0.2.1"]);
    const servers = [silent.server, await closedPort(), empty.server, good.server];
    expect(await resolve(servers, { timeoutMs: 2000 })).toMatchObject({ kind: "addresses", server: good.server });
    expect(empty.queries).toHaveLength(1);
  });

  it("does not ask the second when the first knows", async () => {
    const first = await dns(["192.0.2.1"]);
    const second = await dns(["192.0.2.2"]);
    await resolve([first.server, second.server]);
    expect(second.queries).toEqual([]);
  });

  it("has no answer when any server answered, though another was silent", async () => {
    const refusing = await dns("REFUSED");
    const servers = [await closedPort(), refusing.server, await closedPort()];
    expect(await resolve(servers)).toEqual({ kind: "noAnswer", server: refusing.server, code: "EREFUSED" });
  });

  it("ends a query by its own clock, whatever c-ares does", async () => {
    const { server } = await dns("silent");
    const clock = createFakeClock();
    const resolving = createResolver({ clock }).resolve({
      name: "platform.example",
      family: 4,
      servers: [server],
      source: null,
      timeoutMs: 600_000,
    });
    await clock.advance(600_000);
    expect(await resolving).toMatchObject({ kind: "unreachable", code: "ETIMEOUT" });
    expect(clock.pending()).toEqual([]);
  });

  it("rejects with the reason of the signal", async () => {
    const { server } = await dns("silent");
    const controller = new AbortController();
    const resolving = resolve([server], { signal: controller.signal });
    controller.abort(new Error("no longer wanted"));
    await expect(resolving).rejects.toThrow("no longer wanted");
    await expect(resolve([server], { signal: controller.signal })).rejects.toThrow("no longer wanted");
  });

  it("leaves by the address it is told, and is unreachable from one that is not ours", async () => {
    const { server } = await dns(["192.0.2.1"]);
    expect(await resolve([server], { source: "127.0.0.1" })).toMatchObject({ kind: "addresses" });
    expect(await resolve([server], { source: "192.0.2.77", timeoutMs: 300 })).toMatchObject({ kind: "unreachable" });
  });

  it.each(["not an address", "fe80::1%nowhere", ""])("takes the server %j for unreachable", async (server) => {
    expect(await resolve([server], { timeoutMs: 300 })).toMatchObject({ kind: "unreachable" });
  });

  it.each(["a..b", "x".repeat(64), `${"a.".repeat(127)}aa`])(
    "has no answer for the impossible name %j",
    async (name) => {
      const { server } = await dns("NXDOMAIN");
      expect(await resolve([server], { name, timeoutMs: 300 })).toMatchObject({ kind: "noAnswer" });
    },
  );
});
