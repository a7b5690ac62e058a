import { type Clock, sleep } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import {
  type Addresses,
  type NetworkState,
  noAddresses,
  type PortState,
  type Route,
} from "../../src/model/network-state.ts";
import { failed, ok, type Result } from "../../src/model/result.ts";
import type { Ipv4Settings, Ipv6Settings, Mode, PortName } from "../../src/model/settings.ts";
import {
  checkGateway,
  checkGateway6,
  checkHostAddress,
  checkHostAddress6,
  checkPrefixLength,
  checkPrefixLength6,
  checkVlan,
} from "../../src/model/validate.ts";
import type { NetworkBackend, NetworkEvent, Operation, Refusal } from "../../src/network/backend.ts";
import { createDhcpClient } from "./dhcp-client.ts";
import { type InterfaceNames, portNames, type SimulatedEthernet } from "./ethernet.ts";
import { createRouterListener } from "./router-listener.ts";
import { autoAddress, ipv6Of, type World } from "./world.ts";

/** The back end of the bench: a kernel, a DHCP client and a router listener a port, on the world's wires. */
export interface SimulatedBackend extends NetworkBackend {
  /** As `observe`, at once: for the modelled wire, which has to decide packet by packet. */
  current(): NetworkState;
}

interface Configured {
  readonly mode: Mode;
  readonly vlan: number;
  readonly ipv4: Ipv4Settings;
  readonly ipv6: Ipv6Settings;
  readonly routes: readonly Route[];
}

/** What a network daemon takes for bringing a profile up, the lease apart. */
const configureMs = 250;
/** A port whose mode was set needs a negotiation before it is worth looking at. */
const linkMs = 1500;
/** The other machine of `duplicate`. */
const strangersMac = "02:be:2e:ff:ff:66";

/**
 * As strict as a kernel, no stricter: an address that no interface may have, a gateway that is not on the link and a tag
 * over 4094 are refused, all else is taken. An address that another machine has is kept and reported as `duplicate`.
 */
