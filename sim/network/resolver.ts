import { type Clock, sleep } from "../../hal/clock.ts";
import type { Question, Resolved, Resolver } from "../../hal/resolver.ts";
import type { NetworkState, PortState } from "../../src/model/network-state.ts";
import { never } from "../../src/model/result.ts";
import type { PortName } from "../../src/model/settings.ts";
import { blockage, inNetwork, managed } from "./path.ts";
import { ipv6Of, subnetOf, type WireState, type World } from "./world.ts";

type Answer =
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "unreachable"; readonly code: string; readonly silent: boolean };

/**
 * The name servers of the modelled world. A wire has two, at its first and its second host; any server beyond the router
 * answers as well, as public ones do. All know the bench's own names and no other. An IPv6 question is answered with the
 * IPv4-mapped loopback address, where relay and proxy listen.
 */
export function createSimulatedResolver(options: {
  readonly world: World;
  readonly clock: Clock;
  readonly network: () => NetworkState;
  /** Names that resolve, in lower case: the platform's and the proxy's. */
  readonly names: readonly string[];
}): Resolver {
  const { world, clock, network, names } = options;

  const ask = (question: Question, server: string): Answer => {
    const from = leavesBy(network(), question.source, () => managed(network(), world.get()).name);
    if (from === null) return { kind: "unreachable", code: "ENETUNREACH", silent: false };
    const wire = world.get()[from.name];
    const reach = reachOf(from.port, wire, from.name, server);
    if (reach !== "ok") return { kind: "unreachable", code: reach, silent: reach === "ETIMEOUT" };
    switch (wire.dns) {
      case "off":
        return { kind: "unreachable", code: "ETIMEOUT", silent: true };
      case "refuse":
        return { kind: "code", code: "EREFUSED" };
      case "servfail":
        return { kind: "code", code: "ESERVFAIL" };
      case "ok":
        return names.includes(question.name.toLowerCase())
          ? { kind: "addresses", addresses: [question.family === 4 ? "127.0.0.1" : "::ffff:127.0.0.1"] }
          : { kind: "code", code: "ENOTFOUND" };
    }
    return never(wire.dns);
  };

  return {
    resolve: async (question) => {
      const { servers, timeoutMs, signal } = question;
      const shareMs = timeoutMs / Math.max(1, servers.length);
      let noAnswer: Resolved | null = null;
      let code = "ETIMEOUT";
      for (const server of servers) {
        signal?.throwIfAborted();
        const answer = ask(question, server);
        if (answer.kind === "addresses") return { ...answer, server };
        if (answer.kind === "code") {
          noAnswer ??= { kind: "noAnswer", server, code: answer.code };
        } else {
          if (answer.silent) await sleep(clock, `answer of ${server}`, shareMs, signal);
          code = answer.code;
        }
      }
      return noAnswer ?? { kind: "unreachable", servers, code };
    },
  };
}

/** The port that a query leaves by: the one with the source address, else the one that carries management. */
function leavesBy(
  network: NetworkState,
  source: string | null,
  management: () => PortName,
): { name: PortName; port: PortState } | null {
  const ports = [
    { name: "lan" as const, port: network.lan },
    ...(network.wan === null ? [] : [{ name: "wan" as const, port: network.wan }]),
  ];
  const has = ({ port }: { port: PortState }) =>
    [...port.ipv4, ...port.ipv6].some((address) => address.split("/")[0] === source);
  return ports.find((one) => (source === null ? one.name === management() : has(one))) ?? null;
}

/** `ok`, or what a socket would report: no route at once, nobody home after the time-out. */
function reachOf(port: PortState, wire: WireState, name: PortName, server: string): "ok" | "ENETUNREACH" | "ETIMEOUT" {
  const own = [...port.ipv4, ...port.ipv6].find((address) => inNetwork(server, address));
  if (own === undefined && port.gateway === null) return "ENETUNREACH";
  const blocked = blockage(port, wire, own === undefined ? "outside" : "wire", name);
  if (blocked === "no carrier" || blocked === "no address") return "ENETUNREACH";
  if (blocked !== null) return "ETIMEOUT";
  if (own === undefined) return "ok";
  const { router, secondDns } = subnetOf(wire);
  return [router, secondDns, ipv6Of[name].dns].includes(server) ? "ok" : "ETIMEOUT";
}
