import { TextDecoder } from "node:util";
import type { ConsolePort, ConsolePorts } from "../console.ts";
import { matchesPattern } from "../console-pattern.ts";
import { HalError, type HalErrorKind } from "../errors.ts";

/** The other end of a console: the terminal that a person sits at. */
export interface ConsolePeer {
  /** What the person types. Lost when nobody has the port open, as on a real line. */
  write(input: string | Uint8Array): void;
  /** All that was printed since the last call, as text; half a character waits for its other half. */
  take(): string;
  /** While true the line takes nothing more: writes wait, as with a terminal that stopped the flow. */
  hold(stopped: boolean): void;
}

/** Consoles in memory, with the strictness of {@link ConsolePort}. Results arrive on a later turn, as on hardware. */
export interface ConsolePair extends ConsolePorts {
  plug(device: string): void;
  /** Hangs up whoever has the device open. */
  unplug(device: string): void;
  peer(device: string): ConsolePeer;
  /** Lets the next `open` of the device reject. */
  failOpen(device: string, kind: HalErrorKind): void;
}

interface Line {
  plugged: boolean;
  held: boolean;
  readonly printed: string[];
  decoder: TextDecoder;
  open: OpenPort | null;
  openFault: HalErrorKind | null;
}

interface OpenPort extends ConsolePort {
  receive(bytes: Uint8Array): void;
  flow(): void;
  hangUp(): void;
}

/** `readBytes` is the most that one read delivers; small values tear escape sequences apart. */
export function createConsolePair({ readBytes = 4096 }: { readonly readBytes?: number } = {}): ConsolePair {
  const lines = new Map<string, Line>();
  const watchers = new Set<() => void>();

  const lineOf = (device: string): Line => {
    const known = lines.get(device);
    if (known !== undefined) return known;
    const line: Line = {
      plugged: false,
      held: false,
      printed: [],
      decoder: new TextDecoder(),
      open: null,
      openFault: null,
    };
    lines.set(device, line);
    return line;
  };
  const report = () => {
    for (const watcher of watchers) watcher();
  };

  return {
    watch: (patterns, changed) => {
      let last: string | null = null;
      const tell = () => {
        const devices = [...lines]
          .filter(([device, line]) => line.plugged && patterns.some((pattern) => matchesPattern(pattern, device)))
          .map(([device]) => device)
          .sort();
        const seen = JSON.stringify(devices);
        if (seen === last) return;
        last = seen;
        setImmediate(() => {
          if (watchers.has(tell)) changed(devices);
        });
      };
      watchers.add(tell);
      tell();
      return () => watchers.delete(tell);
    },
    open: async (device) => {
      await laterTurn();
      const line = lineOf(device);
      const fault = line.openFault;
      line.openFault = null;
      if (fault !== null) throw new HalError(fault, device, "opening failed (injected)");
      if (!line.plugged) throw new HalError("absent", device, "no such device");
      if (line.open !== null) throw new HalError("busy", device, "is open already");
      line.open = createPort(device, line, readBytes);
      return line.open;
    },
    plug: (device) => {
      lineOf(device).plugged = true;
      report();
    },
    unplug: (device) => {
      const line = lineOf(device);
      line.plugged = false;
      line.open?.hangUp();
      report();
    },
    peer: (device) => ({
      write: (input) => {
        lineOf(device).open?.receive(typeof input === "string" ? new TextEncoder().encode(input) : input.slice());
      },
      take: () => lineOf(device).printed.splice(0).join(""),
      hold: (stopped) => {
        const line = lineOf(device);
        line.held = stopped;
        line.open?.flow();
      },
    }),
    failOpen: (device, kind) => {
      lineOf(device).openFault = kind;
    },
  };
}

function createPort(device: string, line: Line, readBytes: number): OpenPort {
  const input: number[] = [];
  let closed = false;
  let reading: { resolve(bytes: Uint8Array): void; reject(error: HalError): void } | null = null;
  let writing: { bytes: Uint8Array; resolve(): void; reject(error: HalError): void } | null = null;

  const closedError = () => new HalError("closed", device, "the port is closed");
  const deliver = () => {
    if (reading === null || input.length === 0) return;
    const { resolve } = reading;
    reading = null;
    resolve(Uint8Array.from(input.splice(0, readBytes)));
  };
  const flow = () => {
    if (writing === null || line.held) return;
    const { bytes, resolve } = writing;
    writing = null;
    line.printed.push(line.decoder.decode(bytes, { stream: true }));
    resolve();
  };
  const hangUp = () => {
    if (closed) return;
    closed = true;
    line.open = null;
    line.decoder = new TextDecoder();
    reading?.reject(closedError());
    writing?.reject(closedError());
    reading = null;
    writing = null;
  };

  return {
    device,
    read: () =>
      new Promise((resolve, reject) => {
        if (closed) reject(closedError());
        else if (reading !== null) reject(new HalError("busy", device, "a read is waiting already"));
        else {
          reading = { resolve, reject };
          setImmediate(deliver);
        }
      }),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (closed) reject(closedError());
        else if (writing !== null) reject(new HalError("busy", device, "a write is waiting already"));
        else {
          writing = { bytes: bytes.slice(), resolve, reject };
          setImmediate(flow);
        }
      }),
    close: async () => hangUp(),
    receive: (bytes) => {
      for (const byte of bytes) input.push(byte);
      deliver();
    },
    flow,
    hangUp,
  };
}

function laterTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
