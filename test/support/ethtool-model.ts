import type { Argv, Exited, Processes } from "../../hal/processes.ts";

/** A port as its driver sees it. */
export interface ModelPort {
  /** As the driver names them, such as `1000baseT/Full`; empty: it knows none. */
  readonly supported: readonly string[];
  readonly canNegotiate: boolean;
  carrier: boolean;
  /** The driver names a forced speed only with carrier, as igb, e1000e and tg3 do. */
  readonly silentWithoutCarrier?: boolean;
  /** The driver only answers while the port is up, as those do that meet their PHY when they are opened. */
  readonly needsUp?: boolean;
  up?: boolean;
  /** The driver has nothing that ethtool could show. */
  readonly mute?: boolean;
  /** Says yes and does nothing. */
  readonly ignores?: boolean;
  /** So many readings after a change still show the speed of before. */
  readonly lag?: number;
}

/** The kinds of port that are met. */
export const portTypes = {
  gigabit: {
    supported: ["10baseT/Half", "10baseT/Full", "100baseT/Half", "100baseT/Full", "1000baseT/Full"],
    canNegotiate: true,
    carrier: true,
  },
  fast: {
    supported: ["10baseT/Half", "10baseT/Full", "100baseT/Half", "100baseT/Full"],
    canNegotiate: true,
    carrier: true,
  },
  fibre: { supported: ["1000baseX/Full"], canNegotiate: true, carrier: true },
  tenGigabit: { supported: ["10000baseSR/Full"], canNegotiate: false, carrier: true },
  virtual: { supported: [], canNegotiate: false, carrier: true },
  mute: { supported: [], canNegotiate: false, carrier: true, mute: true },
} as const satisfies Record<string, ModelPort>;

export interface EthtoolModel extends Processes {
  /** The `ethtool -s` calls that got as far as the driver. */
  readonly orders: readonly Argv[];
}

interface State {
  advertised: readonly string[];
  negotiates: boolean;
  speed: number;
  duplex: string;
  /** What readings show until the lag is over. */
  stale: { readings: number; speed: string; duplex: string } | null;
}

const notPermitted = "netlink error: Operation not permitted\n";
const nothingSuch =
  "netlink error: no device matches name (offset 24)\nnetlink error: No such device\nNo data available\n";

/**
 * ethtool 6.1 with the kernel behind it, at a gigabit switch that follows whatever it is offered. As strict as both: wrong
 * arguments end with 1, what the driver does not take with 75. `mayChange` false: without CAP_NET_ADMIN.
 */
export function createEthtoolModel(ports: Readonly<Record<string, ModelPort>>, mayChange = true): EthtoolModel {
  const orders: Argv[] = [];
  const states = new Map(Object.entries(ports).map(([name, port]) => [name, firstState(port)]));

  const show = (name: string): Exited => {
    const port = ports[name];
    const state = states.get(name);
    if (port === undefined || state === undefined) return exited(75, "", nothingSuch);
    if (port.mute) return exited(75, "No data available\n");
    if (port.needsUp && !port.up) {
      return exited(0, `Settings for ${name}:\n\tLink detected: no\n`, "netlink error: No such device\n");
    }
    // Wake on LAN is for those with rights only.
    return exited(0, describePort(name, port, state), mayChange ? "" : notPermitted);
  };

  const change = (argv: Argv): Exited => {
    const [, , name = "", ...pairs] = argv;
    const request = readPairs(pairs);
    if (typeof request === "string") return exited(1, "", request);
    const port = ports[name];
    const state = states.get(name);
    if (port === undefined || state === undefined) return exited(75, "", nothingSuch);
    if (!mayChange) return exited(75, "", notPermitted);
    if (port.needsUp && !port.up) return exited(75, "", "netlink error: No such device\n");
    if (port.supported.length === 0) return exited(75, "", "netlink error: Operation not supported\n");
    orders.push(argv);
    if (port.ignores) return exited(0);
    const next = nextState(port, request);
    if (next === null) return exited(75, "", "netlink error: Invalid argument\n");
    const stale = port.lag === undefined ? null : { readings: port.lag, ...shown(port, state) };
    states.set(name, { ...next, stale });
    return exited(0);
  };

  return {
    orders,
    run: async (argv) => {
      const [program, first, ...more] = argv;
      if (program !== "ethtool") return { kind: "notFound", program };
      if (first === "-s") return change(argv);
      const usage = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";
      return first === undefined || first.startsWith("-") || more.length > 0 ? exited(1, "", usage) : show(first);
    },
  };
}

