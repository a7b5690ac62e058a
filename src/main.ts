#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../hal/clock.ts";
import { HalError } from "../hal/errors.ts";
import type { Files } from "../hal/files.ts";
import { createSystemClock } from "../hal/linux/clock.ts";
import { createFiles } from "../hal/linux/files.ts";
import { createNotify } from "../hal/linux/notify.ts";
import { createPower } from "../hal/linux/power.ts";
import { createProcesses } from "../hal/linux/processes.ts";
import { readMachineName } from "../hal/linux/product.ts";
import type { FrontPanel } from "../hal/machine.ts";
import type { Argv } from "../hal/processes.ts";
import { createAppliance } from "./appliance/appliance.ts";
import type { Config, LogLevel } from "./config/config.ts";
import type { ConfigProblem } from "./config/load.ts";
import { type Command, defaultConfigFile, parseCommandLine } from "./control/command-line.ts";
import type { Lack } from "./main/inspect.ts";
import { type Log, silentLog } from "./model/log.ts";
import { createRedaction } from "./model/redaction.ts";
import { failed, ok, type Result } from "./model/result.ts";
import { version } from "./version.ts";

/**
 * The program. The one place that chooses implementations: what a command does not need is not loaded, so that the first
 * picture is on the glass at once.
 */
type ExitCode = 0 | 1 | 2 | 3 | 4;

/** How long a message of the boot and of a change stays at least. */
const messageMs = 700;

/** The bundle, and beside it the bench's page. */
const program = realpathSync(process.argv[1] ?? ".");

const bezel: Argv = [process.execPath, program];

/** Of all logs of this process. */
const redaction = createRedaction();

const stdout = (text: string) => void process.stdout.write(text);
const stderr = (text: string) => void process.stderr.write(text);

