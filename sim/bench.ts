import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Stop, sleep } from "../hal/clock.ts";
import type { ConsolePorts } from "../hal/console.ts";
import type { FileSystems } from "../hal/file-systems.ts";
import type { Files } from "../hal/files.ts";
import type { KeyName } from "../hal/keypad.ts";
import type { Machine } from "../hal/machine.ts";
import { createBenchClock } from "../hal/mock/bench-clock.ts";
import { createMockFileSystems } from "../hal/mock/file-systems.ts";
import { type MockPanelControls, openMockPanel } from "../hal/mock/panel.ts";
import type { Processes } from "../hal/processes.ts";
import type { Resolver } from "../hal/resolver.ts";
import { createFolderStore, createPlatform } from "../platform/platform.ts";
import type { Controllable } from "../src/control/api.ts";
import type { JobRunner } from "../src/jobs/jobs.ts";
import type { Log } from "../src/model/log.ts";
import type { NetworkBackend } from "../src/network/backend.ts";
import type { ScanNetwork } from "../src/network/scan/scan-network.ts";
import { type Account, createAccount } from "./account.ts";
import type { BenchDocument, BenchPatch } from "./bench-document.ts";
import { type Box, type BoxHost, createBoxHost } from "./box-host.ts";
import { joinConsoles } from "./consoles.ts";
import { createDarkControl } from "./dark-control.ts";
import { createFingers } from "./fingers.ts";
import { createListeners } from "./listeners.ts";
import { type CountedProcesses, mortalClock, mortalConsoles, mortalFiles, mortalProcesses } from "./mortal.ts";
import { createSimulatedBackend, type SimulatedBackend } from "./network/backend.ts";
import { createSimulatedEthernet, type InterfaceNames } from "./network/ethernet.ts";
import { blockage, managed } from "./network/path.ts";
import { createProxy } from "./network/proxy.ts";
import { createRelay, type Way } from "./network/relay.ts";
import { createSimulatedResolver } from "./network/resolver.ts";
import { createSimulatedScanNetwork } from "./network/scan-network.ts";
import { createWorld } from "./network/world.ts";
import type { AboutView, GlassView } from "./page-protocol.ts";
import { createSerialLine, type SerialLine } from "./serial-line.ts";
import { createTimedRunner } from "./timed-runner.ts";

/** What the box is built from for one life; a reboot or a new start gets new ones on the same state directory. */
export interface BoxParts {
  readonly machine: Machine;
  readonly backend: NetworkBackend;
  readonly scanNetwork: ScanNetwork;
  readonly resolver: Resolver;
  readonly jobRunner: JobRunner;
  readonly fileSystems: FileSystems;
  /** The box's own folder; exists. */
  readonly stateDirectory: string;
  /** Where the box finds the platform: `https://<name>:<port of the relay>`. */
  readonly platformUrl: string;
  /** PEM file of the authority that the platform's certificate is from. */
  readonly authorityFile: string;
}

export interface BenchOptions {
  /** Real time: for real sockets and the page. */
  readonly system: Clock;
  readonly files: Files;
  readonly processes: Processes;
  /** Keeps box and platform from one run to the next; null: a new box, gone with the bench. */
  readonly directory: string | null;
  /** The box finds itself activated at its first poll. */
  readonly activated?: boolean;
  readonly startBox: (parts: BoxParts, signal: AbortSignal) => Box;
  readonly log: Log;
  readonly geometry: { readonly cols: number; readonly rows: 2 | 4 };
  readonly interfaces?: InterfaceNames;
  /** Name of the page's serial console, as the box's patterns have to match it. */
  readonly consoleDevice?: string;
  /** Another console beside the page's, such as the terminal that the bench was started in. */
  readonly terminal?: ConsolePorts;
}

export interface Bench {
  /** The box for the local API: while it has no power, a dark one. */
  readonly control: Controllable;
  readonly host: BoxHost;
  readonly line: SerialLine;
  readonly account: Account;
  /** The box's clock. */
  readonly clock: Clock;
  readonly about: AboutView;
  document(): BenchDocument;
  /** Applies a checked patch whole; resolves when the clock has been advanced, if the patch asks for it. */
  patch(patch: BenchPatch): Promise<void>;
  glass(): GlassView;
  key(key: KeyName, down: boolean): void;
  /** Told after a change of the world, the platform or the box's power. */
  subscribe(changed: () => void): Stop;
  /** Told when glass or LEDs may look different. */
  watchGlass(changed: () => void): Stop;
  close(): Promise<void>;
}

const fileSystemStates = { ok: "sound", fsck: "fsck-failed", mount: "mount-failed" } as const;
const platformName = "platform.example";
const proxyName = "proxy.example";
/** Slices of a skip, so that a request that falls due in one is answered before the next one makes it time out. */
const sliceMs = 1000;
const mostSlices = 3600;
/** A request that hangs is waited for once, for this real time. */
const patienceMs = 2000;
const glanceMs = 5;

