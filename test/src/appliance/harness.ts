import { afterEach, expect } from "vitest";
import type { FileSystemState } from "../../../hal/file-systems.ts";
import type { KeyName } from "../../../hal/keypad.ts";
import type { FrontPanel, Machine } from "../../../hal/machine.ts";
import { type ConsolePair, createConsolePair } from "../../../hal/mock/console-pair.ts";
import { createFakeClock, type FakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockFileSystems } from "../../../hal/mock/file-systems.ts";
import { createMemoryFiles, type MemoryFiles } from "../../../hal/mock/memory-files.ts";
import { type MockPanelControls, openMockPanel } from "../../../hal/mock/panel.ts";
import type { Argv, Exited } from "../../../hal/processes.ts";
import { createSimulatedBackend, type SimulatedBackend } from "../../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../../sim/network/ethernet.ts";
import { blockage, managed } from "../../../sim/network/path.ts";
import { createSimulatedResolver } from "../../../sim/network/resolver.ts";
import { createSimulatedScanNetwork } from "../../../sim/network/scan-network.ts";
import { createWorld, type World } from "../../../sim/network/world.ts";
import { createTimedRunner } from "../../../sim/timed-runner.ts";
import { type Appliance, createAppliance } from "../../../src/appliance/appliance.ts";
// Loaded before the box asks for them: what is read from the disk takes time that no fake clock knows of.
import "../../../src/appliance/control-socket.ts";
import "../../../src/appliance/rooms.ts";
import type { PanelConfig } from "../../../src/config/config.ts";
import { defaultConfig } from "../../../src/config/load.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { type PanelInput, press } from "../../../src/model/key.ts";
import { silentLog } from "../../../src/model/log.ts";
import type { Sealer } from "../../../src/model/sealer.ts";
import type { NetworkBackend } from "../../../src/network/backend.ts";
import { ensureIdentity } from "../../../src/uplink/identity.ts";
import { createScriptedPlatform, type ScriptedPlatform } from "../../support/scripted-platform.ts";
import { createSomeLog } from "../../support/some-log.ts";

export const stateDirectory = "/var/lib/bezel";
export const serial = "29001";

/** One life of a box, from power-on, on modelled hardware and a modelled network. What outlives it can be handed to the next. */
export interface BenchOptions {
  readonly clock?: FakeClock;
  /** The disk. */
  readonly files?: MemoryFiles;
  /** What the service manager says of the file systems; may be changed at any time. */
  readonly fileSystem?: { state: FileSystemState["state"] };
  readonly world?: World;
  readonly platform?: ScriptedPlatform;
  /** Changes the network back end before the box gets it. */
  readonly tamper?: (backend: NetworkBackend) => NetworkBackend;
  readonly curl?: CurlOnBoard;
  /** What seals its secrets; by default nothing. */
  readonly sealer?: Sealer;
  /** The power manager's answer. */
  readonly power?: () => Promise<void>;
  /** What is done to the panel and the consoles before the power is on. */
  readonly prepare?: (machine: Pick<Bench, "controls" | "consoles">) => void;
  /** Another front panel, or the same with other parts. */
  readonly board?: (panel: FrontPanel) => FrontPanel;
  readonly cols?: number;
  readonly rows?: 2 | 4;
  /** A part of the box hangs on purpose: heartbeats may stop. */
  readonly stuck?: boolean;
  /** What the configuration says of the panel. */
  readonly panel?: Partial<Pick<PanelConfig, "pin" | "idleSeconds" | "blankSeconds" | "keys">>;
  /** The display's bus is cut in the middle of bytes: what the chip makes of that is not the driver's fault. */
  readonly disturbed?: boolean;
}

