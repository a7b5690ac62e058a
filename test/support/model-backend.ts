import { type Addresses, type NetworkState, noAddresses, type PortState } from "../../src/model/network-state.ts";
import { failed, ok } from "../../src/model/result.ts";
import type { LinkMode, PortName } from "../../src/model/settings.ts";
import type { NetworkBackend, NetworkEvent, Operation, Refusal } from "../../src/network/backend.ts";

type Configuration = Extract<Operation, { kind: "configure" }>;

/** What happens to one operation. */
export type Mishap =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  /** Takes effect and is refused all the same, as a daemon does that fails half way. */
  | { readonly kind: "half"; readonly refusal: Refusal }
  /** Reports success and does nothing. */
  | { readonly kind: "lie" }
  /** Ends only with its signal. */
  | { readonly kind: "hang" }
  | { readonly kind: "throw"; readonly error: Error };

/**
 * The smallest machine that plans can be carried out on: a port is what it was told to be. Strict: overlapping operations
 * and operations that no port can obey throw.
 */
export interface ModelBackend extends NetworkBackend {
  /** Every operation that was asked for, in order. */
  readonly operations: Operation[];
  /** As `observe`, at once. */
  current(): NetworkState;
  /** The nth operation from now (from 1), or each one with "all", meets this. */
  meet(operation: number | "all", mishap: Mishap): void;
  /** From now on no operation fails. */
  heal(): void;
  cable(port: PortName, plugged: boolean): void;
  /** A server gives leases and routers advertise. */
  lease(given: boolean): void;
  /** The hardware is there or not. */
  hardware(port: PortName, present: boolean): void;
  /** The orders of a port are gone with its addresses, as after a daemon that lost its profile. */
  forget(port: PortName): void;
  /** A port keeps its orders, but the kernel does not show the static address, until `restore`. */
  strip(port: PortName): void;
  restore(port: PortName): void;
  /** The machine that has the address of a port as well; null is none. That it has gone is seen by the next configuration. */
  duplicate(port: PortName, mac: string | null): void;
  /** Every observation fails. */
  blind(error: Error | null): void;
  /** Every observation ends only with its signal. */
  silence(silent: boolean): void;
  /** Tells the watchers that something changed, a link unless it is said. */
  stir(event?: NetworkEvent): void;
  watchers(): number;
  /** Tells of each operation as it begins. */
  watchPerform(begun: (operation: Operation) => void): () => void;
}

