import type { Clock, Stop } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import { type EthernetPorts, type LinkMode, type LinkState, linkModes } from "../../hal/ethernet.ts";
import type { PortName } from "../../src/model/settings.ts";
import type { World } from "./world.ts";

export type InterfaceNames = Readonly<Record<PortName, string>>;

/** Gigabit negotiation takes two to four seconds on copper; the bench is quicker, but not instant. */
const negotiationMs = 1200;

/** Locally administered addresses (IEEE 802: second bit of the first octet), one a port. */
const macs: Readonly<Record<PortName, string>> = { lan: "02:be:2e:10:00:01", wan: "02:be:2e:10:00:02" };

export const portNames = ["lan", "wan"] as const satisfies readonly PortName[];

/** The sockets of the bench with what the modelled wire needs beyond the port: names instead of interfaces, and changes. */
export interface SimulatedEthernet extends EthernetPorts {
  link(port: PortName): LinkState;
  modeOf(port: PortName): LinkMode;
  /** Carrier, speed or mode of a port changed. */
  watch(changed: (port: PortName) => void): Stop;
}

/**
 * Both sockets, on the world's cables. The far end is a gigabit switch that follows whatever it is offered. Setting a mode
 * drops the carrier for the time of a negotiation, as a real port does; so does plugging in.
 */
export function createSimulatedEthernet(options: {
  readonly world: World;
  readonly clock: Clock;
  readonly interfaces: InterfaceNames;
  /** Ends all timers: the box lost its power. */
  readonly signal: AbortSignal;
}): SimulatedEthernet {
  const { world, clock, interfaces, signal } = options;
  const listeners = new Set<(port: PortName) => void>();
  const ports: Record<PortName, { mode: LinkMode; carrier: boolean; stop: Stop }> = {
    lan: { mode: "auto", carrier: world.get().lan.cable, stop: () => {} },
    wan: { mode: "auto", carrier: world.get().wan.cable, stop: () => {} },
  };

  const tell = (port: PortName) => {
    for (const listener of [...listeners]) listener(port);
  };
  const setCarrier = (port: PortName, carrier: boolean) => {
    if (ports[port].carrier === carrier) return;
    ports[port].carrier = carrier;
    tell(port);
  };
  const negotiate = (port: PortName) => {
    ports[port].stop();
    setCarrier(port, false);
    if (!world.get()[port].cable) return;
    ports[port].stop = clock.after(`negotiation on ${interfaces[port]}`, negotiationMs, () => setCarrier(port, true));
  };

  const unsubscribe = world.subscribe((now, before) => {
    for (const port of portNames) if (now[port].cable !== before[port].cable) negotiate(port);
  });
  signal.addEventListener(
    "abort",
    () => {
      unsubscribe();
      listeners.clear();
      for (const port of portNames) ports[port].stop();
    },
    { once: true },
  );

  const link = (port: PortName): LinkState => {
    const { mode, carrier } = ports[port];
    const [speed, duplex] = mode === "auto" ? ["1000", "full"] : mode.split("/");
    return {
      present: true,
      mac: macs[port],
      carrier,
      speedMbps: carrier ? Number(speed) : null,
      duplex: carrier ? (duplex === "half" ? "half" : "full") : null,
    };
  };
  const portOf = (interfaceName: string) => portNames.find((port) => interfaces[port] === interfaceName);
  const known = (interfaceName: string): PortName => {
    const port = portOf(interfaceName);
    if (port === undefined) throw new HalError("absent", interfaceName, "no such interface");
    return port;
  };

  return {
    link,
    modeOf: (port) => ports[port].mode,
    watch: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    state: async (interfaceName) => {
      const port = portOf(interfaceName);
      return port === undefined
        ? { present: false, mac: null, carrier: false, speedMbps: null, duplex: null }
        : link(port);
    },
    mode: async (interfaceName) => ports[known(interfaceName)].mode,
    modes: async (interfaceName) => {
      known(interfaceName);
      return linkModes;
    },
    setMode: async (interfaceName, mode) => {
      const port = known(interfaceName);
      if (!linkModes.includes(mode)) throw new HalError("unsupported", interfaceName, `no link mode ${String(mode)}`);
      if (ports[port].mode === mode) return;
      ports[port].mode = mode;
      tell(port);
      negotiate(port);
    },
  };
}
