import { resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Clock } from "../../hal/clock.ts";
import { fromErrno, HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { readMachineName } from "../../hal/linux/product.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import { createFaultFile } from "../appliance/fault-file.ts";
import type { Config } from "../config/config.ts";
import { defaultConfig, describeConfigProblem, loadConfig, showConfig } from "../config/load.ts";
import { type Client, createClient } from "../control/client.ts";
import type { Command } from "../control/command-line.ts";
import { type ExitCode, toJson } from "../control/commands/parts.ts";
import { scanNamespace } from "../helper/scan/links.ts";
import { type Log, silentLog } from "../model/log.ts";
import { createMask } from "../model/mask.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { profileUuids } from "../network/networkmanager/profile.ts";
import { createDurableFolder } from "../settings/durable.ts";
import { readSettings } from "../settings/recover.ts";
import { readSecretValues } from "../settings/secret-values.ts";
import { type Bundle, bundleName, bundleOf, packBundle } from "../support/bundle.ts";
import { gather, type Told } from "../support/gather.ts";
import { supportItems } from "../support/items.ts";
import { openSealer } from "./sealer.ts";

export interface SupportParts {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly version: string;
  /** The program as an argument list, to which a command is added. */
  readonly bezel: Argv;
  /** Where a bundle without a name goes, the working directory by default. */
  readonly directory?: string;
  readonly isRoot?: boolean;
  readonly stdout: Output;
  readonly stderr: (text: string) => void;
  readonly planChange: (config: Config) => Promise<Result<string, string>>;
  /** An interruption ends the gathering, and no file is left. */
  readonly signal: AbortSignal;
}

/** Where the bundle's path goes, or the bundle itself. */
export interface Output {
  readonly isTerminal: boolean;
  /** Resolves when all of it has been taken. Rejects with a HalError. */
  write(content: string | Uint8Array): Promise<void>;
}

export function createOutput(stream: Writable & { readonly isTTY?: boolean }): Output {
  return {
    isTerminal: stream.isTTY === true,
    write: (content) =>
      new Promise((resolve, reject) => {
        // A stream that fails says so twice, and ends the program where nobody listens.
        stream.once("error", () => {});
        stream.write(content, (error) => {
          if (error == null) resolve();
          else reject(fromErrno("standard output", error));
        });
      }),
  };
}

type SupportCommand = Extract<Command, { name: "support" }>;

/** `bezel support`: gathers, masks, packs and writes the bundle. What it cannot have is said in the bundle. */
export async function runSupport({ output, place }: SupportCommand, parts: SupportParts): Promise<ExitCode> {
  const { files, clock, version, stderr, signal, isRoot = process.getuid?.() === 0 } = parts;
  if (output === "-" && parts.stdout.isTerminal) {
    stderr("bezel: support --output - writes a packed file: send it to a file or a program\n");
    return 2;
  }
  const read = await loadConfig(files, place.config);
  const problems = read.ok ? "" : read.error.map(describeConfigProblem).join("\n");
  const config = read.ok ? read.value : defaultConfig();
  const client = createClient(
    place.url === null ? { kind: "socket", path: config.control.socket } : { kind: "url", url: place.url },
    clock,
  );
  const helper: Argv | null = isRoot ? [...parts.bezel, "helper", "--config", place.config] : null;
  const secrets = await readSecretValues(
    files,
    `${config.state.directory}/settings`,
    openSealer({ clock, processes: parts.processes, helper }),
  );
  const known = [...(secrets.ok ? secrets.value.values : []), config.panel.pin].filter((secret) => secret !== "");

  const madeMs = clock.now();
  const madeAt = new Date(madeMs).toISOString();
  const items = supportItems({
    ports: config.network,
    profiles: Object.values(profileUuids),
    scanNamespace,
    stateDirectory: config.state.directory,
    bezel: parts.bezel,
  });
  stderr(`bezel: gathering ${items.length} items, which takes up to a minute\n`);
  const told = toldBy(client, read.ok ? ok(config) : failed(problems), config.state.directory, parts);
  const [gathered, serial] = await Promise.all([gather(items, { ...parts, told }), serialOf(client, config, parts)]);
  const bundle = bundleOf(gathered, createMask(known), {
    madeAt,
    version,
    isRoot,
    secrets: secrets.ok
      ? `${known.length} stored ones were looked for in every file, and masked${unlooked(secrets.value.unknown)}`
      : `the stored ones cannot be read and were not looked for (${secrets.error})`,
  });
  const name = bundleName(serial, madeAt);
  const packed = await packBundle(bundle.files, name, madeMs);
  const delivered = signal.aborted ? interrupted : await deliver(packed, output, `${name}.tar.gz`, parts);
  stderr(delivered.ok ? describeBundle(bundle) : `bezel: ${delivered.error.message}\n`);
  return delivered.ok ? 0 : delivered.error.code;
}

function unlooked(count: number): string {
  return count === 0 ? "" : `; ${count} more cannot be read or opened and were not looked for`;
}

/** For people: what is not in it, and what would help. */
function describeBundle({ files, missing, needRoot }: Bundle): string {
  const byReason = new Map<string, string[]>();
  for (const { file, reason } of missing) {
    const [line = ""] = reason.split("\n", 1);
    byReason.set(line, [...(byReason.get(line) ?? []), file]);
  }
  const reasons = [...byReason].map(([reason, lacking]) => `  ${lacking.join(", ")}: ${reason}\n`);
  return [
    `bezel: ${files.length - missing.length - 1} items are in the bundle, ${missing.length} are missing; its index.txt lists them\n`,
    ...reasons,
    needRoot.length === 0 ? "" : `bezel: as root it would hold more of ${needRoot.join(", ")}\n`,
  ].join("");
}

interface Refusal {
  readonly code: ExitCode;
  readonly message: string;
}

type Delivered = Result<null, Refusal>;

const interrupted: Delivered = failed({ code: 1, message: "interrupted; there is no bundle" });

async function attempt(step: () => Promise<void>, advice: string): Promise<Delivered> {
  try {
    await step();
    return ok(null);
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    if (error.kind === "exists") return failed({ code: 2, message: `${error.device} exists already; ${advice}` });
    return failed({ code: error.kind === "denied" ? 4 : 1, message: `${error.message}; ${advice}` });
  }
}

/** The status names it even where only root may ask the firmware. */
async function serialOf(client: Client, config: Config, { files, signal }: SupportParts): Promise<string> {
  const status = await client.status(signal);
  if (status.ok) return status.value.document.serial;
  return config.appliance.serial || (await readMachineName(files)).serial;
}

/** A configuration that cannot be read says nothing of where the settings are: they are looked for in the usual place. */
function toldBy(
  client: Client,
  config: Result<Config, string>,
  stateDirectory: string,
  { files, clock, planChange }: SupportParts,
): Told {
  return {
    status: async (signal) => {
      const answer = await client.status(signal);
      return answer.ok ? ok(toJson(answer.value.raw)) : failed(answer.error.message);
    },
    faults: async (signal) => {
      const answer = await client.status(signal);
      if (!answer.ok) return storedFaults(files, clock, `${stateDirectory}/faults`, answer.error.message);
      const { fault, faults } = answer.value.document;
      return ok(toJson({ from: "the daemon", fault, faults }));
    },
    screen: async (signal) => {
      const answer = await client.screen(signal);
      return answer.ok ? ok(toJson(answer.value.raw)) : failed(answer.error.message);
    },
    config: async () => (config.ok ? ok(showConfig(config.value)) : config),
    settings: () => storedSettings(files, `${stateDirectory}/settings`),
    plan: async () => (config.ok ? planChange(config.value) : config),
  };
}

/** The history on the disk, for a daemon that does not answer. */
async function storedFaults(
  files: Files,
  clock: Clock,
  directory: string,
  daemon: string,
): Promise<Result<string, string>> {
  try {
    // Without a folder, as without faults, the reader would answer with none.
    await files.list(directory);
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return failed(`${daemon}\n${error.message}`);
  }
  let problem: string | null = null;
  const log: Log = {
    ...silentLog,
    error: (_, message) => {
      problem = message;
    },
  };
  const { faults } = await createFaultFile({ folder: createDurableFolder(files, directory), clock, log }).read();
  if (problem !== null) return failed(`${daemon}\n${problem}`);
  return ok(toJson({ from: "the state directory: the daemon does not answer", faults }));
}

/** Of a secret only its reference is in there. */
async function storedSettings(files: Files, directory: string): Promise<Result<string, string>> {
  try {
    // Without a folder the reader would answer with the factory's settings.
    await files.list(directory);
    return ok(toJson(await readSettings(files, directory)));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return failed(error.message);
  }
}

async function deliver(
  packed: Uint8Array,
  output: string | null,
  defaultName: string,
  { files, stdout, directory = process.cwd(), signal }: SupportParts,
): Promise<Delivered> {
  if (output === "-") return attempt(() => stdout.write(packed), "there is no bundle");
  const path = resolve(directory, output ?? defaultName);
  const created = await attempt(() => files.create(path, packed, 0o600), "choose another name or place with --output");
  if (!created.ok) return created;
  const safe = await attempt(() => files.sync(path), "choose another place with --output");
  if (safe.ok && !signal.aborted) {
    return attempt(() => stdout.write(`${path}\n`), `the bundle is ${path}`);
  }
  await attempt(() => files.remove(path), "");
  return safe.ok ? interrupted : safe;
}