/** The bench: the world around one box, the box's machine and its power cable. */
export async function createBench(options: BenchOptions): Promise<Bench> {
  const { system, log, geometry, interfaces = { lan: "lan0", wan: "wan0" } } = options;
  const clock = createBenchClock(system);
  const world = createWorld();
  const folder = options.directory ?? (await mkdtemp(join(tmpdir(), "bezel-bench-")));
  const stateDirectory = join(folder, "box");
  const authorityFile = join(folder, "platform-authority.pem");
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const platform = createPlatform({
    hostName: platformName,
    store: createFolderStore(join(folder, "platform")),
    now: clock.now,
    storeFailed: (error) => log.warn({ err: error }, "the platform could not store its appliances"),
  });
  const { port: platformPort, caPem } = await platform.start();
  await writeFile(authorityFile, caPem);
  const target = { host: "127.0.0.1", port: platformPort };
  const account = createAccount(platform.control, options.activated ?? false);
  const line = createSerialLine(options.consoleDevice ?? "/dev/ttyUSB0");
  const consoles = options.terminal === undefined ? line.ports : joinConsoles(line.ports, options.terminal);
  const { tell, subscribe } = createListeners();
  const glassListeners = createListeners();

  // Of the life at hand.
  let backend: SimulatedBackend | null = null;
  let processes: CountedProcesses | null = null;
  let panel: MockPanelControls | null = null;

  const fingers = createFingers(clock, (key, down) => {
    if (down) panel?.down(key);
    else panel?.up(key);
  });

  const way = (to: "wire" | "outside"): Way => {
    if (backend === null || !host.power().running) return "gone";
    const { name, port, wire } = managed(backend.current(), world.get());
    return blockage(port, wire, to, name) === null ? "open" : "blocked";
  };
  const wayToPlatform = (): Way => {
    const closed = account.state().answer === "refused" || world.get().proxy.required;
    const open = way("outside");
    return open === "open" && closed ? "blocked" : open;
  };

  const proxy = await createProxy({
    state: () => world.get().proxy,
    route: ({ host: name }) => (name === platformName ? target : null),
  });
  const relays = { clock: system, port: 0, watch: subscribe };
  let host: Pick<BoxHost, "power"> = { power: () => ({ plugged: true, running: false }) };
  const relay = await createRelay({ ...relays, target, way: wayToPlatform });
  const proxyRelay = await createRelay({
    ...relays,
    target: { host: "127.0.0.1", port: proxy.port },
    way: () => way("wire"),
  });
  const platformUrl = `https://${platformName}:${relay.port}`;

  const equip = (power: Machine["power"], dead: AbortSignal) => {
    const mortal = mortalClock(clock, dead);
    const parts = { world, clock: mortal, interfaces, signal: dead };
    const ethernet = createSimulatedEthernet(parts);
    const network = createSimulatedBackend({ ...parts, ethernet });
    const children = mortalProcesses(options.processes, dead);
    const front = openMockPanel({ clock: mortal, ...geometry });
    network.watch(tell);
    front.controls.watch(glassListeners.tell);
    backend = network;
    processes = children;
    panel = front.controls;
    const machine: Machine = {
      panel: front.panel,
      consoles: mortalConsoles(consoles, dead),
      ethernet,
      power,
      clock: mortal,
      processes: children,
      files: mortalFiles(options.files, dead),
      notify: { heartbeatMs: null, ready: () => {}, status: () => {}, alive: () => {}, stopping: () => {} },
    };
    const resolver = createSimulatedResolver({
      world,
      clock: mortal,
      network: network.current,
      names: [platformName, proxyName],
    });
    const scanNetwork = createSimulatedScanNetwork({ clock: mortal, held: () => [network.current().lan.vlan] });
    const jobRunner = createTimedRunner(mortal);
    return {
      parts: {
        machine,
        backend: network,
        scanNetwork,
        resolver,
        jobRunner,
        fileSystems: createMockFileSystems(() => fileSystemStates[world.get().storage.fileSystem]),
        stateDirectory,
        platformUrl,
        authorityFile,
      },
      powerLost: () => front.controls.unplug(),
    };
  };
  const boxHost = createBoxHost<BoxParts>({ clock, log, equip, start: options.startBox });
  host = boxHost;
  const stops = [world.subscribe(tell), account.subscribe(tell), boxHost.subscribe(tell)];
  tell();

  const hanging = new WeakSet<object>();
  const awaited = () => (processes?.running() ?? []).filter((child) => !hanging.has(child));
  const requestsAnswered = async () => {
    const untilMs = system.monotonic() + patienceMs;
    while (awaited().length > 0 && system.monotonic() < untilMs) await sleep(system, "request of the box", glanceMs);
    for (const child of awaited()) hanging.add(child);
  };
  const advance = async (ms: number) => {
    const slice = Math.max(sliceMs, ms / mostSlices);
    for (let left = ms; left > 0; left -= slice) {
      await clock.advance(Math.min(slice, left));
      await requestsAnswered();
    }
  };

  return {
    control: createDarkControl(boxHost, geometry),
    host: boxHost,
    line,
    account,
    clock,
    about: { platformUrl, proxy: { host: proxyName, port: proxyRelay.port, user: "bench", password: "bench" } },
    document: () => ({ ...world.get(), platform: account.state(), clock: { advanceSeconds: 0 } }),
    patch: async ({ platform: change, clock: time, ...rest }) => {
      world.patch(rest);
      if (change !== undefined) await account.set(change);
      if (time?.advanceSeconds !== undefined) await advance(time.advanceSeconds * 1000);
    },
    glass: () => glassView(panel, geometry),
    key: fingers.move,
    subscribe,
    watchGlass: glassListeners.subscribe,
    close: async () => {
      await boxHost.close();
      for (const stop of stops) stop();
      await Promise.all([relay.close(), proxyRelay.close(), proxy.close(), platform.stop()]);
      if (options.directory === null) await rm(folder, { recursive: true, force: true });
    },
  };
}

function glassView(panel: MockPanelControls | null, { cols, rows }: { cols: number; rows: number }): GlassView {
  if (panel === null) {
    const leds = { s1: false, s2: false, s3: false };
    return { cols, rows, lines: [], cursor: null, lit: false, dots: [], leds };
  }
  const { lines, cursor, on, backlight, dots } = panel.glass();
  return { cols, rows, lines, cursor, lit: on && backlight, dots, leds: panel.leds() };
}