export function createSimulatedBackend(options: {
  readonly world: World;
  readonly clock: Clock;
  readonly ethernet: SimulatedEthernet;
  readonly interfaces: InterfaceNames;
  /** Ends all timers: the box lost its power. */
  readonly signal: AbortSignal;
}): SimulatedBackend {
  const { world, clock, ethernet, interfaces, signal } = options;
  const listeners = new Set<(event: NetworkEvent) => void>();
  const ring = (event: NetworkEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const changed = () => ring("other");
  const createPort = (port: PortName) => {
    const parts = {
      name: interfaces[port],
      clock,
      wire: () => world.get()[port],
      carrier: () => ethernet.link(port).carrier,
      changed,
    };
    return {
      configured: null as Configured | null,
      dhcp: createDhcpClient(parts),
      router: createRouterListener(parts),
    };
  };
  const ports = { lan: createPort("lan"), wan: createPort("wan") };
  let separated = false;

  ethernet.watch((port) => {
    ports[port].dhcp.carrierChanged();
    ports[port].router.carrierChanged();
    ring("link");
  });
  const unsubscribe = world.subscribe((now, before) => {
    if (portNames.some((port) => now[port].duplicate !== before[port].duplicate)) changed();
  });
  signal.addEventListener(
    "abort",
    () => {
      unsubscribe();
      listeners.clear();
      for (const port of portNames) stop(port);
    },
    { once: true },
  );

  const stop = (port: PortName) => {
    ports[port].dhcp.stop();
    ports[port].router.stop();
  };
  /** Resolves when the addresses that management needs are there, or will not be for now. */
  const start = async (port: PortName): Promise<void> => {
    const { configured, dhcp, router } = ports[port];
    if (configured === null) return;
    const solicited = configured.ipv6.method === "auto" && port === "lan" ? router.start() : undefined;
    if (configured.mode === "ipv6-only") await solicited;
    else if (configured.ipv4.method === "dhcp") await dhcp.start();
  };

  const portState = (port: PortName): PortState => {
    const { configured, dhcp, router } = ports[port];
    const link = ethernet.link(port);
    const addresses = addressesOf(port, link.mac ?? "", configured, dhcp.lease(), router.heard());
    // As with NetworkManager: whether the gateway is a neighbour or not.
    const routes = link.carrier && addresses.ipv4.length > 0 ? (configured?.routes ?? []) : [];
    const hasAddress = addresses.ipv4.length + addresses.ipv6.length > 0;
    return {
      interface: interfaces[port],
      configured: configured !== null,
      ...link,
      link: ethernet.modeOf(port),
      vlan: configured?.vlan ?? 0,
      ...addresses,
      routes,
      duplicate: link.carrier && hasAddress && world.get()[port].duplicate ? strangersMac : null,
    };
  };
  const current = (): NetworkState => ({
    lan: portState("lan"),
    wan: ports.wan.configured === null ? null : portState("wan"),
    separated,
  });

  const carryOut = async (operation: Operation, abort: AbortSignal): Promise<Result<null, Refusal>> => {
    const { port } = operation;
    switch (operation.kind) {
      case "configure": {
        const refusal = refusalOf(operation);
        if (refusal !== null) return failed({ kind: "refused", detail: `${interfaces[port]}: ${refusal}` });
        await sleep(clock, `configuration of ${interfaces[port]}`, configureMs, abort);
        stop(port);
        const { mode, vlan, ipv4, ipv6, routes } = operation;
        ports[port].configured = { mode, vlan, ipv4, ipv6, routes };
        changed();
        await abortable(start(port), abort);
        return ok(null);
      }
      case "renew":
        if (ports[port].configured === null) {
          return failed({
            kind: "refused",
            detail: `${interfaces[port]}: nothing to renew, the port is not configured`,
          });
        }
        stop(port);
        await abortable(start(port), abort);
        return ok(null);
      case "routes": {
        const { configured } = ports[port];
        if (configured === null) {
          return failed({ kind: "refused", detail: `${interfaces[port]}: no routes, the port is not configured` });
        }
        ports[port].configured = { ...configured, routes: operation.routes };
        changed();
        return ok(null);
      }
      case "separate":
        separated = operation.on;
        changed();
        return ok(null);
      case "release":
        stop(port);
        ports[port].configured = null;
        changed();
        return ok(null);
      case "link":
        try {
          await ethernet.setMode(interfaces[port], operation.mode);
        } catch (error) {
          if (error instanceof HalError) return failed({ kind: "refused", detail: error.message });
          throw error;
        }
        await sleep(clock, `link of ${interfaces[port]}`, linkMs, abort);
        return ok(null);
    }
  };

  let busy = false;
  return {
    current,
    observe: async (abort) => {
      abort.throwIfAborted();
      return current();
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    perform: async (operation, abort) => {
      if (busy) throw new Error(`perform ${operation.kind}: another operation has not ended; one at a time`);
      busy = true;
      try {
        return await carryOut(operation, AbortSignal.any([abort, signal]));
      } finally {
        busy = false;
      }
    },
  };
}

/** `work`, or the signal's reason as soon as it aborts. The work itself goes on, as a daemon's would. */
async function abortable(work: Promise<void>, abort: AbortSignal): Promise<void> {
  abort.throwIfAborted();
  let aborted: () => void = () => {};
  const gone = new Promise<never>((_, reject) => {
    aborted = () => reject(abort.reason);
    abort.addEventListener("abort", aborted, { once: true });
  });
  try {
    await Promise.race([work, gone]);
  } finally {
    abort.removeEventListener("abort", aborted);
  }
}

function addressesOf(
  port: PortName,
  mac: string,
  configured: Configured | null,
  lease: ReturnType<ReturnType<typeof createDhcpClient>["lease"]>,
  routerHeard: boolean,
): Addresses {
  if (configured === null) return noAddresses;
  const { mode, ipv4, ipv6 } = configured;
  const auto = ipv6.method === "auto";
  const own6 = ipv6.method === "static" && mode === "ipv6-only" ? [`${ipv6.address}/${ipv6.prefixLength}`] : [];
  const addresses6 = auto ? (routerHeard ? [`${autoAddress(port, mac)}/64`] : []) : own6;
  if (mode === "ipv6-only") {
    const learned = auto && routerHeard ? ipv6Of[port] : null;
    return {
      ...noAddresses,
      method: auto ? "auto6" : "static6",
      ipv6: addresses6,
      gateway: auto ? (learned?.router ?? null) : ipv6.gateway,
      dns: learned === null ? ipv6.dns : [...ipv6.dns, learned.dns],
    };
  }
  if (ipv4.method === "static") {
    const { address, prefixLength, gateway, dns, wins, domain } = ipv4;
    return {
      ...noAddresses,
      method: "static",
      ipv4: [`${address}/${prefixLength}`],
      ipv6: addresses6,
      gateway,
      dns,
      wins,
      domain,
    };
  }
  if (lease === null) return { ...noAddresses, ipv6: addresses6 };
  return {
    ...noAddresses,
    ipv4: [lease.address],
    ipv6: addresses6,
    gateway: lease.gateway,
    dns: lease.dns,
    domain: lease.domain,
    lease: { server: lease.server, expires: new Date(lease.expiresMs).toISOString() },
  };
}

/** What the kernel would not take, in its own words where it has some. */
function refusalOf({ port, mode, vlan, ipv4, ipv6 }: Extract<Operation, { kind: "configure" }>): string | null {
  if (checkVlan(vlan) !== null) return `invalid VLAN tag ${vlan}`;
  if (port === "wan" && vlan !== 0) return "the WAN port carries no VLAN tag";
  if (mode === "ipv6-only") {
    if (ipv6.method === "auto") return null;
    const { address, prefixLength, gateway } = ipv6;
    if ((checkHostAddress6(address) ?? checkPrefixLength6(prefixLength)) !== null) {
      return `RTNETLINK answers: invalid address ${address}/${prefixLength}`;
    }
    return checkGateway6(gateway, address, prefixLength) === null
      ? null
      : `RTNETLINK answers: nexthop ${gateway} is not on the link`;
  }
  if (ipv4.method === "dhcp") return null;
  const { address, prefixLength, gateway } = ipv4;
  if ((checkHostAddress(address) ?? checkPrefixLength(prefixLength, address)) !== null) {
    return `RTNETLINK answers: invalid address ${address}/${prefixLength}`;
  }
  return checkGateway(gateway, address, prefixLength) === null
    ? null
    : `RTNETLINK answers: Nexthop ${gateway} has invalid gateway`;
}