export interface Bench {
  readonly appliance: Appliance;
  readonly clock: FakeClock;
  readonly files: MemoryFiles;
  readonly fileSystem: { state: FileSystemState["state"] };
  readonly world: World;
  readonly platform: ScriptedPlatform;
  readonly controls: MockPanelControls;
  readonly consoles: ConsolePair;
  readonly kernel: SimulatedBackend;
  /** `level: message`, oldest first. */
  readonly log: readonly string[];
  /** When the service manager was told that the box is alive, from its start on; monotonic. */
  readonly beats: readonly number[];
  /** The same with all details as JSON. */
  readonly records: readonly string[];
  /** What the power manager and the service manager were told. */
  readonly told: readonly string[];
  /** Every picture that the surfaces were given, its rows joined by `|`, and when. */
  readonly frames: readonly { readonly screen: string; readonly lines: string; readonly atMs: number }[];
  /** Their screen identifiers, a repeated one once. */
  readonly screens: readonly string[];
  /** What the glass said after each transfer on the bus that changed it; rows joined by `|`. Dark is not noted. */
  readonly glasses: readonly string[];
  /** Settles when the appliance has ended. */
  readonly ended: Promise<void>;
  /** Monotonic; 0 before. */
  endedMs(): number;
  /** The rows of the glass now; empty when it is dark. */
  glass(): readonly string[];
  screen(): string;
  facts(): Facts;
  /** Fingers: `DOWN*3` is three presses, `LEFT+RIGHT` both at once. */
  press(...keys: readonly string[]): Promise<void>;
  /** As on a console: `\n` is ENTER, U+0015 clears the field. */
  type(text: string): Promise<void>;
  pressPowerButton(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Lets time pass until the box is there. Fails after `maxMs` of the box's time. */
  until(what: string | ((bench: Bench) => boolean), maxMs?: number): Promise<void>;
  /** The box is told to stop, as by the service manager, and has stopped. */
  stop(): Promise<void>;
}

const stepMs = 100;
/** What has not come by then is waited for in longer steps. */
const patienceMs = 20_000;
const longStepMs = 1000;
const heartbeatMs = 10_000;
const benches: { readonly bench: Bench; readonly disturbed: boolean; readonly stuck: boolean }[] = [];

// Whatever happened in a scenario, the box was heard all the time, ends cleanly, and its display driver never broke a rule of
// the data sheet.
afterEach(async () => {
  const all = benches.splice(0);
  // One that hangs is ended from outside.
  for (const { bench, stuck } of all) await (stuck ? bench.stop().catch(() => {}) : bench.stop());
  for (const { bench, disturbed, stuck } of all) {
    if (!disturbed) expect(bench.controls.violations).toEqual([]);
    if (stuck) continue;
    expect(silences(bench)).toEqual([]);
    expect(bench.clock.pending()).toEqual([]);
  }
});

/** The times at which a service manager would have ended the box. */
function silences({ beats, endedMs }: Bench): readonly number[] {
  return [...beats, endedMs()].filter((atMs, index) => atMs - (beats[index - 1] ?? atMs) > heartbeatMs);
}

/** A disk that has seen a first start: it holds the device's key and certificate, and nothing else. */
export async function diskWithIdentity(): Promise<MemoryFiles> {
  identityFiles ??= makeIdentity();
  const files = createMemoryFiles();
  for (const [path, pem] of await identityFiles) files.put(path, pem);
  return files;
}

let identityFiles: Promise<readonly (readonly [string, string])[]> | null = null;

async function makeIdentity(): Promise<readonly (readonly [string, string])[]> {
  const files = createMemoryFiles();
  const made = await ensureIdentity({ files, directory: stateDirectory, serial, log: silentLog });
  if (!made.ok) throw new Error(made.error.message);
  const { keyFile, certificateFile } = made.value;
  return [keyFile, certificateFile].map((path) => [path, files.text(path) ?? ""] as const);
}

/** Plugs the box in. */
export async function startBox(options: BenchOptions = {}): Promise<Bench> {
  const clock = options.clock ?? createFakeClock();
  const files = options.files ?? (await diskWithIdentity());
  const world = options.world ?? createWorld();
  const platform = options.platform ?? createScriptedPlatform();
  const { cols = 16, rows = 2, curl = "installed", tamper = (backend: NetworkBackend) => backend } = options;
  const stopping = new AbortController();
  const dead = new AbortController();
  const { log, lines, records } = createSomeLog();
  const told: string[] = [];
  const beats = [clock.monotonic()];
  const buttons = new Set<() => void>();
  const fileSystem = options.fileSystem ?? { state: "sound" };
  const consoles = createConsolePair();
  const { panel, controls } = openMockPanel({ clock, cols, rows });
  options.prepare?.({ controls, consoles });

  const askForPower = async (wish: string) => {
    told.push(wish);
    await options.power?.();
  };
  const parts = { world, clock, interfaces: { lan: "lan0", wan: "wan0" }, signal: dead.signal };
  const ethernet = createSimulatedEthernet(parts);
  const kernel = createSimulatedBackend({ ...parts, ethernet });
  const machine: Machine = {
    panel: options.board?.(panel) ?? panel,
    consoles,
    ethernet,
    power: {
      reboot: () => askForPower("reboot"),
      powerOff: () => askForPower("power off"),
      onButton: (pressed) => {
        buttons.add(pressed);
        return () => buttons.delete(pressed);
      },
    },
    clock,
    processes: { run: async (argv) => runProgram(argv, curl) },
    files,
    notify: {
      heartbeatMs,
      ready: () => void told.push("ready"),
      status: (line) => void told.push(`status: ${line}`),
      alive: () => void beats.push(clock.monotonic()),
      stopping: () => void told.push("stopping"),
    },
  };
  const blocked = () => {
    const { name, port, wire } = managed(kernel.current(), world.get());
    return blockage(port, wire, "outside", name);
  };
  const scans = createSimulatedScanNetwork({ clock, held: () => [kernel.current().lan.vlan] });
  const config = defaultConfig();
  const appliance = createAppliance({
    config: {
      ...config,
      // A path that no socket can have: the local API is not served, and nothing of this leaves the process.
      control: { socket: `/${"x".repeat(200)}`, keys: false, settings: false },
      network: { ...config.network, backend: "simulated" },
      panel: { ...config.panel, ...options.panel },
      state: { directory: stateDirectory },
    },
    product: { name: "Qualys", version: "0.1.0", model: "QGSA-5120", serial },
    machine,
    surroundings: async () => ({
      backend: tamper(kernel),
      scanNetwork: scans,
      resolver: createSimulatedResolver({ world, clock, network: kernel.current, names: ["platform.example"] }),
      https: platform.https(clock, blocked),
      runner: createTimedRunner(clock, dead.signal),
      sealer: options.sealer ?? null,
      fileSystems: createMockFileSystems(() => fileSystem.state),
      healthArgv: ["bezel", "health", stateDirectory],
    }),
    random: () => 0.5,
    log,
    hide: () => {},
    messageMs: 700,
  });

  const frames: { screen: string; lines: string; atMs: number }[] = [];
  const screens: string[] = [];
  const glasses: string[] = [];
  const noteFrame = () => {
    const { screen, lines: rows } = appliance.frame();
    const joined = rows.join("|");
    if (screen !== screens.at(-1)) screens.push(screen);
    const last = frames.at(-1);
    if (last?.screen !== screen || last.lines !== joined) {
      frames.push({ screen, lines: joined, atMs: clock.monotonic() });
    }
  };
  const glass = () => (controls.glass().on ? controls.glass().lines : []);
  controls.watch(() => {
    const seen = glass().join("|");
    if (seen.replaceAll("|", "").trim() !== "" && seen !== glasses.at(-1)) glasses.push(seen);
  });

  const operationsBefore = files.operations().length;
  const ended = appliance.run(stopping.signal);
  let hasEnded = false;
  let endedMs = 0;
  const mark = () => {
    hasEnded = true;
    endedMs = clock.monotonic();
  };
  ended.then(mark, mark);
  appliance.subscribe(noteFrame);
  noteFrame();

  const advance = (ms: number) => clock.advance(ms);
  const until: Bench["until"] = async (what, maxMs = 120_000) => {
    const isThere = typeof what === "string" ? () => bench.screen() === what : () => what(bench);
    for (let waitedMs = 0; !isThere(); ) {
      if (waitedMs >= maxMs) throw new Error(`${String(what)}: not within ${maxMs} ms; ${describe()}`);
      if (hasEnded) throw new Error(`${String(what)}: the box has ended; ${describe()}`);
      if (loadsRooms()) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      // A key is being made, or will be as soon as it can be stored: real work in real time.
      if (files.text(`${stateDirectory}/device-certificate.pem`) === null) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const step = waitedMs < patienceMs ? stepMs : longStepMs;
      await advance(step);
      waitedMs += step;
    }
    // What is on the frame has to reach the glass, and keys the panel.
    await advance(stepMs);
  };
  /** No matter of the box's clock. */
  const loadsRooms = () => {
    const { progress } = appliance.facts();
    const isStarting = progress?.what === "boot" && progress.step === "starting";
    return isStarting && files.operations().length === operationsBefore;
  };
  const describe = () =>
    JSON.stringify({ screen: bench.screen(), glass: glass(), pending: clock.pending(), log: lines.slice(-8) });

  const bench: Bench = {
    appliance,
    clock,
    files,
    fileSystem,
    world,
    platform,
    controls,
    consoles,
    kernel,
    log: lines,
    records,
    told,
    beats,
    frames,
    screens,
    glasses,
    ended,
    endedMs: () => endedMs,
    glass,
    screen: () => appliance.frame().screen,
    facts: () => appliance.facts(),
    press: async (...keys) => {
      for (const key of keys) {
        const [name = "", times = "1"] = key.split("*");
        for (let left = Number(times); left > 0; left--) {
          const fingers = name.split("+").map((finger) => controls.press(finger as KeyName));
          await advance(150);
          await Promise.all(fingers);
        }
      }
    },
    type: async (text) => {
      const typed: Readonly<Record<string, PanelInput>> = { "\n": press("ENTER"), "\u0015": press("LEFT+RIGHT") };
      appliance.input([...text].map((character) => typed[character] ?? { type: "character", character }));
      await advance(0);
    },
    pressPowerButton: async () => {
      for (const pressed of [...buttons]) pressed();
      await advance(0);
    },
    advance,
    until,
    stop: async () => {
      stopping.abort(new Error("the test has ended"));
      for (let turn = 0; !hasEnded; turn++) {
        if (turn > 200) throw new Error(`the box does not stop; ${describe()}`);
        await advance(stepMs);
      }
      dead.abort(new Error("the test has ended"));
    },
  };
  benches.push({ bench, disturbed: options.disturbed ?? false, stuck: options.stuck ?? false });
  return bench;
}

/** A box that is on line, at home. */
export async function startedBox(options: BenchOptions = {}): Promise<Bench> {
  const bench = await startBox(options);
  await bench.until("home");
  return bench;
}

/** The programs of the machine. */
type CurlOnBoard = "installed" | "missing" | "without NTLM";

async function runProgram([program, ...args]: Argv, curl: CurlOnBoard): Promise<Exited> {
  await new Promise((resolve) => setImmediate(resolve));
  const said = (stdout: string): Exited => ({ kind: "exited", code: 0, stdout, stderr: "" });
  if (program === "curl" && curl !== "missing" && args.includes("--version")) {
    const features = curl === "without NTLM" ? "SSL" : "NTLM SSL";
    return said(`curl 8.5.0 (x86_64-pc-linux-gnu)\nProtocols: http https\nFeatures: ${features}\n`);
  }
  if (program === "bezel") {
    const memory = { totalBytes: 8e9, availableBytes: 4e9 };
    const disk = { totalBytes: 8e9, freeBytes: 4e9 };
    return said(JSON.stringify({ uptimeSeconds: 60, load: 0.1, memory, disk, temperatureCelsius: null }));
  }
  return { kind: "notFound", program };
}
