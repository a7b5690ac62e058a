import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type Clock, untilAborted } from "../hal/clock.ts";
import { HalError } from "../hal/errors.ts";
import type { Files } from "../hal/files.ts";
import type { Argv, Processes } from "../hal/processes.ts";
import { createAppliance } from "../src/appliance/appliance.ts";
import type { Config } from "../src/config/config.ts";
import { socketAnswers } from "../src/control/server.ts";
import type { Https } from "../src/https/https.ts";
import type { Log } from "../src/model/log.ts";
import { type BoxParts, createBench } from "./bench.ts";
import type { Box } from "./box-host.ts";
import { serveBench } from "./server.ts";
import { openTerminal } from "./terminal.ts";

/** The controller of the box as the command line asked for it, and what it needs of this machine. */
export interface BenchCommand {
  readonly port: number;
  /** null: a new box, gone with the bench. */
  readonly state: string | null;
  readonly activated: boolean;
  readonly headless: boolean;
  /** Panel, product and consoles; the bench sets platform, state and socket itself. */
  readonly config: Config;
  readonly version: string;
  /** The folder of the built page. */
  readonly pageDirectory: string;
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: Processes;
  /** HTTPS by these children. */
  readonly createHttps: (processes: Processes) => Https;
  /** The program that prints the machine's health for a state directory. */
  readonly healthArgv: (directory: string) => Argv;
  readonly random: () => number;
  readonly messageMs: number;
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly output: Writable & { readonly isTTY?: boolean };
  /** Opens the log: in a file when it is named, else on standard error. */
  readonly openLog: (file: string | null) => Log;
  /** Keeps a secret out of it. */
  readonly hide: (secret: string) => void;
  /** Ends the bench. */
  readonly signal: AbortSignal;
}

/**
 * `bezel sim`: the whole appliance on mock hardware until the signal aborts. In a terminal it is itself a console of the
 * box; otherwise it prints where it is to be found.
 */
export async function runBench(command: BenchCommand): Promise<void> {
  const { state, headless, input, output, clock, files, processes } = command;
  const inTerminal = !headless && input.isTTY === true && output.isTTY === true;
  const directory = state === null ? await mkdtemp(join(tmpdir(), "bezel-")) : resolve(state);
  const socket = join(directory, "control.sock");
  await claim(directory, socket, files);
  // A terminal that shows the panel has no room for anything else.
  const log = command.openLog(inTerminal ? join(directory, "bench.log") : null);

  const interrupted = new AbortController();
  const signal = AbortSignal.any([command.signal, interrupted.signal]);
  let address = "";
  let addressKnown = () => {};
  const ready = new Promise<void>((resolve) => {
    addressKnown = resolve;
  });
  const terminal = inTerminal
    ? openTerminal({
        input,
        output,
        ready,
        header: () => [`Bench page: ${address}    Ctrl-C ends`, ""],
        interrupted: () => interrupted.abort(new Error("interrupted at the terminal")),
      })
    : null;

  try {
    const bench = await createBench({
      system: clock,
      files,
      processes,
      directory,
      activated: command.activated,
      log,
      geometry: { cols: command.config.panel.cols, rows: command.config.panel.rows === 4 ? 4 : 2 },
      interfaces: { lan: command.config.network.lan, wan: command.config.network.wan },
      ...(terminal === null ? {} : { terminal: terminal.ports }),
      startBox: (parts, ended) => startBox(parts, ended, socket, command, log),
    });
    try {
      const { pageDirectory, port } = command;
      const server = await serveBench({ bench, port, pageDirectory, system: clock, log });
      address = server.url;
      addressKnown();
      if (headless) output.write(`${JSON.stringify({ url: server.url, socket })}\n`);
      else if (!inTerminal) output.write(`The bench is at ${server.url}; its control socket is ${socket}\n`);
      await untilAborted(signal);
      await server.close();
    } finally {
      await bench.close();
    }
  } finally {
    terminal?.close();
    if (state === null) await rm(directory, { recursive: true, force: true });
  }
}

/** Makes the state directory ours. Rejects with a HalError: it cannot be written, or another bench runs on it. */
async function claim(directory: string, socket: string, files: Files): Promise<void> {
  await files.makeDirectory(directory, 0o700);
  const probe = join(directory, "writable");
  await files.write(probe, new Uint8Array(), 0o600);
  await files.remove(probe);
  if (await socketAnswers(socket)) {
    throw new HalError("busy", directory, "another bench runs on this state; stop it or choose another --state");
  }
}

function startBox(
  parts: BoxParts,
  signal: AbortSignal,
  socket: string,
  { config, version, createHttps, healthArgv, random, hide, messageMs }: BenchCommand,
  log: Log,
): Box {
  const {
    machine,
    backend,
    scanNetwork,
    resolver,
    jobRunner,
    fileSystems,
    stateDirectory,
    platformUrl,
    authorityFile,
  } = parts;
  const appliance = createAppliance({
    config: {
      ...config,
      platform: { ...config.platform, url: platformUrl, caFile: authorityFile },
      control: { socket, keys: true, settings: true },
      state: { directory: stateDirectory },
    },
    product: {
      name: config.product.name,
      version,
      model: config.appliance.model || "Bezel bench",
      serial: config.appliance.serial || "29001",
    },
    machine,
    surroundings: async () => ({
      backend,
      scanNetwork,
      resolver,
      https: createHttps(machine.processes),
      runner: jobRunner,
      // Its state is a folder of the person who tries it.
      sealer: null,
      fileSystems,
      healthArgv: healthArgv(stateDirectory),
    }),
    random,
    log,
    hide,
    messageMs,
  });
  return { ...appliance, ended: appliance.run(signal) };
}