function exited(code: number, stdout = "", stderr = ""): Exited {
  return { kind: "exited", code, stdout, stderr };
}

function firstState({ supported, canNegotiate }: ModelPort): State {
  const [speed, duplex] = partsOf(supported.at(-1) ?? "10000baseT/Full");
  return { advertised: canNegotiate ? supported : [], negotiates: canNegotiate, speed, duplex, stale: null };
}

function partsOf(mode: string): [speed: number, duplex: string] {
  const [, speed, duplex] = /^(\d+)base\w+\/(Half|Full)$/.exec(mode) ?? [];
  if (speed === undefined || duplex === undefined) throw new Error(`${mode} is no link mode`);
  return [Number(speed), duplex];
}

interface Request {
  speed?: number;
  duplex?: "Half" | "Full";
  autoneg?: boolean;
}

/** ethtool's own checks; a text is what it complains of. */
function readPairs(pairs: readonly string[]): Request | string {
  const request: Request = {};
  if (pairs.length === 0) return "ethtool (-s): no parameters\n";
  for (let at = 0; at < pairs.length; at += 2) {
    const [key = "", value] = pairs.slice(at, at + 2);
    if (value === undefined) return `ethtool (-s): no value for parameter '${key}'\n`;
    const invalid = `ethtool (-s): invalid value '${value}' for parameter '${key}'\n`;
    if (key === "speed") {
      if (!/^\d+$/.test(value)) return invalid;
      request.speed = Number(value);
    } else if (key === "duplex") {
      if (value !== "half" && value !== "full") return invalid;
      request.duplex = value === "half" ? "Half" : "Full";
    } else if (key === "autoneg") {
      if (value !== "on" && value !== "off") return invalid;
      request.autoneg = value === "on";
    } else return `ethtool (-s): unknown parameter '${key}'\n`;
  }
  return request;
}

/** What kernel and driver make of it; null: they refuse. */
function nextState({ supported, canNegotiate }: ModelPort, { speed, duplex, autoneg }: Request): State | null {
  const matching = supported.filter((mode) => {
    const [itsSpeed, itsDuplex] = partsOf(mode);
    return (speed === undefined || speed === itsSpeed) && (duplex === undefined || duplex === itsDuplex);
  });
  const best = matching.at(-1);
  if (best === undefined || (autoneg && !canNegotiate)) return null;
  const [bestSpeed, bestDuplex] = partsOf(best);
  // 1000BASE-T without negotiation is refused by the drivers.
  if (!autoneg && (speed === undefined || duplex === undefined || bestSpeed === 1000)) return null;
  return {
    advertised: autoneg ? matching : supported,
    negotiates: autoneg ?? false,
    speed: bestSpeed,
    duplex: bestDuplex,
    stale: null,
  };
}

function shown(port: ModelPort, { negotiates, speed, duplex }: State): { speed: string; duplex: string } {
  const silent = !port.carrier && (negotiates || (port.silentWithoutCarrier ?? false));
  return silent ? { speed: "Unknown!", duplex: "Unknown! (255)" } : { speed: `${speed}Mb/s`, duplex };
}

function describePort(name: string, port: ModelPort, state: State): string {
  const lagging = state.stale !== null && state.stale.readings-- > 0;
  const { speed, duplex } = lagging && state.stale !== null ? state.stale : shown(port, state);
  const list = (modes: readonly string[]) =>
    modes.length === 0
      ? "Not reported"
      : modes.join(" ").replaceAll(/((?:\S+ ){2})/g, "$1\n\t                        ");
  return [
    `Settings for ${name}:`,
    "\tSupported ports: [ TP ]",
    `\tSupported link modes:   ${list(port.supported)}`,
    "\tSupported pause frame use: Symmetric",
    `\tSupports auto-negotiation: ${port.canNegotiate ? "Yes" : "No"}`,
    "\tSupported FEC modes: Not reported",
    `\tAdvertised link modes:  ${list(state.advertised)}`,
    "\tAdvertised pause frame use: Symmetric",
    `\tAdvertised auto-negotiation: ${state.negotiates ? "Yes" : "No"}`,
    "\tAdvertised FEC modes: Not reported",
    `\tSpeed: ${speed}`,
    `\tDuplex: ${duplex}`,
    `\tAuto-negotiation: ${state.negotiates ? "on" : "off"}`,
    "\tPort: Twisted Pair",
    "\tPHYAD: 1",
    "\tTransceiver: internal",
    "\tMDI-X: Unknown",
    `\tLink detected: ${port.carrier ? "yes" : "no"}`,
    "",
  ].join("\n");
}