export function createModelBackend(): ModelBackend {
  const configured: Record<PortName, Configuration | null> = { lan: null, wan: null };
  const links: Record<PortName, LinkMode> = { lan: "auto", wan: "auto" };
  const cables: Record<PortName, boolean> = { lan: true, wan: true };
  const present: Record<PortName, boolean> = { lan: true, wan: true };
  const stripped: Record<PortName, boolean> = { lan: false, wan: false };
  /** Who else has the address, and who was found to have it when it was last asked for. */
  const others: Record<PortName, string | null> = { lan: null, wan: null };
  const holders: Record<PortName, string | null> = { lan: null, wan: null };
  const operations: Operation[] = [];
  const mishaps = new Map<number | "all", Mishap>();
  const listeners = new Set<(event: NetworkEvent) => void>();
  const performers = new Set<(operation: Operation) => void>();
  let separated = false;
  let leases = true;
  let blindness: Error | null = null;
  let silent = false;
  let busy = false;

  /** A static address that the kernel took away, or that was not taken because another machine has it. */
  const hasLost = (port: PortName) => {
    const order = configured[port];
    const isStatic = order !== null && (order.mode === "ipv6-only" ? order.ipv6 : order.ipv4).method === "static";
    return isStatic && stripped[port];
  };

  /** As NetworkManager: with an address all of them, whether the gateway is a neighbour or not. */
  const shownRoutes = (port: PortName) => {
    const order = configured[port];
    if (order === null) return [];
    const { ipv4 } = addresses(port, order, cables[port] && present[port] && !hasLost(port), leases);
    return ipv4.length === 0 ? [] : order.routes;
  };

  const portState = (port: PortName): PortState => {
    const carrier = cables[port] && present[port];
    return {
      interface: `${port}0`,
      present: present[port],
      configured: configured[port] !== null,
      mac: present[port] ? "02:00:00:00:00:01" : null,
      carrier,
      speedMbps: carrier ? 1000 : null,
      duplex: carrier ? "full" : null,
      link: links[port],
      vlan: configured[port]?.vlan ?? 0,
      ...addresses(port, configured[port], carrier && !hasLost(port), leases),
      routes: shownRoutes(port),
      duplicate: carrier ? holders[port] : null,
    };
  };

  const current = (): NetworkState => ({
    lan: portState("lan"),
    wan: configured.wan === null ? null : portState("wan"),
    separated,
  });

  const carryOut = (operation: Operation) => {
    const { port } = operation;
    if (operation.kind === "configure") {
      configured[port] = operation;
      holders[port] = others[port];
      stripped[port] = others[port] !== null;
    }
    if (operation.kind === "separate") separated = operation.on;
    if (operation.kind === "routes") {
      const order = configured[port];
      if (order === null) throw new Error(`${port} has no configuration to hold routes`);
      configured[port] = { ...order, routes: operation.routes };
    }
    if (operation.kind === "link") links[port] = operation.mode;
    if (operation.kind === "release") {
      if (port === "lan") throw new Error("LAN cannot be released");
      configured[port] = null;
      links[port] = "auto";
    }
  };

  const perform = async (operation: Operation, signal: AbortSignal) => {
    const mishap = mishaps.get("all") ?? mishaps.get(operations.length);
    // Results come later, as from a daemon.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    switch (mishap?.kind) {
      case "refuse":
        return failed(mishap.refusal);
      case "half":
        carryOut(operation);
        return failed(mishap.refusal);
      case "lie":
        return ok(null);
      case "throw":
        throw mishap.error;
      case "hang":
        return end(signal);
      case undefined:
        // Orders for a port that is not there are kept for the day when it is.
        if (operation.kind !== "link" || present[operation.port]) carryOut(operation);
        // Rules stand without the port.
        return present[operation.port] || operation.kind === "separate"
          ? ok(null)
          : failed<Refusal>({ kind: "refused", detail: "no such device" });
    }
  };

  return {
    operations,
    meet: (number, mishap) => {
      mishaps.set(number === "all" ? number : operations.length + number, mishap);
    },
    heal: () => mishaps.clear(),
    cable: (which, plugged) => {
      cables[which] = plugged;
    },
    lease: (given) => {
      leases = given;
    },
    hardware: (which, there) => {
      present[which] = there;
    },
    forget: (which) => {
      configured[which] = null;
    },
    strip: (which) => {
      stripped[which] = true;
    },
    restore: (which) => {
      stripped[which] = false;
    },
    duplicate: (which, mac) => {
      others[which] = mac;
      if (mac === null) return;
      holders[which] = mac;
      stripped[which] = true;
    },
    blind: (error) => {
      blindness = error;
    },
    silence: (now) => {
      silent = now;
    },
    stir: (event = "link") => {
      for (const listener of [...listeners]) listener(event);
    },
    watchers: () => listeners.size,
    watchPerform: (begun) => {
      performers.add(begun);
      return () => performers.delete(begun);
    },
    perform: async (operation, signal) => {
      if (busy) throw new Error("operations overlap");
      busy = true;
      operations.push(operation);
      for (const begun of performers) begun(operation);
      try {
        return await perform(operation, signal);
      } finally {
        busy = false;
      }
    },
    current,
    observe: async (signal) => {
      signal.throwIfAborted();
      if (silent) await end(signal);
      if (blindness !== null) throw blindness;
      return current();
    },
    watch: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

function end(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** As Linux with NetworkManager: a port without carrier has no addresses. */
function addresses(port: PortName, order: Configuration | null, carrier: boolean, leases: boolean): Addresses {
  if (order === null) return noAddresses;
  const net = port === "lan" ? "10.77.0" : "10.88.0";
  const { mode, ipv4, ipv6 } = order;
  const method =
    mode === "ipv6-only" ? (ipv6.method === "static" ? ("static6" as const) : ("auto6" as const)) : ipv4.method;
  if (!carrier) return { ...noAddresses, method };
  if (mode === "ipv6-only") {
    if (ipv6.method === "static") {
      const { address, prefixLength, gateway, dns } = ipv6;
      return { ...noAddresses, method, ipv6: [`${address}/${prefixLength}`], gateway, dns };
    }
    if (!leases) return { ...noAddresses, method, dns: ipv6.dns };
    return {
      ...noAddresses,
      method,
      ipv6: ["2001:db8::99/64"],
      gateway: "fe80::1",
      dns: [...ipv6.dns, "2001:db8::53"],
    };
  }
  if (ipv4.method === "static") {
    const { address, prefixLength, gateway, dns, wins, domain } = ipv4;
    return { ...noAddresses, method, ipv4: [`${address}/${prefixLength}`], gateway, dns, wins, domain };
  }
  if (!leases) return { ...noAddresses, method };
  const lease = { server: `${net}.1`, expires: "2026-01-01T01:00:00.000Z" };
  return { ...noAddresses, method, ipv4: [`${net}.99/24`], gateway: `${net}.1`, dns: [`${net}.1`], lease };
}