async function stdin(maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new HalError("unsupported", "standard input", `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  // Not a command for people: see uplink/health.ts.
  if (argv[0] === "health" && argv[1] !== undefined) {
    const { printHealth } = await import("./uplink/health-process.ts");
    await printHealth(argv[1], stdout);
    return 0;
  }
  // Nor this one: see hal/linux/system-names.ts.
  if (argv[0] === "look-up" && argv[1] !== undefined) {
    const { printLookUp } = await import("../hal/linux/system-names.ts");
    await printLookUp(argv[1], stdout);
    return 0;
  }
  // Nor this one: see helper/server.ts.
  if (argv[0] === "helper") return runPrivileged(argv.slice(1));
  // Nor this one, of a unit that is started before the network: see main/lock-down.ts.
  if (argv[0] === "lock-down") {
    const { lockDown } = await import("./main/lock-down.ts");
    return lockDown(argv.slice(1), { files: createFiles(), processes: createProcesses(), stderr });
  }
  const command = parseCommandLine(argv);
  if (!command.ok) {
    const { reportUsage } = await import("./control/run-client-command.ts");
    return reportUsage(command.error, stderr);
  }
  switch (command.value.name) {
    case "run":
      return runDaemon(command.value.config);
    case "sim":
      return openBench(command.value);
    case "check": {
      const { checkFromHere } = await import("./main/check.ts");
      const parts = { files: createFiles(), clock: createSystemClock(), processes: createProcesses(), stdout, stderr };
      const lookUpArgv = [process.execPath, program, "look-up"] as const;
      return checkFromHere(command.value, { ...parts, input: process.stdin, lookUpArgv, signal: untilSignalled() });
    }
    case "support": {
      const { createOutput, runSupport } = await import("./main/support.ts");
      const machine = { files: createFiles(), processes: createProcesses(), clock: createSystemClock() };
      const parts = { ...machine, stdout: createOutput(process.stdout), stderr, version, bezel, planChange };
      return runSupport(command.value, { ...parts, signal: untilSignalled() });
    }
    default: {
      const { runClientCommand } = await import("./control/run-client-command.ts");
      const parts = { stdout, stderr, version, clock: createSystemClock(), files: createFiles(), inspect, planChange };
      return runClientCommand(command.value, { ...parts, stdin, untilInterrupted: untilSignalled });
    }
  }
}

/** Aborts at SIGTERM, SIGINT and SIGHUP. */
function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)));
  }
  return controller.signal;
}

/**
 * JSON lines on standard error, or in a file. The writer is loaded when there is first something to say, since pictures come
 * before words; the time of a line is that of the event all the same.
 */
function openLog(level: LogLevel, clock: Clock, file: string | null = null): Log {
  let loading: Promise<{ readonly log: Log }> | null = null;
  const load = async () => {
    const { default: pino } = await import("pino");
    const destination = pino.destination({ dest: file ?? 2, sync: true });
    return { log: pino({ level, base: null, timestamp: false }, destination) };
  };
  const say = (method: keyof Log) => async (fields: object, message: string) => {
    const time = clock.now();
    loading ??= load();
    (await loading).log[method]({ time, ...fields }, message);
  };
  return redaction.over({ debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") });
}

/** The configuration, or its problems after they have been said. */
async function readConfig(files: Files, file: string): Promise<Result<Config, readonly ConfigProblem[]>> {
  const { loadConfig, describeConfigProblem } = await import("./config/load.ts");
  const loaded = await loadConfig(files, file);
  if (!loaded.ok) for (const problem of loaded.error) stderr(`bezel: ${describeConfigProblem(problem)}\n`);
  return loaded;
}

async function runDaemon(file: string): Promise<ExitCode> {
  const files = createFiles();
  const clock = createSystemClock();
  const read = await readConfig(files, file);
  if (!read.ok) {
    const { showBadConfig } = await import("./main/show-bad-config.ts");
    const openBoard = async (board: string) => {
      const opened = await openLinuxBoard(board, files, clock);
      return opened.ok ? opened.value : null;
    };
    await showBadConfig(file, read.error, { files, clock, openPanel: openBoard });
    return 2;
  }
  const config = read.value;
  const [panel, named, { createSerialPorts }] = await Promise.all([
    openPanel(config, files, clock),
    readMachineName(files),
    import("../hal/linux/serial.ts"),
  ]);
  if (!panel.ok) {
    stderr(`bezel: ${file}: panel.board: ${panel.error}\n`);
    return 2;
  }
  const ended = untilSignalled();
  const log = openLog(config.log.level, clock);
  const processes = createProcesses();
  const appliance = createAppliance({
    config,
    product: {
      name: config.product.name,
      version,
      model: config.appliance.model || named.model || "unknown",
      serial: config.appliance.serial || named.serial || "unknown",
    },
    machine: {
      panel: panel.value,
      consoles: createSerialPorts({ clock }),
      power: createPower({ processes }),
      clock,
      processes,
      files,
      notify: createNotify({ socket: process.env.NOTIFY_SOCKET, watchdog: process.env.WATCHDOG_USEC }),
    },
    surroundings: async () => {
      const [{ openNetwork }, { createCurlHttps }, { openSealer }, { createSystemdFileSystems }] = await Promise.all([
        import("./main/network.ts"),
        import("./https/curl.ts"),
        import("./main/sealer.ts"),
        import("../hal/linux/file-systems.ts"),
      ]);
      // Root holds the rights itself, and needs no service manager to lend them.
      const helper = process.getuid?.() === 0 ? helperArgv(file) : null;
      const network = await openNetwork({ config, clock, processes, log, helper, signal: ended });
      return {
        ...network,
        https: createCurlHttps({ processes }),
        sealer: openSealer({ clock, processes, helper }),
        fileSystems: createSystemdFileSystems({ processes, stateDirectory: config.state.directory }),
        healthArgv: healthArgv(config.state.directory),
      };
    },
    random,
    log,
    hide: redaction.hide,
    messageMs,
  });
  await appliance.run(ended);
  return 0;
}

function healthArgv(directory: string): Argv {
  return [process.execPath, program, "health", directory];
}

function helperArgv(file: string): Argv {
  return [process.execPath, program, "helper", "--config", file];
}

/** `bezel helper [--config FILE] [--inside | --seal]`, for the service manager and the daemon. */
async function runPrivileged(args: readonly string[]): Promise<ExitCode> {
  const last = args.at(-1);
  const duty = last === "--inside" ? "inside" : last === "--seal" ? "seal" : "ports";
  const [option, file = defaultConfigFile, ...more] = duty === "ports" ? args : args.slice(0, -1);
  if ((option !== undefined && option !== "--config") || more.length > 0) {
    stderr("bezel helper: takes --config FILE, then --inside or --seal, and nothing else\n");
    return 2;
  }
  const files = createFiles();
  const read = await readConfig(files, file);
  if (!read.ok) return 2;
  const config = read.value;
  const clock = createSystemClock();
  const log = openLog(config.log.level, clock);
  const { runHelper } = await import("./main/helper.ts");
  try {
    await runHelper({ config, clock, files, log, duty, signal: untilSignalled() });
    return 0;
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    stderr(`bezel helper: ${error.message}\n`);
    return 1;
  }
}

async function openBench(command: Extract<Command, { name: "sim" }>): Promise<ExitCode> {
  const clock = createSystemClock();
  const files = createFiles();
  const [{ runBench }, { createCurlHttps }, { defaultConfig }] = await Promise.all([
    import("../sim/run-bench.ts"),
    import("./https/curl.ts"),
    import("./config/load.ts"),
  ]);
  const read = command.config === null ? ok(defaultConfig()) : await readConfig(files, command.config);
  if (!read.ok) return 2;
  const config = read.value;
  try {
    await runBench({
      ...command,
      config,
      version,
      pageDirectory: join(dirname(program), "page"),
      clock,
      files,
      processes: createProcesses(),
      createHttps: (processes) => createCurlHttps({ processes }),
      healthArgv,
      random,
      messageMs,
      input: process.stdin,
      output: process.stdout,
      openLog: (file) => openLog(config.log.level, clock, file),
      hide: redaction.hide,
      signal: untilSignalled(),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    stderr(`bezel sim: ${error.message}\n`);
    return 1;
  }
}

/** A draw from [0, 1). */
function random(): number {
  // The global one: node:crypto would be loaded before the first picture.
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  return draw / 2 ** 32;
}

async function openPanel(config: Config, files: Files, clock: Clock): Promise<Result<FrontPanel, string>> {
  const { board, cols, rows } = config.panel;
  if (board !== "mock") return openLinuxBoard(board, files, clock);
  const { openMockPanel } = await import("../hal/mock/panel.ts");
  return ok(openMockPanel({ clock, cols, rows: rows === 4 ? 4 : 2 }).panel);
}

async function openLinuxBoard(board: string, files: Files, clock: Clock): Promise<Result<FrontPanel, string>> {
  const [{ findBoard }, { openLinuxPanel }] = await Promise.all([
    import("../hal/boards/find-board.ts"),
    import("../hal/linux/panel.ts"),
  ]);
  const found = await findBoard(files, board);
  return found.ok ? ok(openLinuxPanel(found.value, clock)) : failed(found.error.join("\n"));
}

async function inspect(config: Config): Promise<readonly Lack[]> {
  const { inspect } = await import("./main/inspect.ts");
  return inspect(config, { files: createFiles(), processes: createProcesses() });
}

async function planChange(config: Config): Promise<Result<string, string>> {
  const [{ openNetwork }, { planChange }] = await Promise.all([
    import("./main/network.ts"),
    import("./main/plan-change.ts"),
  ]);
  const clock = createSystemClock();
  const ended = new AbortController();
  const parts = { config, clock, processes: createProcesses(), log: silentLog, helper: null, signal: ended.signal };
  try {
    const { backend, scanNetwork } = await openNetwork(parts);
    return await planChange(config, { backend, scanNetwork, files: createFiles(), clock });
  } finally {
    ended.abort();
  }
}

// A rejection is a bug of ours: Node prints it and ends the process, and the service manager starts it again.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
